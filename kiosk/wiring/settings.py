"""What is made of the settings alone, before anything is opened: whatever is wrong in them is found here."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from drivers import registry
from drivers.api import Device
from kiosk.adapters.settings.config import ConfigError, TerminalConfig, place_in_table, place_of
from kiosk.adapters.settings.site_files import load_notices, parse_span
from kiosk.adapters.signing import Profile, Signer
from kiosk.adapters.store.kiosk_key import read_hex_key
from kiosk.app.site.service import SiteRules
from kiosk.closed_terminal import TERMINAL


def device_of(name: str, table: Mapping[str, object], path: Path) -> Device:
    """:raises ConfigError: no such model, or a key or value that its driver does not know."""
    settings = {key: value for key, value in table.items() if key != "model"}
    try:
        return registry.create(name, str(table["model"]), settings)
    except ValueError as error:
        raise ConfigError(f"{place_in_table(path, name, str(error))}: [{name}] {error}") from error


def site_rules_of(config: TerminalConfig, config_dir: Path) -> SiteRules:
    """:raises ConfigError:"""
    night = parse_span(config.site.night, f"{place_of(config_dir / TERMINAL, 'night')}: site.night")
    return SiteRules(config.terminal.site, night, load_notices(config_dir))


def signer_of(config: TerminalConfig, config_dir: Path) -> Signer:
    key = read_hex_key(config_dir / config.backoffice.key_file, "device")
    return Signer(config.terminal.device, key, Profile(config.backoffice.profile))


def authority_of(config: TerminalConfig, config_dir: Path) -> Path | None:
    """:raises ConfigError: the file is named and holds no certificate."""
    if not config.backoffice.ca_file:
        return None
    path = config_dir / config.backoffice.ca_file
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        place = place_of(config_dir / TERMINAL, "ca_file")
        raise ConfigError(f"{place}: ca_file: {path} holds no certificates (PEM) that can be read: {error}") from error
    return path
