"""The composition root: the only module that knows configuration, drivers, adapters and screens together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from drivers.api import Ups
from kiosk import quick_start
from kiosk.adapters import paths
from kiosk.adapters.backoffice_http import HttpBackOffice
from kiosk.adapters.catalogue_json import parse_catalogue
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.clock_socket import SteeredClock, serve_clock
from kiosk.adapters.observer import Observer
from kiosk.adapters.pipes.input_pipe import InputPipe
from kiosk.adapters.pipes.screen_reader_pipe import ScreenReaderPipe
from kiosk.adapters.pipes.speech_pipe import SpeechPipe
from kiosk.adapters.sd_notify import Notifier
from kiosk.adapters.settings import good_settings
from kiosk.adapters.settings.config import (
    ConfigError,
    DeviceTables,
    TerminalConfig,
    load_devices,
    load_terminal,
    state_dir_of,
)
from kiosk.adapters.settings.site_files import SiteCopy
from kiosk.adapters.settings.staff_file import StaffFile
from kiosk.adapters.socket_server import JsonLineServer
from kiosk.adapters.store.kiosk_key import load_store_key
from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.adapters.words import VoicesWords
from kiosk.app.aid.help_effects import HelpEffects
from kiosk.app.bring.effects import BringEffects
from kiosk.app.capabilities import CapabilityWatch
from kiosk.app.catalogue_sync import CatalogueSync
from kiosk.app.device_hub import DeviceEvent, DeviceWorker, StatusBus
from kiosk.app.drafts.effects import DraftEffects, DraftSweep
from kiosk.app.ear.reader import EarReader, Pauses
from kiosk.app.money.paper import PaymentPaper
from kiosk.app.outbox.audit_delivery import AuditDelivery
from kiosk.app.outbox.service import OutboxService
from kiosk.app.parts import Parts
from kiosk.app.site.service import SiteCatalogue, SiteService
from kiosk.app.site.state import SiteStateReport
from kiosk.app.slip.effects import SlipEffects
from kiosk.app.slip.printing import PrintingService
from kiosk.app.speech.queue import SpeechQueue
from kiosk.app.technician.cabinet_door import CabinetDoor
from kiosk.app.technician.staff_badge import StaffBadge
from kiosk.app.visit.attract import AttractClock
from kiosk.app.visit.effect_tools import EffectTools, TerminalSite
from kiosk.app.visit.effects import VisitEffects
from kiosk.app.visit.patience import Patience
from kiosk.app.visit.service import VisitNote, VisitService
from kiosk.app.watches.power import PowerWatch
from kiosk.closed_terminal import DEVICES, TERMINAL, shown_on
from kiosk.domain.case_number import day_of, mint
from kiosk.domain.faults import SETTINGS_WRONG
from kiosk.domain.slip.blocks import SlipTerminal
from kiosk.domain.technician.state import StaffEv, StaffEvent
from kiosk.domain.timing import CATALOGUE_FIRST_S
from kiosk.technician.health_record import HealthRecord
from kiosk.wiring.devices import (
    make_cameras,
    make_cards,
    make_light,
    make_sheets,
    make_slip_printer,
    make_workers,
    start_watches,
    watch_keypad,
)
from kiosk.wiring.effects import make_aid, make_deputy, make_effects, make_sheets_effects, version_of
from kiosk.wiring.settings import authority_of, device_of, signer_of, site_rules_of
from kiosk.wiring.technician import Folders, SiteSpeaker, make_front, make_gate
from kiosk.wiring.terminal_figures import TerminalFigures

log = logging.getLogger(__name__)

CHANNEL_KIOSK = 8
"""The digit of the case number that says: taken in at a self-service terminal."""


class Kiosk:
    """Everything of one terminal but its window. `start` and `stop` are called once, in this order."""

    def __init__(self, config: TerminalConfig, devices: DeviceTables, config_dir: Path, clock_offset_s: float = 0.0):
        self.config, self._config_dir = config, config_dir
        self.settings_fault = ""
        """Why the settings of the last good start are used; empty when they are the present ones."""
        self._steered = SteeredClock(clock_offset_s) if config.control.clock_socket else None
        self.clock: SystemClock = self._steered or SystemClock(clock_offset_s)
        # First what settings may have wrong: a store that is open is nobody else's.
        made = {name: device_of(name, table, config_dir / DEVICES) for name, table in devices.items()}
        site_rules, self._signer = site_rules_of(config, config_dir), signer_of(config, config_dir)
        authority = authority_of(config, config_dir)
        socket = config.control.observer_socket
        self.observer = Observer(Path(socket) if socket else None)
        self.words = VoicesWords()
        state_dir = state_dir_of(config)
        store_path = state_dir / "outbox.db"
        key = load_store_key(state_dir / "store.key", store_path)
        self._store = SqlcipherStore(store_path, key, self.clock.wall, self._store_fault)
        self._back_office = HttpBackOffice(
            config.backoffice.url, self._signer, self._store.next_request_seq, self.clock, ca_file=authority
        )
        self.catalogue = CatalogueSync(self._store, self._back_office, self.clock, parse_catalogue)
        self.site = SiteService(site_rules, self._back_office, self.clock, SiteCopy(state_dir))
        self._outbox = OutboxService(self._store, self._back_office, self.clock, on_event=self._outbox_event)
        self._is_started = False
        self._parts = Parts(self._record, self._parts_changed)
        voice_dir = Path(config.voice.data_dir) if config.voice.data_dir else paths.default_voice_dir()
        voice = config.voice
        self._voice = SpeechPipe(voice_dir, voice.sink, voice.accent, self.clock, self._parts.listener("speech"))
        self.speech = SpeechQueue(self._voice)
        bus = StatusBus()
        self._workers = make_workers(made, self.clock, bus)
        self._capabilities = CapabilityWatch(
            self._workers, lambda event: self.visit.post(event), self._record, self._parts.lacking
        )
        supply = cast("DeviceWorker[Ups] | None", self._workers.get("ups"))
        self._power = PowerWatch(supply, self._record, flush=self._outbox.wake, changed=lambda: self.visit.recheck())
        self._input = InputPipe(self.clock, on_lacking=self._parts.listener("input"))
        self.reader = ScreenReaderPipe(self.clock) if config.control.screen_reader else None
        self._gate = make_gate(
            Folders(config_dir, state_dir), self.clock, self.observer.record, self._store.record_login
        )
        self._effects = self._make_effects()
        self.visit = VisitService(
            clock=self.clock,
            catalogue=SiteCatalogue(self.catalogue, self.site),
            performer=self._effects,
            speaker=self.speech,
            mint=self._mint,
            note=self._note,
            capabilities=self._capabilities.freeze,
            why_not=self._power.why_not,
            is_staff=StaffBadge(StaffFile(config_dir), self._knock).takes,
            idle_warn_s=config.waiting.idle_warn_s,
        )
        pauses = Pauses(config.waiting.ear_pause_s, config.waiting.ear_unasked_s)
        reader = EarReader(self.clock, self.speech, self.visit.post, pauses)
        self.visit.subscribe(reader.follow)
        self.visit.on_touch(reader.touched)
        self.speech.on_speaking(reader.speaking)
        AttractClock(self.clock, self.visit)
        bus.subscribe(self._device_event)
        bus.subscribe(self._capabilities.device_changed)
        self._health_record = HealthRecord(state_dir, self._workers)
        bus.subscribe(self._health_record.keep)
        make_light(self._workers, self.visit, bus)
        make_cameras(self._workers, self.visit)
        self.speech.on_speaking(self._speech_changed)
        self.front, self.vendor = make_front(
            folders=Folders(config_dir, state_dir),
            screen=config.screen,
            devices=devices,
            drivers=made,
            workers=self._workers,
            clock=self.clock,
            words=self.words,
            visit=self.visit,
            loudspeaker=SiteSpeaker(self._voice, self.speech),
            waiting=lambda: len(self._store.pending()),
            note=self.observer.record,
            gate=self._gate,
            patience=self._patience() if config.waiting.staff_may_wait else None,
        )
        bus.subscribe(CabinetDoor(lambda: self.vendor.post(StaffEvent(StaffEv.ASK))).device_changed)
        self._site_state = SiteStateReport(
            config.terminal.site,
            self._workers,
            self._back_office,
            self.clock,
            TerminalFigures(state_dir, self._workers, lambda: len(self._store.pending()), self._parts.lacking),
            self._record,
            self._parts.lacking,
            AuditDelivery(self._store, self._back_office).deliver,
        )
        bus.subscribe(self._site_state.device_changed)
        self._drafts = DraftSweep(self._store, self.clock)
        self._sockets: list[JsonLineServer] = []

    def settings_worked(self) -> None:
        """Called when the first screen stands: these settings are kept for a start that meets worse ones."""
        if self.settings_fault:
            return
        try:
            good_settings.keep(self._config_dir, (TERMINAL, DEVICES), paths.default_state_dir())
        except OSError as error:
            log.warning("the settings could not be kept for the next start: %s", error)

    def start(self) -> None:
        """Everything that works without a window; `visit.start` follows when there is one."""
        self._is_started = True
        if self._steered is not None:
            self._sockets.append(serve_clock(self._steered, Path(self.config.control.clock_socket)))
        self._drafts.start()
        self._outbox.start()
        self.catalogue.start()
        self.site.start(self.visit.refresh)
        self._site_state.start()
        for worker in self._workers.values():
            worker.start()
        start_watches(self._workers, self.visit, self._voice)
        self._power.start()
        if not self.catalogue.wait_first(CATALOGUE_FIRST_S):
            log.warning("no catalogue yet: nothing can be offered until the back office answers")

    def follow_keys(self, press: Callable[[str], None]) -> None:
        """`press` is told the keys of the keypad that is a device of its own, by name, on any thread."""
        watch_keypad(self._workers, press)

    def stop(self) -> None:
        """What is under way is finished or kept in the store; nothing is lost by stopping."""
        self._drafts.stop()
        self.speech.stop()
        self.vendor.close()
        self._health_record.keep()
        for worker in self._workers.values():
            worker.close()
        self._effects.close()
        self.catalogue.stop()
        self.site.stop()
        self._site_state.stop()
        self._outbox.stop()
        self._voice.close()
        self._input.close()
        if self.reader is not None:
            self.reader.close()
        for socket in self._sockets:
            socket.close()
        self.observer.close()
        self._store.close()
        self.clock.close()

    def _patience(self) -> Patience:
        return Patience(self.visit.idle, self.clock, self.observer.record, self._store.record_idle_switch)

    def _make_effects(self) -> VisitEffects:
        terminal = self.config.terminal
        printing = PrintingService(self.words, SlipTerminal(terminal.village, terminal.place, terminal.device))
        tools = EffectTools(
            clock=self.clock,
            outbox=self._outbox,
            back_office=self._back_office,
            catalogue=self.catalogue,
            place=TerminalSite(terminal.site),
            text_version=version_of(self.words),
        )
        sheets = make_sheets(self._workers, self.words)
        here = SiteCatalogue(self.catalogue, self.site)
        slips = make_slip_printer(self._workers, printing, here, self.clock, sheets)
        printer = PaymentPaper(tools, slips, sheets)
        return VisitEffects(
            tools=tools,
            cards=make_cards(self._workers, self.clock),
            printer=printer,
            help_calls=HelpEffects(tools, lambda: self.site.today().phone),
            more={
                **make_effects(tools, self.site, self._store, self._signer.digest_of),
                **SlipEffects(tools).handlers(),
                **BringEffects(tools).handlers(),
                **DraftEffects(tools, self._store).handlers(),
                **make_sheets_effects(tools, sheets),
                **make_aid(tools, self._input, printer),
                **make_deputy(tools, self._gate),
            },
            is_speaking=lambda: self.speech.is_speaking,
        )

    def _knock(self, number: str) -> None:
        self.vendor.post(StaffEvent(StaffEv.BADGE, number))

    def _mint(self) -> str:
        terminal = self.config.terminal
        day = day_of(self.clock.wall().date())
        serial = self._store.next_case_serial(day)
        return mint(terminal.division, int(terminal.site_no), CHANNEL_KIOSK, day, serial)

    # what is told to the observer and the log: kinds, codes and case numbers

    def _note(self, note: VisitNote) -> None:
        named = {"name": note.fault} if note.fault else {}
        self.observer.record(
            note.kind, step=note.step, overlay=note.overlay, case_no=note.case_no, outcome=note.outcome, **named
        )

    def _outbox_event(self, kind: str, **facts: object) -> None:
        key, attempts = str(facts.get("key", "")), facts.get("attempts", 0)
        self.observer.record(f"outbox_{kind}", **facts)
        self._effects.outbox_event(kind, key, attempts if isinstance(attempts, int) else 0)

    def _device_event(self, event: DeviceEvent) -> None:
        health = round(event.health.ratio, 3)
        if event.fault is not None:
            fault = event.fault
            self.observer.record("fault", device=event.device, code=fault.code, name=fault.name, health=health)
        else:
            self.observer.record("device", device=event.device, state=event.state.value, health=health)
        self.vendor.news()

    def _record(self, kind: str, facts: Mapping[str, object]) -> None:
        self.observer.record(kind, **facts)

    def _parts_changed(self) -> None:
        """On a thread of a process's pipe, which lives before everything here is made: what comes then is looked up."""
        if self._is_started:
            self._capabilities.changed()
            self._site_state.changed()

    def _store_fault(self, code: str, detail: str) -> None:
        self.observer.record("fault", device="store", code=code, name=code)

    def _speech_changed(self, speaking: bool) -> None:
        self.visit.speech_changed(speaking)
        if not speaking:
            self._effects.speech_ended()


