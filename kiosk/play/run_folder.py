"""The folder of one run: where each part keeps its things, and the settings that are written for it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.adapters import paths


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Everything that a run writes and does not hand over lies below `root`; `out` is handed over."""

    root: Path
    out: Path

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def state(self) -> Path:
        """The kiosk's own: store, drafts."""
        return self.root / "state"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def twins(self) -> Path:
        return self.root / "twins"

    @property
    def office(self) -> Path:
        return self.root / "office"

    @property
    def key_file(self) -> Path:
        return self.root / "config" / "device.key"

    @property
    def payments_key(self) -> Path:
        """Of the payment side and the back office; the side's books lie beside it."""
        return self.root / "payments.key"

    @property
    def sim_toml(self) -> Path:
        return self.root / "sim.toml"

    @property
    def observer(self) -> Path:
        return self.root / "observer.sock"

    @property
    def clock(self) -> Path:
        return self.root / "clock.sock"

    @property
    def speech(self) -> Path:
        return self.out / "speech.jsonl"

    @property
    def logs(self) -> Path:
        return self.out / "logs"

    @property
    def screens(self) -> Path:
        return self.out / "screens"

    @property
    def slips(self) -> Path:
        return self.out / "slips"

    def control(self, device: str) -> Path:
        """The control socket of a simulated device."""
        return self.twins / f"{device}.ctl"

    def searched(self) -> tuple[Path, ...]:
        """Where nothing of a resident may be left in clear: all that the kiosk can write to."""
        return self.state, self.home, self.tmp, self.config, self.logs, self.speech

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


class OutUnusable(Exception):
    """Nothing can be kept where the evidence was to lie; the text says what to do."""


def make_folder(out: Path | None) -> RunFolder:
    """A fresh folder with a short name (socket paths are short), and an empty `out`. :raises OutUnusable:"""
    root = Path(tempfile.mkdtemp(prefix="play-"))
    folder = RunFolder(root, out if out is not None else root / "out")
    for made in (folder.config, folder.state, folder.home, folder.tmp, folder.twins, folder.office):
        made.mkdir()
    try:
        for kept in (folder.screens, folder.slips, folder.logs):
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(parents=True)
        folder.speech.unlink(missing_ok=True)
    except OSError as error:
        folder.remove()
        raise OutUnusable(
            f"{folder.out} cannot hold the evidence ({error.strerror}); nothing was played: "
            "name another folder in --out"
        ) from error
    return folder


def shipped(name: str) -> dict[str, dict[str, Any]]:
    """One of the settings files that a terminal ships with."""
    return tomllib.loads((paths.share_dir() / "config" / name).read_text(encoding="utf-8"))


EXTRA_DEVICES: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # table: (its driver, its simulated other side where sim.toml has none)
    "chip_card": ({"model": "pcsc_social", "port": "Virtual PCD", "slot": 0}, {}),
    "document_printer": ({"model": "ipp_everywhere"}, {}),
    "lights": ({"model": "modbus_lights"}, {"twin": "modbus_board"}),
    "keypad": ({"model": "evdev_keypad"}, {}),
    "ups": ({"model": "nut_ups"}, {}),
    "document_scanner": (
        {"model": "camera_page", "width": 1728, "height": 1296, "fps": 5},
        {"twin": "camera", "size": [1728, 1296], "fps": 5},
    ),
    "id_face": ({"model": "camera_face"}, {"twin": "camera", "size": [1920, 1080]}),
    "portrait": ({"model": "camera_portrait", "fps": 5}, {"twin": "camera", "size": [1280, 720], "fps": 5}),
}
"""Devices that not every terminal has: a journey names those it wants, so that the others start quickly. The cameras
make fewer and smaller pictures than they could: two processors draw, read, speak and show at the same time."""
CHIP_CARD_DOOR = "PCSCLITE_CSOCK_NAME"
"""Where pcsc-lite's client library looks for its service; the simulated card brings one of its own."""


