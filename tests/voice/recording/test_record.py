"""`python -m voices record` with the real arecord, whose sound card is ALSA's own file and null plugins."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from drivers.sim.lifetime import ends_with_us
from voices.__main__ import main
from voices.commands.record import Booth as Recorder
from voices.packs import archive, reviews, signing
from voices.packs.errors import PackError
from voices.packs.pack import open_pack
from voices.packs.release import release
from voices.packs.shelf import Shelf
from voices.packs.take import RECORDED
from voices.reading import Reading
from voices.recording.judge import Fault
from voices.recording.microphone import COUNTDOWN_S, Microphone
from voices.recording.script import Line
from voices.recording.session import Session

from .studio import RATE, SPEAKER, Samples, Speaker, in_a_room

ROOT = Path(__file__).resolve().parents[3]
KEYS = ["welcome.start_nan", "welcome.start_cmn", "choose.other"]


@dataclass
class Booth:
    """The command as a process, and the card that its arecord hears."""

    process: subprocess.Popen[str]
    card: Path

    def until(self, wanted: str) -> str:
        """Read on to the line that holds `wanted`."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if wanted in line:
                return line
        raise AssertionError(f"it ended before it said {wanted!r}")

    def answer(self, word: str = "") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def speak(self, sound: Samples) -> None:
        self.card.write_bytes(sound.tobytes())
        self.answer()

    def end(self) -> int:
        self.answer("q")
        return self.process.wait(timeout=30)


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the sound card hears; `arecord -D booth` reads it at any speed."""
    heard = tmp_path / "heard.raw"
    config = f'pcm.booth {{ type file slave.pcm {{ type null }} file "/dev/null" infile "{heard}" format "raw" }}'
    (tmp_path / "asound.conf").write_text(config, encoding="ascii")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    return heard


StartBooth = Callable[..., Booth]


@pytest.fixture
def start(card: Path, tmp_path: Path) -> Iterator[StartBooth]:
    booths: list[Booth] = []

    def begin(*more: str) -> Booth:
        command = [sys.executable, "-m", "voices", "record", "--lang", "nan", "--out", str(tmp_path / "rec")]
        process = subprocess.Popen(
            ends_with_us([*command, "--device", "booth", *more]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        )
        booths.append(Booth(process, card))
        return booths[-1]

    yield begin
    for booth in booths:
        if booth.process.poll() is None:
            booth.process.kill()
        for pipe in (booth.process.stdin, booth.process.stdout):
            assert pipe is not None
            pipe.close()
        booth.process.wait()


def reading(script: tuple[Line, ...], key: str) -> Line:
    return next(line for line in script if line.key == key)


def test_she_records_is_told_what_is_wrong_goes_back_and_goes_on_tomorrow(
    start: StartBooth, speaker: Speaker, script: tuple[Line, ...], tmp_path: Path
) -> None:
    said = {key: in_a_room(speaker.say(reading(script, key).reading)) for key in KEYS}
    booth = start("--only", *KEYS, *SPEAKER)
    assert "thiann1 ban5-lam5-ue7" in booth.until("台  罗")
    booth.speak(in_a_room(speaker.say(reading(script, KEYS[0]).reading), gain_db=30))
    assert Fault.CLIPPED.value in booth.until("没有收下")
    booth.speak(said[KEYS[0]])
    booth.until("收下了")
    booth.speak(said[KEYS[1]])
    booth.until("收下了")
    booth.answer("u")
    assert "听普通话" in booth.until("撤销了")
    assert booth.end() == 1, "two are left"

    again = start("--only", *KEYS)
    assert "已录 1 句,还差 2 句" in again.until("已录")
    for key in KEYS[1:]:
        again.until("台  罗")
        again.speak(said[key])
        again.until("收下了")
    assert "还差 0 句" in again.until("还差")
    assert again.process.wait(timeout=30) == 0

    pack = open_pack(tmp_path / "rec")
    assert [row.key for row in pack.rows] == KEYS
    assert {(row.status, row.reviewers) for row in pack.rows} == {("machine", ())}
    assert len(list((tmp_path / "rec" / "raw").glob("*.wav"))) == 5, "every take is kept as it came"


def test_a_take_ends_by_itself_when_she_is_silent(card: Path, speaker: Speaker, script: tuple[Line, ...]) -> None:
    sound = in_a_room(speaker.say(reading(script, KEYS[0]).reading), after_s=4.0)
    card.write_bytes(sound.tobytes())
    times: list[float] = []
    raw = Microphone("booth").take(lambda at_s, level_db: times.append(at_s) is None)
    assert len(raw) < len(sound) - 2 * RATE
    assert times[0] < COUNTDOWN_S < times[-1]


def test_enter_ends_a_take(card: Path, speaker: Speaker, script: tuple[Line, ...]) -> None:
    card.write_bytes(in_a_room(speaker.say(reading(script, KEYS[0]).reading)).tobytes())
    assert len(Microphone("booth").take(lambda at_s, level_db: at_s < 2.0)) == pytest.approx(2 * RATE, rel=0.05)


def test_enter_on_her_keyboard_ends_the_take_and_nothing_else_does(
    recorded: Path, script: tuple[Line, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard, terminal = pty.openpty()
    with os.fdopen(terminal, encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        session = Session.open(recorded, open_pack(recorded).manifest.header)
        booth = Recorder(session, script, Microphone("booth"))
        assert booth.goes_on(1.0, -40.0) and booth.goes_on(2.0, -20.0)
        os.write(keyboard, b"\n")
        assert not booth.goes_on(2.0, -20.0)
        assert booth.goes_on(2.1, -20.0), "the same press does not end the next take too"
    os.close(keyboard)


def record(*words: str | Path) -> tuple[int, str]:
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        code = main(["record", "--lang", "nan", *map(str, words)])
    return code, printed.getvalue()


def test_no_such_microphone_is_said_with_what_to_do(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    code, said = record("--out", tmp_path / "rec", "--device", "nowhere", "--only", KEYS[0], *SPEAKER)
    assert code == 1 and "录不了音" in said and "arecord -L" in said


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--out", "OUT"], "--consent"),
        (["--only", "no.such.key"], "no.such.key"),
        (SPEAKER, "--out"),
        (["--out", "OUT", "--only", "slip.title", *SPEAKER], "slip.title"),
    ],
)
def test_what_is_missing_is_named(words: list[str], complaint: str, tmp_path: Path) -> None:
    code, said = record(*(str(tmp_path / "rec") if word == "OUT" else word for word in words))
    assert code == 1 and complaint in said


def test_the_script_can_be_printed(script: tuple[Line, ...]) -> None:
    code, said = record("--list")
    assert code == 0 and said.count("请  读") == len(script)


def save(path: Path, sound: Samples, rate: int = RATE, channels: int = 1, width: int = 2) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(sound.tobytes())


@pytest.fixture
def recorded(speaker: Speaker, script: tuple[Line, ...], tmp_path: Path) -> Path:
    """A folder of recordings, imported from files."""
    source = tmp_path / "files"
    source.mkdir()
    for key in KEYS:
        save(source / f"{key}.0.wav", in_a_room(speaker.say(reading(script, key).reading)))
    code, said = record("--out", tmp_path / "rec", "--only", *KEYS, "--import", source, *SPEAKER)
    assert code == 0, said
    return tmp_path / "rec"


def test_files_from_elsewhere_are_imported_and_the_bad_ones_named(
    speaker: Speaker, script: tuple[Line, ...], tmp_path: Path
) -> None:
    source = tmp_path / "files"
    source.mkdir()
    good = in_a_room(speaker.say(reading(script, KEYS[0]).reading))
    save(source / f"{KEYS[0]}.0.wav", good.repeat(2), channels=2)
    save(source / f"{KEYS[1]}.0.wav", in_a_room(good, room_db=-45))
    save(source / "something.else.0.wav", good)
    code, said = record("--out", tmp_path / "rec", "--only", *KEYS, "--import", source, *SPEAKER)
    assert code == 1
    assert "收下了" in said and Fault.NOISY.value in said and "something.else.0.wav\n  没有收下" in said
    assert [row.key for row in open_pack(tmp_path / "rec").rows] == [KEYS[0]]
    save(source / f"{KEYS[1]}.0.wav", good, rate=22_050)
    code, said = record("--out", tmp_path / "rec", "--only", *KEYS, "--import", source, *SPEAKER)
    assert code == 1 and "48000 Hz" in said
    (source / f"{KEYS[1]}.0.wav").write_bytes(b"RIFF")
    assert "不是能读的" in record("--out", tmp_path / "rec", "--import", source, *SPEAKER)[1]


def test_another_speaker_does_not_come_into_the_same_folder(recorded: Path) -> None:
    code, said = record("--out", recorded, "--speaker", "speaker-2", "--consent", "box 1", "--list")
    assert code == 0, "printing changes nothing"
    code, said = record("--out", recorded, "--speaker", "speaker-2", "--consent", "box 1")
    assert code == 1 and "另一个录音包" in said


def test_a_run_that_ended_between_two_files_goes_on(recorded: Path) -> None:
    """The table is newer than the manifest, and one clip was not written to its end."""
    table = recorded / "prompts.tsv"
    header = open_pack(recorded).manifest.header
    first, *others = open_pack(recorded).rows
    table.write_text("\n".join([*table.read_text(encoding="utf-8").splitlines()[:-1], ""]), encoding="utf-8")
    (recorded / first.file).write_bytes(b"RIFF")
    assert [row.key for row in Session.open(recorded, header).rows] == [row.key for row in others[:-1]]
    assert len(open_pack(recorded).rows) == 1


def test_a_changed_text_is_to_be_recorded_again(recorded: Path, script: tuple[Line, ...]) -> None:
    session = Session.open(recorded, open_pack(recorded).manifest.header)
    line = reading(script, KEYS[0])
    assert session.waiting([line]) == []
    changed = replace(line, reading=Reading(line.reading.script, line.reading.sound.replace("thiann1", "thing1")))
    assert session.waiting([changed]) == [changed]


def judged(
    folder: Path, file: Path, who: str, verdict: str = reviews.RIGHT, keys: tuple[str, ...] = tuple(KEYS)
) -> None:
    for row in open_pack(folder).rows:
        if row.key in keys:
            review = reviews.Review(
                "2026-11-02T10:00:00+08:00",
                who,
                "nan",
                "tongan",
                row.key,
                row.index,
                row.han,
                row.tailo,
                row.sha256,
                verdict,
            )
            reviews.add(file, review)


@pytest.fixture
def signer(tmp_path: Path) -> signing.Signer:
    private, _ = signing.generate(tmp_path / "keys", "district")
    return signing.load_signer(private)


def test_two_others_find_it_right_then_it_is_signed_carried_and_heard(
    recorded: Path, signer: signing.Signer, script: tuple[Line, ...], tmp_path: Path
) -> None:
    file = tmp_path / "reviews.jsonl"
    judged(recorded, file, "chen")
    judged(recorded, file, "lin", keys=(KEYS[0], KEYS[1]))
    judged(recorded, file, "huang", reviews.WRONG, keys=(KEYS[1],))
    done = release(recorded, [file], signer, tmp_path / "pack.zip")
    assert [row.key for row in done.pack.rows] == [KEYS[0]]
    assert done.left_out == {
        f"{KEYS[1]} clause 0": "huang found it wrong; record it again",
        f"{KEYS[2]} clause 0": "1 more reviewers have to find it right",
    }
    (tmp_path / "keys" / "district.private.pem").unlink()
    archive.bring_in(tmp_path / "pack.zip", tmp_path / "packs", signing.load_keyring(tmp_path / "keys"))
    shelf = Shelf.open(tmp_path / "packs")
    take = shelf.find("nan", "tongan", KEYS[0], 0, reading(script, KEYS[0]).reading)
    assert take is not None and take.layer == RECORDED and take.rate == RATE
    assert shelf.describe()[0]["status"] == "reviewed" and shelf.describe()[0]["reviewers"] == ["chen", "lin"]


@pytest.mark.parametrize("second", ["chen", " CHEN", "speaker-1", "wang"])
def test_one_person_twice_the_speaker_and_the_author_are_not_two_reviewers(
    second: str, recorded: Path, signer: signing.Signer, tmp_path: Path
) -> None:
    file = tmp_path / "reviews.jsonl"
    judged(recorded, file, "chen")
    judged(recorded, file, second)
    with pytest.raises(PackError, match="right by two reviewers"):
        release(recorded, [file], signer, tmp_path / "pack.zip")


def test_a_review_counts_for_the_clip_that_was_heard_and_the_last_word_counts(
    recorded: Path, signer: signing.Signer, speaker: Speaker, script: tuple[Line, ...], tmp_path: Path
) -> None:
    file = tmp_path / "reviews.jsonl"
    judged(recorded, file, "chen", reviews.WRONG, keys=(KEYS[0],))
    judged(recorded, file, "chen", keys=(KEYS[0], KEYS[1]))
    judged(recorded, file, "lin", keys=(KEYS[0], KEYS[1]))
    session = Session.open(recorded, open_pack(recorded).manifest.header)
    line = reading(script, KEYS[1])
    session.keep(line, in_a_room(speaker.say(line.reading), gain_db=-3))
    done = release(recorded, [file], signer, tmp_path / "pack.zip")
    assert [row.key for row in done.pack.rows] == [KEYS[0]], "the other one was recorded anew after the reviews"
