"""librime's C interface (rime_api.h 1.13) as far as it is used: a table of functions that the library hands out.

Its old C names are not exported any more, so every function is called by its place in the table.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_int, c_size_t, c_void_p
from typing import Any

from kiosk.input_worker.library import Missing, open_library

_FUNCTIONS = 90
"""So far in the table, which begins with its own size."""


class Traits(Structure):
    _fields_ = (
        ("data_size", c_int),
        *((name, c_char_p) for name in ("shared_data_dir", "user_data_dir", "name", "code_name", "version", "app")),
        ("modules", POINTER(c_char_p)),
        ("min_log_level", c_int),
        *((name, c_char_p) for name in ("log_dir", "prebuilt_data_dir", "staging_dir")),
    )


class Candidate(Structure):
    _fields_ = (("text", c_char_p), ("comment", c_char_p), ("reserved", c_void_p))


class CandidateList(Structure):
    _fields_ = (("ptr", c_void_p), ("index", c_int), ("candidate", Candidate))


class Composition(Structure):
    _fields_ = (
        *((name, c_int) for name in ("length", "cursor_pos", "sel_start", "sel_end")),
        ("preedit", c_char_p),
    )


class Menu(Structure):
    _fields_ = (
        *((name, c_int) for name in ("page_size", "page_no", "is_last_page", "highlighted", "num_candidates")),
        ("candidates", POINTER(Candidate)),
        ("select_keys", c_char_p),
    )


class Context(Structure):
    _fields_ = (
        ("data_size", c_int),
        ("composition", Composition),
        ("menu", Menu),
        ("commit_text_preview", c_char_p),
        ("select_labels", POINTER(c_char_p)),
    )


class Commit(Structure):
    _fields_ = (("data_size", c_int), ("text", c_char_p))


class Table(Structure):
    _fields_ = (("data_size", c_int), ("functions", c_void_p * _FUNCTIONS))


SIGNATURES: dict[str, tuple[int, Any, tuple[Any, ...]]] = {
    "get_version": (72, c_char_p, ()),
    "setup": (0, None, (POINTER(Traits),)),
    "deployer_initialize": (7, None, (POINTER(Traits),)),
    "initialize": (2, None, (POINTER(Traits),)),
    "deploy_schema": (10, c_int, (c_char_p,)),
    "create_session": (13, c_size_t, ()),
    "select_schema": (34, c_int, (c_size_t, c_char_p)),
    "set_option": (27, None, (c_size_t, c_char_p, c_int)),
    "set_input": (89, c_int, (c_size_t, c_char_p)),
    "clear_composition": (20, None, (c_size_t,)),
    "candidate_list_begin": (75, c_int, (c_size_t, POINTER(CandidateList))),
    "candidate_list_next": (76, c_int, (POINTER(CandidateList),)),
    "candidate_list_end": (77, None, (POINTER(CandidateList),)),
    "select_candidate": (71, c_int, (c_size_t, c_size_t)),
    "get_commit": (21, c_int, (c_size_t, POINTER(Commit))),
    "free_commit": (22, c_int, (POINTER(Commit),)),
    "get_context": (23, c_int, (c_size_t, POINTER(Context))),
    "free_context": (24, c_int, (POINTER(Context),)),
}
"""Name -> place in the table, what it gives, what it takes."""


def sized(made: Any) -> Any:
    """A structure that says how large it is, as the library asks (RIME_STRUCT_INIT)."""
    made.data_size = ctypes.sizeof(made) - ctypes.sizeof(c_int)
    return made


def functions_of(table: Table) -> dict[str, Any]:
    """The functions of SIGNATURES. An older library hands out a shorter table, and what lies behind it is no function.

    :raises Missing: the library does not have one of them.
    """
    last = ctypes.sizeof(c_int) + table.data_size
    found = {}
    for name, (place, result, arguments) in SIGNATURES.items():
        end = Table.functions.offset + (place + 1) * ctypes.sizeof(c_void_p)
        address = table.functions[place] if end <= last else None
        if not address:
            raise Missing(f"librime is too old: it has no function {name}; the one of the package librime1t64 has it")
        found[name] = ctypes.CFUNCTYPE(result, *arguments)(address)
    return found


class Rime:
    """The functions of SIGNATURES as methods."""

    def __init__(self) -> None:
        """:raises Missing: the library is not there, or too old."""
        library = open_library("librime.so.1", "librime1t64")
        library.rime_get_api.restype = POINTER(Table)
        self._functions = functions_of(library.rime_get_api().contents)

    def call(self, name: str, *arguments: Any) -> Any:
        return self._functions[name](*arguments)