def write_settings(folder: RunFolder, url: str, sink: str, extra: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """terminal.toml, devices.toml and sim.toml as shipped, but for ports, sockets, folders and address.

    Returns what terminal.toml says. The device key is new in every run.

    :param extra: names of EXTRA_DEVICES that this terminal has besides.
    """
    folder.key_file.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    folder.key_file.chmod(0o600)
    own: dict[str, dict[str, Any]] = {
        "backoffice": {"url": url, "key_file": str(folder.key_file)},
        "voice": {"sink": sink, "data_dir": str(voice_data_dir())},
        "paths": {"state_dir": str(folder.state)},
        "control": {"observer_socket": str(folder.observer), "clock_socket": str(folder.clock)},
    }
    terminal = {name: {**table, **own.get(name, {})} for name, table in {**own, **shipped("terminal.toml")}.items()}
    devices = {name: {**table, "port": str(folder.twins / name)} for name, table in shipped("devices.toml").items()}
    plans = shipped("sim.toml")
    for name in extra:
        table, plan = EXTRA_DEVICES[name]
        devices[name] = {"port": str(folder.twins / name), **table}
        plans.setdefault(name, plan)
    simulated = {name: _absolute(table) for name, table in plans.items() if name in devices}
    (folder.config / "terminal.toml").write_text(to_toml(terminal), encoding="utf-8")
    (folder.config / "devices.toml").write_text(to_toml(devices), encoding="utf-8")
    folder.sim_toml.write_text(to_toml(simulated), encoding="utf-8")
    return terminal


def _absolute(table: Mapping[str, Any]) -> dict[str, Any]:
    """A relative `..._file` is meant from the shipped file's folder."""
    config = paths.share_dir() / "config"
    return {key: str(config / value) if key.endswith("_file") else value for key, value in table.items()}


def to_toml(tables: Mapping[str, Mapping[str, object]]) -> str:
    """Flat tables of strings and numbers; JSON spells both as TOML does."""
    lines = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        lines.extend(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items())
        lines.append("")
    return "\n".join(lines)


def residents_file() -> Path:
    return paths.share_dir() / "config" / "demo" / "residents.toml"


def voice_data_dir() -> Path:
    """The built voice: as named, else beside the checkout, else where an install puts it."""
    checkout = paths.share_dir() / "var" / "voice"
    if "KIOSK_VOICE_DIR" not in os.environ and checkout.is_dir():
        return checkout
    return paths.default_voice_dir()


def environment(folder: RunFolder, display: str) -> dict[str, str]:
    """What a process of the run sees: no home but the run's, the town's time zone."""
    code = str(Path(__file__).resolve().parents[2])
    changed = {
        "DISPLAY": display,
        "KIOSK_CONFIG": str(folder.config),
        "HOME": str(folder.home),
        "TMPDIR": str(folder.tmp),
        "XDG_STATE_HOME": str(folder.home / "state"),
        "XDG_CACHE_HOME": str(folder.home / "cache"),
        "XDG_RUNTIME_DIR": str(folder.tmp),
        "KIOSK_VOICE_DIR": str(voice_data_dir()),
        "TZ": "Asia/Shanghai",
        "PYTHONPATH": os.pathsep.join(filter(None, (code, os.environ.get("PYTHONPATH", "")))),
        "PYTHONUNBUFFERED": "1",
    }
    dropped = ("WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "XAUTHORITY")
    inherited = {name: value for name, value in os.environ.items() if name not in dropped}
    if display and display == os.environ.get("DISPLAY"):
        # A display that was there before lets in who shows its cookie, which lies in the home of whoever started this.
        changed["XAUTHORITY"] = os.environ.get("XAUTHORITY") or str(Path.home() / ".Xauthority")
    fonts = paths.share_dir() / "var" / "fonts"
    if "KIOSK_FONT_DIR" not in inherited and fonts.is_dir():
        inherited["KIOSK_FONT_DIR"] = str(fonts)
    return {**inherited, **changed}
