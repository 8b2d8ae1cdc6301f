"""Whom a request comes from, behind a proxy: a header is believed from proxies that are named, and from nobody else."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from backoffice.identity.limits import FILE
from backoffice.paths import config_dir

NAME = "trusted_proxies"
HEADER = b"x-forwarded-for"
MOST_HOPS = 16
"""Entries that are looked at, from the nearest on; more proxies than this stand in no row."""

Address = IPv4Address | IPv6Address


class ProxiesError(ValueError):
    """The file's proxies cannot be used; the text says which."""


@dataclass(frozen=True, slots=True)
class Proxies:
    trusted: tuple[IPv4Network | IPv6Network, ...] = ()

    def caller(self, peer: str, forwarded: Sequence[str]) -> str:
        """The nearest address that is no proxy of ours.

        Each proxy adds whom it heard at the end. What stands before the first stranger is the stranger's own claim.

        :param peer: who is connected. :param forwarded: each `X-Forwarded-For` header, as they came.
        """
        nearest = _address(peer)
        if nearest is None:
            return peer
        hops = [hop for header in forwarded for hop in header.split(",")][-MOST_HOPS:]
        while self._is_ours(nearest) and hops:
            before = _address(hops.pop().strip())
            if before is None:
                break  # A proxy of ours would have written an address: nobody behind it is known.
            nearest = before
        return str(nearest)

    def named(self, peer: str) -> bool:
        """Whether this peer may say for whom it forwards."""
        address = _address(peer)
        return address is not None and self._is_ours(address)

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self.trusted)


def proxies_of(names: Iterable[str]) -> Proxies:
    """:param names: addresses or networks (CIDR). :raises ProxiesError: one is neither."""
    found = []
    for name in names:
        try:
            found.append(ip_network(name))
        except ValueError as cause:
            raise ProxiesError(f"{NAME}: {name!r} is no address and no network: {cause}") from cause
    return Proxies(tuple(found))


def read_proxies(path: Path | None = None) -> Proxies:
    """`[network] trusted_proxies`. :raises ProxiesError: not a list of addresses, or an unknown name beside it."""
    file = path or config_dir() / FILE
    table = tomllib.loads(file.read_text(encoding="utf-8")).get("network", {})
    names = table.get(NAME, []) if isinstance(table, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or set(table) - {NAME}:
        raise ProxiesError(f"{file}: [network] needs {NAME}, a list of addresses or networks, and nothing else")
    return proxies_of(names)


def _address(text: str) -> Address | None:
    """With or without a port; an IPv4 address in IPv6's clothes is that IPv4 address."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
