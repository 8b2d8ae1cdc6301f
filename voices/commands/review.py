"""Have native speakers hear every text, on a page of this machine; or print what they found as a list of changes."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from voices.commands.choices import chosen_accent, language_arguments
from voices.packs import reviews
from voices.packs.errors import PackError
from voices.packs.pack import open_pack
from voices.prompts import load_words
from voices.review import patch
from voices.review.desk import Desk
from voices.review.items import Item, of_pack, of_texts
from voices.review.server import Server
from voices.worker.espeak import EngineError, Espeak

_VOICE_DIR = Path(os.environ.get("KIOSK_VOICE_DIR", "var/voice"))


def arguments(parser: argparse.ArgumentParser) -> None:
    language_arguments(parser)
    parser.add_argument("--pack", type=Path, help="folder of a pack: its clips are heard instead of the texts")
    parser.add_argument("--author", default="", help="who wrote what is heard; that person's word is refused")
    parser.add_argument("--data", type=Path, default=_VOICE_DIR, help="folder that `build` filled (%(default)s)")
    parser.add_argument(
        "--results", type=Path, default=_VOICE_DIR / "reviews.jsonl", help="added to, never overwritten"
    )
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument(
        "--apply", type=Path, nargs="+", metavar="FILE", help="print these results as a list of changes"
    )


def run(options: argparse.Namespace) -> int:
    try:
        return _apply(options) if options.apply else _serve(options)
    except PackError as error:
        print(f"voices review: {error}", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"voices review: {error.filename} is missing; install the project whole", file=sys.stderr)
    except OSError as error:
        print(f"voices review: port {options.port}: {error.strerror}; take another", file=sys.stderr)
    return 1


def _serve(options: argparse.Namespace) -> int:
    pack = open_pack(options.pack) if options.pack else None
    header = pack.manifest.header if pack else None
    own = [options.author, *((header.speaker, header.author) if header else ())]
    items = of_pack(pack) if pack else _items(options)
    reviews.read(options.results)
    desk = Desk(items, options.results, _engine(options.data), pack, own)
    with Server(desk, options.port) as server:
        print(
            f"{len(items)} 条要听。用浏览器打开: {server.url}\n结果记在 {options.results}。按 Ctrl+C 结束。", flush=True
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("结束了。结果都记下来了。")
    return 0


def _items(options: argparse.Namespace) -> tuple[Item, ...]:
    return of_texts(load_words(), options.lang, chosen_accent(options))


def _engine(data: Path) -> Espeak | None:
    """None without the built voice: clips can be heard, texts say what is missing."""
    if not (data / "espeak-ng-data" / "phontab").is_file():
        return None
    try:
        return Espeak(data)
    except EngineError:
        return None


def _apply(options: argparse.Namespace) -> int:
    found = [review for file in options.apply for review in _existing(file)]
    items = _items(options)
    verdicts, left_out = patch.gather(items, found, [options.author])
    other = [review for review in found if (review.lang, review.accent) != (items[0].lang, items[0].accent)]
    for line in patch.listed(verdicts):
        print(line)
    if left_out:
        print(f"\n{options.author} 是写字的人,自己的 {len(left_out)} 条不算。", file=sys.stderr)
    if other:
        print(f"\n另有 {len(other)} 条是别的话或别的腔,没有列;用 --lang、--accent 另列。", file=sys.stderr)
    heard = sum(bool(each.said) for each in verdicts)
    print(f"\n{heard} / {len(verdicts)} 条有人听过。没有改动任何文件。")
    return 0


def _existing(file: Path) -> list[reviews.Review]:
    if not file.is_file():
        raise PackError(f"{file} is not there; it is what `voices review --results` wrote")
    return reviews.read(file)
