"""Performers of the subjects' own effects: the part of the composition root for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from kiosk.adapters import signature_png
from kiosk.adapters.pdf_sheets import PdfSheets
from kiosk.app.aid.effects import AidEffects
from kiosk.app.authority.effects import AuthorityEffects
from kiosk.app.booking.effects import BookingEffects
from kiosk.app.deputy.effects import DeputyEffects, Gate
from kiosk.app.money.effects import PaymentEffects
from kiosk.app.papers.effects import PapersEffects, PapersTools
from kiosk.app.sheets.effects import SheetsEffects
from kiosk.app.sheets.printer import SheetOnHub
from kiosk.app.site.effects import NearestEffects
from kiosk.app.site.service import SiteService
from kiosk.app.slip.letter_effects import LetterEffects
from kiosk.app.visit.effect_tools import EffectTools, Handlers
from kiosk.app.visit.effects import SlipPrinter
from kiosk.domain.ports import Files, Words
from kiosk.domain.speech import Lang
from kiosk.domain.typing.port import InputMethod
from kiosk.domain.visit.machine import Do


def make_effects(tools: EffectTools, site: SiteService, files: Files, digest: Callable[[bytes], str]) -> Handlers:
    """Which effect is performed by whom, beside the visit's own.

    :param digest: by which the back office names files.
    """
    drawing = PapersTools(files, digest, signature_png.draw)
    papers = PapersEffects(tools, drawing)
    return {
        Do.ASK_NEAREST: NearestEffects(tools, site).ask,
        **papers.handlers(),
        **AuthorityEffects(tools, drawing).handlers(),
        **PaymentEffects(tools).handlers(),
        **BookingEffects(tools).handlers(),
    }


def make_sheets_effects(tools: EffectTools, sheet: SheetOnHub | None) -> Handlers:
    """What is looked up, printed, explained and due. :param sheet: the A4 printer, where there is one."""
    cutter = PdfSheets()
    return {**SheetsEffects(tools, cutter, sheet).handlers(), **LetterEffects(tools, cutter, sheet).handlers()}


def make_deputy(tools: EffectTools, gate: Gate) -> Handlers:
    """A typed number and its witness."""
    return DeputyEffects(tools, gate).handlers()


def make_aid(tools: EffectTools, method: InputMethod, printer: SlipPrinter) -> Handlers:
    """The communication aid, what could not be done, typing."""
    return AidEffects(tools, method, printer).handlers()


def version_of(words: Words) -> Callable[[Lang, str], str]:
    """What a text said when it was agreed to: as many digits of the SHA-256 as the office keeps."""
    return lambda lang, key: hashlib.sha256(words.show(lang, key, {}).encode()).hexdigest()[:32]
