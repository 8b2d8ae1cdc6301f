"""Pinyin by the eight letter keys of a telephone: librime with a schema of our own over its dictionary luna_pinyin.

The schema turns syllables into digits; words, their weights and the simplified characters are Debian's. There is no
user dictionary: nothing is learnt, so nobody sees what somebody else has typed.
"""

from __future__ import annotations

import re
from ctypes import byref
from pathlib import Path

from kiosk.input_worker import kept
from kiosk.input_worker.library import Missing
from kiosk.input_worker.rime_api import CandidateList, Commit, Context, Rime, Traits, sized

SHARED = Path("/usr/share/rime-data")
MOST_SUGGESTIONS = 36
_ERRORS_ONLY = 2
_ID = "tshu_keys"
_SCHEMA = f"""\
__include: luna_pinyin_simp.schema:/
schema: {{schema_id: {_ID}, name: keys, version: "1", dependencies: []}}
engine:
  processors: [speller, selector]
  segmentors: [abc_segmentor, fallback_segmentor]
  translators: [script_translator]
  filters: [simplifier, uniquifier]
speller:
  alphabet: "23456789"
  initials: "23456789"
  delimiter: "'"
  algebra:
    - xform/^ng$/en/
    - xform/^n$/en/
    - derive/^([nl])ve$/$1ue/
    - derive/^([nl])v/$1u/
    - erase/^xx$/
    - xlit/abcdefghijklmnopqrstuvwxyz/22233344455566677778889999/
translator:
  dictionary: luna_pinyin
  prism: {_ID}
  enable_user_dict: false
  enable_sentence: true
  enable_completion: true
  preedit_format: []
  comment_format: []
"""
_REST = re.compile(r"[2-9']*$")
_ANY_WORD = "64426"
"""The keys of a greeting: any dictionary has words for them."""


class Pinyin:
    """The schema's syllables are compiled once for a machine, which takes about two seconds, and kept."""

    def __init__(self, folder: Path, shared: Path = SHARED) -> None:
        """
        :param folder: empty and private; what librime writes goes there.
        :raises Missing: library or dictionary is not there, or what the schema made of it gives no words.
        """
        if not (shared / "build" / "luna_pinyin.table.bin").is_file():
            raise Missing("no dictionary luna_pinyin; it comes with the package rime-data-luna-pinyin")
        self._rime = Rime()
        (folder / f"{_ID}.schema.yaml").write_text(_SCHEMA, encoding="utf-8")
        self._traits = _traits(folder, shared)
        self._rime.call("setup", byref(self._traits))
        self._rime.call("deployer_initialize", byref(self._traits))
        by = f"librime {self._rime.call('get_version').decode()}\n{_SCHEMA}"
        compiled = kept.place(by, (*shared.glob("*.yaml"), *(shared / "build").iterdir()))
        is_kept = kept.take(compiled, folder / "build")
        if not is_kept:
            self._compile(folder)
        self._rime.call("initialize", byref(self._traits))
        self._session = self._rime.call("create_session")
        if not self._rime.call("select_schema", self._session, _ID.encode()):
            raise Missing("librime does not take the schema of the keys")
        self._rime.call("set_option", self._session, b"zh_simp", 1)
        if not self._texts(_ANY_WORD):
            raise Missing(
                "the keys of pinyin give no words: what their schema includes is not there; "
                "it comes with the packages rime-prelude, rime-essay and rime-data-luna-pinyin"
            )
        self._rime.call("clear_composition", self._session)
        if not is_kept:
            kept.keep(folder / "build", compiled)

    def _compile(self, folder: Path) -> None:
        if not self._rime.call("deploy_schema", str(folder / f"{_ID}.schema.yaml").encode()):
            raise Missing("the schema of the keys cannot be compiled from the package rime-data-luna-pinyin")
        for made in ("table", "reverse"):
            # Compiled anew without the words' weights, which are no package of their own; Debian's have them.
            (folder / "build" / f"luna_pinyin.{made}.bin").unlink(missing_ok=True)

    def suggest(self, code: str) -> list[tuple[str, str]]:
        """Words for these keys with what each leaves of them, the likely one first."""
        texts = self._texts(code)
        found = [(text, self._rest(code, at)) for at, text in enumerate(texts)]
        self._rime.call("clear_composition", self._session)
        return found

    def _begin(self, code: str) -> CandidateList:
        self._rime.call("clear_composition", self._session)
        self._rime.call("set_input", self._session, code.encode())
        return CandidateList()

    def _texts(self, code: str) -> list[str]:
        listed = self._begin(code)
        texts: list[str] = []
        if self._rime.call("candidate_list_begin", self._session, byref(listed)):
            while len(texts) < MOST_SUGGESTIONS and self._rime.call("candidate_list_next", byref(listed)):
                texts.append(listed.candidate.text.decode())
            self._rime.call("candidate_list_end", byref(listed))
        return texts

    def _rest(self, code: str, at: int) -> str:
        """What is left when this one is taken: librime itself takes it and shows."""
        listed = self._begin(code)
        if self._rime.call("candidate_list_begin", self._session, byref(listed)):
            self._rime.call("candidate_list_end", byref(listed))
        self._rime.call("select_candidate", self._session, at)
        commit = sized(Commit())
        if self._rime.call("get_commit", self._session, byref(commit)):
            self._rime.call("free_commit", byref(commit))
            return ""
        context = sized(Context())
        self._rime.call("get_context", self._session, byref(context))
        shown = (context.composition.preedit or b"").decode()
        self._rime.call("free_context", byref(context))
        last = _REST.search(shown)
        rest = last.group().replace("'", "") if last else ""
        return rest if code.endswith(rest) else ""


def _traits(folder: Path, shared: Path) -> Traits:
    traits: Traits = sized(Traits())
    traits.shared_data_dir, traits.user_data_dir = str(shared).encode(), str(folder).encode()
    traits.name, traits.code_name, traits.version, traits.app = b"keys", b"keys", b"1", b"rime.keys"
    traits.min_log_level, traits.log_dir = _ERRORS_ONLY, b""
    return traits
