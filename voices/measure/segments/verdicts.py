"""The gate of the segments: every contrast identified, every contrast the right way round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from voices.measure.gate import Bench, Gate
from voices.measure.segments.bench import LEAST_IDENTIFIED, LEAST_RIGHT_WAY, Verdict, judge
from voices.measure.segments.contrasts import Contrast, load
from voices.measure.segments.espeak_voice import EspeakVoice
from voices.measure.segments.hall import InTheHall
from voices.measure.segments.rendering import SegmentVoice
from voices.pipeline import accent

LEAST_IN_THE_HALL = 0.90


def gates(bench: Bench) -> list[Gate]:
    """Three rows for each accent; the fast subset is the quick contrasts of one accent, in quiet.

    :raises EngineError: no engine or no built voice in `bench.data`.
    """
    names = accent.names()[:1] if bench.fast else accent.names()
    rows: list[Gate] = []
    for name in names:
        voice = EspeakVoice(bench.data, accent.load(name).voice)
        rows += both(name, [judge(voice, contrast) for contrast in chosen(bench.fast)])
        if not bench.fast:
            rows.append(in_the_hall(name, voice))
    return rows


def chosen(fast: bool) -> Iterable[Contrast]:
    return [contrast for contrast in load() if contrast.quick or not fast]


def both(name: str, verdicts: Sequence[Verdict]) -> list[Gate]:
    """The rows of one voice, `name` for people."""
    told = _row(
        f"segments told apart, {name}",
        "renders identified in words never heard",
        LEAST_IDENTIFIED,
        {verdict.contrast.name: verdict.identified for verdict in verdicts},
    )
    right = _row(
        f"segments the right way round, {name}",
        "pairs ordered as the textbook says",
        LEAST_RIGHT_WAY,
        {verdict.contrast.name: verdict.right_way for verdict in verdicts},
    )
    return [told, right]


def in_the_hall(name: str, voice: SegmentVoice) -> Gate:
    """What old ears still tell apart; the textbook's measures are for a quiet room."""
    verdicts = [judge(InTheHall(voice), contrast) for contrast in load()]
    return _row(
        f"segments told apart in a hall, {name}",
        "renders identified through murmur, nothing above 4 kHz,",
        LEAST_IN_THE_HALL,
        {verdict.contrast.name: verdict.identified for verdict in verdicts},
    )


def _row(name: str, what: str, least: float, figures: dict[str, float]) -> Gate:
    failed = {pair: round(figure, 3) for pair, figure in figures.items() if figure < least}
    weakest = min(figures, key=lambda pair: figures[pair])
    return Gate(
        name,
        f"{what} >= {least:.0%} in every contrast",
        f"{len(figures) - len(failed)} of {len(figures)} contrasts; least {figures[weakest]:.1%} ({weakest})",
        not failed,
        {"failed": failed, "contrasts": {pair: round(figure, 3) for pair, figure in figures.items()}},
    )