def load(config_dir: Path, clock_offset_s: float = 0.0) -> Kiosk:
    """
    With settings that cannot be used it goes on with those of the last start that worked, and says so.

    :param clock_offset_s: for a day played again: what its clock shows more than the machine's.
    :raises ConfigError, StoreError, SigningUnavailable: with what to do in the text.
    """
    try:
        return _loaded(config_dir, config_dir, clock_offset_s)
    except ConfigError as error:
        kept = good_settings.folder((TERMINAL, DEVICES), paths.default_state_dir())
        if kept is None:
            raise
        log.critical("%s; the terminal goes on with the settings of its last good start, %s", error, kept)
        try:
            kiosk = _loaded(kept, config_dir, clock_offset_s)
        except ConfigError:
            raise error from None
        kiosk.settings_fault = str(error)
        kiosk.observer.record("fault", device="settings", code=SETTINGS_WRONG, name=SETTINGS_WRONG)
        return kiosk


def _loaded(settings: Path, config_dir: Path, clock_offset_s: float) -> Kiosk:
    """:param settings: where both files are read. :param config_dir: where what they name lies beside them."""
    config = load_terminal(settings / TERMINAL)
    return Kiosk(config, load_devices(settings / DEVICES), config_dir, clock_offset_s)


def run(kiosk: Kiosk) -> int:
    """The terminal with its window, until the process is told to end. Returns the exit code."""
    # Here, not above: importing the screens opens Kivy, which a terminal without a window does without.
    from kiosk.ui import app
    from kiosk.ui.semantics import Sinks

    shown = shown_on(kiosk.config.screen)
    notifier = Notifier()
    kiosk.start()

    def first_frame() -> None:
        kiosk.visit.start()
        kiosk.settings_worked()
        notifier.ready()
        notifier.status(
            f"with the settings of the last good start: {kiosk.settings_fault}"
            if kiosk.settings_fault
            else "the first screen stands"
        )
        quick_start.end()

    try:
        place = kiosk.config.terminal.village
        return app.run(
            kiosk.front,
            kiosk.words,
            shown,
            kiosk.clock,
            kiosk.observer if kiosk.reader is None else Sinks(kiosk.observer, kiosk.reader),
            first_frame,
            place,
            on_press=kiosk.speech.click,
            follow_keys=kiosk.follow_keys,
            follow_reader=kiosk.reader.follow if kiosk.reader is not None else None,
            beat=notifier.alive,
            on_fault=lambda code: kiosk.observer.record("fault", device="screen", code=code, name=code),
        )
    finally:
        notifier.stopping()
        kiosk.stop()
        notifier.close()
