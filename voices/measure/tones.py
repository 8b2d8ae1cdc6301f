"""The seven citation tones on many rhymes: does the pitch that is heard follow the accent's tone letters?

What it does not show: that the table is right for Xiang'an. Only a native listener can say that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voices.measure import plots
from voices.measure.fit import Contour, Fit, fit, nearest
from voices.measure.gate import Bench, Gate
from voices.measure.hear import EngineMouth, Mouth
from voices.pipeline import accent as accents
from voices.pipeline import pitch
from voices.pipeline.accent import Accent

LEAST_CORRELATION = 0.97
MOST_ERROR_CHAO = 0.35
LEAST_IDENTIFIED = 0.98
POINTS = 7

# Open, nasal and nasal-coda rhymes with initials of all kinds; the checked ones end in -h -p -t -k.
OPEN = (
    "sa",
    "ti",
    "kau",
    "sue",
    "tsu",
    "hoo",
    "lai",
    "kio",
    "sann",
    "tinn",
    "kuann",
    "kam",
    "tshin",
    "hun",
    "tong",
    "png",
)
CHECKED = ("sah", "tiah", "sueh", "kuah", "siap", "kip", "tit", "tsut", "pat", "kak", "pik", "hok")
Rhymes = tuple[Sequence[str], Sequence[str]]
"""Open and nasal ones, checked ones."""
ALL: Rhymes = (OPEN, CHECKED)
FAST: Rhymes = (OPEN[::2], CHECKED[:8])
"""Eight of each: as many as the gate asks for."""
TONES = "1234578"


@dataclass(frozen=True, slots=True)
class Tone:
    """One syllable in citation: its contour in semitones above 55 Hz."""

    text: str
    contour: Contour

    @property
    def code(self) -> str:
        return self.text[-1]


@dataclass(frozen=True, slots=True)
class Toned:
    """An accent's tones as measured; `taken_for` names the syllables whose nearest tone is another."""

    accent: Accent
    tones: Sequence[Tone]
    line: Fit
    taken_for: dict[str, str]

    @property
    def identified(self) -> float:
        return 1 - len(self.taken_for) / len(self.tones)


def gates(bench: Bench) -> list[Gate]:
    mouth = EngineMouth(bench.data)
    found: list[Gate] = []
    for name in accents.names():
        toned = measure(mouth, accents.load(name), FAST if bench.fast else ALL)
        draw(toned, bench.out / f"tones-{name}.png")
        found += judge(toned)
    return found


def measure(mouth: Mouth, accent: Accent, rhymes: Rhymes = ALL) -> Toned:
    """:raises ValueError: a syllable without voice."""
    texts = [rhyme + tone for tone in TONES for rhyme in rhymes[tone in "48"]]
    tones = [Tone(text, mouth.speak(accent.voice, [text]).contours(POINTS)[0]) for text in texts]
    line = fit([tone.contour for tone in tones], [pitch.wanted(accent.contours[tone.code], POINTS) for tone in tones])
    guesses = {tone.text: _guess(tone, accent, line) for tone in tones}
    return Toned(accent, tones, line, {text: guess for text, guess in guesses.items() if guess != text[-1]})


def _guess(tone: Tone, accent: Accent, line: Fit) -> str:
    """A checked syllable is heard to be one by its length and end: only tones of its kind compete."""
    kind = "48" if tone.code in "48" else "12357"
    return nearest(line.chao(tone.contour), {code: accent.contours[code] for code in kind})


def judge(toned: Toned) -> list[Gate]:
    name, line, count = toned.accent.name, toned.line, len(toned.tones)
    rhymes = count // len(TONES)
    return [
        Gate(
            f"tones {name}: contour",
            f"correlation >= {LEAST_CORRELATION}",
            f"{line.correlation:.3f} ({count} syllables, {rhymes} rhymes a tone)",
            line.correlation >= LEAST_CORRELATION,
            {"correlation": line.correlation, "syllables": count},
        ),
        Gate(
            f"tones {name}: error",
            f"<= {MOST_ERROR_CHAO} Chao",
            f"{line.error_chao:.2f} Chao",
            line.error_chao <= MOST_ERROR_CHAO,
            {"error_chao": line.error_chao},
        ),
        Gate(
            f"tones {name}: identified",
            f">= {LEAST_IDENTIFIED:.0%}",
            f"{toned.identified:.1%} ({count - len(toned.taken_for)} of {count})",
            toned.identified >= LEAST_IDENTIFIED,
            {"taken_for": toned.taken_for},
        ),
    ]


def draw(toned: Toned, path: Path) -> None:
    """A panel a tone: every rhyme's contour and the one that is wanted."""
    panels = []
    for code in TONES:
        levels = toned.accent.contours[code]
        own = [tone for tone in toned.tones if tone.code == code]
        curves = [_curve(tone, toned) for tone in own]
        curves.append(plots.Curve(0.08, 0.92, list(pitch.wanted(levels, POINTS)), plots.WANTED, 4))
        missed = any(tone.text in toned.taken_for for tone in own)
        panels.append(plots.Panel(f"tone {code}: {''.join(map(str, levels))}, {len(own)} rhymes", curves, missed))
    title = f"{toned.accent.name}: citation tones, correlation {toned.line.correlation:.3f}"
    plots.sheet(path, f"{title}, error {toned.line.error_chao:.2f} Chao", panels, 4, (290, 250))


def _curve(tone: Tone, toned: Toned) -> plots.Curve:
    colour = plots.WRONG if tone.text in toned.taken_for else plots.MEASURED
    return plots.Curve(0.08, 0.92, list(toned.line.chao(tone.contour)), colour, 1)
