"""Voice packs of this machine: list, verify, sign, import, restore, remove; and keys to sign with."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from voices.packs import archive, inspection, signing, store
from voices.packs.errors import PackError, UnknownSigner
from voices.packs.pack import Pack, open_pack
from voices.packs.release import release
from voices.packs.shelf import Shelf

_VOICE_DIR = Path(os.environ.get("KIOSK_VOICE_DIR", "var/voice"))


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    _of_shelf(what.add_parser("list", help="the packs of this machine, and which are not used and why"))
    verify = what.add_parser("verify", help="hashes, levels and texts of every clip, and whose signature it is")
    verify.add_argument("pack", type=Path, help="folder or zip file")
    _keys(verify)
    sign = what.add_parser("sign", help="make a signed zip file to carry")
    sign.add_argument("pack", type=Path, help="folder of the pack or of the recordings")
    sign.add_argument("--key", type=Path, required=True, help="private key, see `pack key`")
    sign.add_argument("--out", type=Path, required=True, help="zip file to write")
    sign.add_argument("--reviews", type=Path, nargs="*", default=[], help="files that `voices review` wrote")
    bring = what.add_parser("import", help="take a signed zip file, whole or not at all")
    bring.add_argument("file", type=Path)
    _keys(bring)
    _of_shelf(bring)
    for name, doing in (("remove", "take a pack off the shelf"), ("restore", "go back to the version before")):
        one = what.add_parser(name, help=doing)
        one.add_argument("id")
        _of_shelf(one)
    key = what.add_parser("key", help="a new pair of keys")
    key.add_argument("name", help="whose it is: small letters, digits, hyphens")
    key.add_argument("--out", type=Path, required=True, help="folder")


def _of_shelf(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--packs", type=Path, default=_VOICE_DIR / "packs", help="folder of the packs (%(default)s)")


def _keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keys", type=Path, default=Path("config/voice-keys"), help="public keys that are trusted (%(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    try:
        return _DOINGS[options.what](options)
    except UnknownSigner as error:
        print(f"voices pack {options.what}: {error} {options.keys}", file=sys.stderr)
        return 1
    except PackError as error:
        print(f"voices pack {options.what}: {error}", file=sys.stderr)
        return 1


def _list(options: argparse.Namespace) -> int:
    shelf = Shelf.open(options.packs)
    for pack in shelf.packs:
        print(_described(pack))
    for line in shelf.refused:
        print(line, file=sys.stderr)
    if not shelf.packs and not shelf.refused:
        print(f"no packs in {options.packs}: everything is spoken by the engine")
    return 1 if shelf.refused else 0


def _verify(options: argparse.Namespace) -> int:
    if options.pack.is_dir():
        pack = open_pack(options.pack)
        for row in pack.rows:
            inspection.check_clip(row, *pack.clip(row))
    else:
        pack = archive.look(options.pack)
        archive.check_clips(options.pack)
    print(_described(pack))
    print(f"{len(pack.rows)} clips are what the pack says, at the level of packs")
    if pack.manifest.signature is None:
        print("not signed: made on this machine, or to be signed before it is carried to another")
    else:
        print(f"signed by {signing.verify(pack.manifest, signing.load_keyring(options.keys)).name}")
    return 0


def _sign(options: argparse.Namespace) -> int:
    released = release(options.pack, options.reviews, signing.load_signer(options.key), options.out)
    for which, why in released.left_out.items():
        print(f"left out: {which}: {why}")
    print(_described(released.pack))
    print(f"{options.out}; key {signing.spoken_number(released.key)}")
    return 0


def _import(options: argparse.Namespace) -> int:
    done = archive.bring_in(options.file, options.packs, signing.load_keyring(options.keys))
    print(_described(done.pack))
    print(f"imported, signed by {done.signer.name}; back: python -m voices pack restore {done.pack.manifest.header.id}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    store.remove(options.packs, options.id)
    print(f"{options.id} is off the shelf; back: python -m voices pack restore {options.id}")
    return 0


def _restore(options: argparse.Namespace) -> int:
    print(_described(open_pack(store.restore(options.packs, options.id))))
    return 0


def _key(options: argparse.Namespace) -> int:
    private, public = signing.generate(options.out, options.name)
    print(f"{private}: keep it secret, sign with it")
    print(f"{public}: give it to every machine that shall trust you (folder config/voice-keys)")
    number = signing.number(signing.load_public(public).key)
    print(f"number to compare by telephone: {signing.spoken_number(number)}")
    return 0


_DOINGS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "list": _list,
    "verify": _verify,
    "sign": _sign,
    "import": _import,
    "remove": _remove,
    "restore": _restore,
    "key": _key,
}


def _described(pack: Pack) -> str:
    manifest, header = pack.manifest, pack.manifest.header
    spoken = f"{header.language} {header.accent}".strip()
    reviewed = f"reviewed by {', '.join(manifest.reviewers)}" if manifest.status == "reviewed" else manifest.status
    return f"{header.id}: {spoken}, {header.kind}, {len(pack.rows)} clips, {manifest.created}, {reviewed}"
