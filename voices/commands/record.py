"""Record a pack of one's own, sentence by sentence: with the microphone, or from files that are there already."""

from __future__ import annotations

import argparse
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from voices.commands.choices import chosen_accent, language_arguments
from voices.packs.errors import PackError
from voices.packs.manifest import Header
from voices.packs.pack import MANIFEST
from voices.packs.row import Row
from voices.packs.take import RECORDED
from voices.prompts import load_words
from voices.recording import files
from voices.recording.judge import Judged
from voices.recording.microphone import COUNTDOWN_S, Microphone, MicrophoneError
from voices.recording.script import Line, UnknownKey, lines
from voices.recording.session import Session, recorded_header

_HELP = "回车 开始录 | t 听上一条 | u 撤销上一条 | s 跳过这一句 | q 结束(下次接着录)"
_BAR = 30
_BAR_RANGE_DB = 60.0


def arguments(parser: argparse.ArgumentParser) -> None:
    language_arguments(parser, required=True)
    parser.add_argument("--out", type=Path, help="folder of the recordings; to go on, the same one again")
    parser.add_argument("--list", action="store_true", help="print the whole script and record nothing")
    parser.add_argument("--only", nargs="+", default=[], metavar="KEY", help="these prompts only")
    parser.add_argument("--import", dest="source", type=Path, help="folder of WAVE files called KEY.CLAUSE.wav")
    parser.add_argument("--device", default="default", help="microphone, see `arecord -L` (%(default)s)")
    parser.add_argument("--speaker", default="", help="who is heard, by an identifier; never a name")
    parser.add_argument("--consent", default="", help="where the speaker's written consent is kept")
    parser.add_argument("--author", default="", help="who records; neither of you two can review it")
    parser.add_argument("--licence", default="CC-BY-4.0", help="under which the clips may be used (%(default)s)")
    parser.add_argument("--id", default="", help="identifier of the pack (language, accent, speaker)")


def run(options: argparse.Namespace) -> int:
    accent = chosen_accent(options)
    try:
        script = lines(load_words(), options.lang, accent, options.only)
        if options.list:
            return _print(script)
        if options.out is None:
            raise PackError("请用 --out 指定放录音的文件夹。")
        session = Session.open(options.out, _header(options, accent))
        if options.source:
            return _bring(session, script, options.source)
        return Booth(session, script, Microphone(options.device)).record()
    except UnknownKey as error:
        print(f"voices record: 没有 {error.args[0]} 这条提示,或它不用读出来。", file=sys.stderr)
    except (PackError, MicrophoneError) as error:
        print(f"voices record: {error}", file=sys.stderr)
    return 1


def _header(options: argparse.Namespace, accent: str) -> Header:
    if not options.speaker and (options.out / MANIFEST).exists():
        return recorded_header(options.out)
    if not (options.speaker and options.consent):
        raise PackError("请用 --speaker 写发音人代号(不写真名),用 --consent 写同意书放在哪里。")
    identifier = options.id or "-".join(part for part in (options.lang, accent, options.speaker) if part)
    return Header(
        identifier,
        options.lang,
        accent,
        RECORDED,
        options.licence,
        speaker=options.speaker,
        consent=options.consent,
        author=options.author,
        rate=files.RATE,
    )


def _asked(line: Line, number: int, of: int) -> str:
    said = [f"[{number}/{of}] {line.key} 第 {line.index + 1} 句", f"  屏幕上: {line.shown}"]
    said.append(f"  请  读: {line.reading.script}")
    if line.reading.sound != line.reading.script:
        said.append(f"  台  罗: {line.reading.sound}")
    return "\n".join(said)


def _verdict(judged: Judged) -> str:
    if judged.fault:
        return f"  没有收下: {judged.fault.value}"
    assert judged.measured is not None
    return f"  收下了({judged.measured.speech_s:.1f} 秒,信噪比 {judged.measured.snr_db:.0f} dB)"


def _print(script: Sequence[Line]) -> int:
    try:
        for number, line in enumerate(script, 1):
            print(_asked(line, number, len(script)))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads had enough (`| head`); nothing is written at the end of the program either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _bring(session: Session, script: Sequence[Line], source: Path) -> int:
    """Import what a folder has; says of each file what became of it."""
    found = {path.stem: path for path in sorted(source.glob("*.wav"))}
    refused = 0
    for line in session.waiting(script):
        if path := found.get(line.name):
            judged = session.keep(line, files.read(path))
            refused += judged.fault is not None
            print(f"{path.name}\n{_verdict(judged)}")
    known = {line.name for line in script}
    for name in sorted(set(found) - known):
        refused += 1
        print(f"{name}.wav\n  没有收下: 没有这一句。文件名应是「提示名.第几句」,从 0 数起,见 --list。")
    print(f"已录 {len(session.rows)} 句,还差 {len(session.waiting(script))} 句。")
    return 1 if refused else 0


class Booth:
    """One person at the microphone."""

    def __init__(self, session: Session, script: Sequence[Line], microphone: Microphone) -> None:
        self._session, self._script, self._microphone = session, script, microphone
        self._skipped: set[str] = set()

    def record(self) -> int:
        """:returns: 0 when nothing is left."""
        print(f"已录 {len(self._session.rows)} 句,还差 {len(self._session.waiting(self._script))} 句。\n{_HELP}")
        while line := self._next():
            number = self._script.index(line) + 1
            print(_asked(line, number, len(self._script)), flush=True)
            answer = sys.stdin.readline()
            if not answer or answer.strip() == "q":
                break
            self._obey(answer.strip(), line)
        left = len(self._session.waiting(self._script))
        print(f"已录 {len(self._session.rows)} 句,还差 {left} 句。" + ("下次用同样的命令接着录。" if left else ""))
        return 1 if left else 0

    def _next(self) -> Line | None:
        waiting = self._session.waiting(self._script)
        return next((line for line in waiting if line.name not in self._skipped), None)

    def _obey(self, word: str, line: Line) -> None:
        if word == "":
            raw = self._microphone.take(self.goes_on)
            print("", file=sys.stderr)
            print(_verdict(self._session.keep(line, raw)))
        elif word == "s":
            self._skipped.add(line.name)
        elif word == "u":
            undone = self._session.undo()
            print(f"  撤销了 {undone.han}" if undone else "  没有可以撤销的。")
        elif word == "t":
            self._hear(self._session.rows[-1] if self._session.rows else None)
        else:
            print(f"  {_HELP}")

    def goes_on(self, at_s: float, level_db: float) -> bool:
        """Countdown, then the level as a bar; Enter ends the take."""
        full = round(_BAR * max(level_db + _BAR_RANGE_DB, 0) / _BAR_RANGE_DB)
        left = int((COUNTDOWN_S - at_s) / (COUNTDOWN_S / 3)) + 1
        word = f"准备 {left}" if at_s < COUNTDOWN_S else "请读  "
        print(f"\r  {word} [{'#' * full:{_BAR}}]", end="", file=sys.stderr, flush=True)
        if not sys.stdin.isatty() or not select.select([sys.stdin], [], [], 0)[0]:
            return True
        sys.stdin.readline()
        return False

    def _hear(self, row: Row | None) -> None:
        if row is None:
            print("  还没有录。")
            return
        try:
            subprocess.run(["aplay", "-q", str(self._session.folder / row.file)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"  放不出来({error})。请检查喇叭。")
