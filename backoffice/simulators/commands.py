"""The `simulate` commands: a made-up population as a file, and the registers that answer about it."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from backoffice.ready import port_number


def add_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    residents = commands.add_parser("residents", help="write a made-up population; the same seed gives the same file")
    residents.add_argument("--seed", type=int, required=True, metavar="N")
    residents.add_argument("--count", type=int, default=5000, metavar="N", help="living residents, at least")
    residents.add_argument("--out", type=Path, required=True, metavar="FILE", help="JSON lines")
    residents.set_defaults(run=_residents)
    lookups = commands.add_parser("lookups", help="run the look-up simulator")
    lookups.add_argument("--residents", type=Path, action="append", default=[], metavar="FILE", help=".toml or .jsonl")
    lookups.add_argument("--population", type=_seed_and_count, default=None, metavar="SEED:COUNT")
    lookups.add_argument("--port", type=port_number, default=0)
    lookups.set_defaults(run=_lookups)
    payments = commands.add_parser("payments", help="run the payment side, its books in a file")
    payments.add_argument("--ledger", type=Path, required=True, metavar="FILE", help="JSON lines; made when missing")
    payments.add_argument("--key-file", type=Path, required=True, metavar="FILE", help="32 bytes in hexadecimal")
    payments.add_argument("--profile", choices=("sm3", "sha256"), default="sm3", help="digest profile")
    payments.add_argument("--now", type=datetime.fromisoformat, metavar="ISO", help="its clock starts there")
    payments.add_argument("--port", type=port_number, default=0)
    payments.set_defaults(run=_payments)


def _seed_and_count(text: str) -> tuple[int, int]:
    if not re.fullmatch(r"\d{1,18}:\d{1,6}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text}: SEED:COUNT, for example 1:5000")
    seed, count = text.split(":")
    return int(seed), int(count)


def _residents(options: argparse.Namespace) -> int:
    from backoffice.simulators.population import generate

    population = generate(options.seed, options.count)
    with options.out.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(population.lines())
    planted = ", ".join(f"{kind} {len(numbers)}" for kind, numbers in population.world.planted.items())
    sys.stdout.write(f"{len(population.residents)} residents written to {options.out}\nplanted: {planted}\n")
    return 0


def _lookups(options: argparse.Namespace) -> int:
    from backoffice.simulators.lookups import serve_lookups
    from backoffice.simulators.population import generate
    from backoffice.simulators.registers import read_records

    if not options.residents and options.population is None:
        raise ValueError("nobody to answer about: give --residents FILE or --population SEED:COUNT")
    groups: list[Iterable[dict[str, Any]]] = [read_records(path) for path in options.residents]
    if options.population is not None:
        groups.append(generate(*options.population).residents)
    return serve_lookups(chain.from_iterable(groups), options.port)


def _payments(options: argparse.Namespace) -> int:
    from backoffice.clock import SystemClock, clock_from
    from backoffice.simulators.payments import serve_payments

    key = bytes.fromhex(options.key_file.read_text(encoding="ascii").strip())
    clock = clock_from(options.now) if options.now else SystemClock()
    return serve_payments(options.ledger, key, options.port, clock.now, options.profile)
