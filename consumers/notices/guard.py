"""Which addresses a webhook may be called at: public ones, and those that the operators allow by name.

A host's name is resolved once, every address it has is looked at, and the call goes to one that was looked at: a name
that leads elsewhere a moment later leads nobody in (SSRF, DNS rebinding).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Ip = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Every address of a host, as text."""

_METADATA = frozenset({ip_address("168.63.129.16"), ip_address("100.100.100.200"), ip_address("fd00:ec2::254")})
"""Where clouds tell a machine its secrets; the common one, 169.254.169.254, is link-local anyway."""
MOST = 3
"""Addresses of one host that are tried."""
_NAT64, _6TO4 = IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16")


class Forbidden(Exception):
    """The host must not be called; the message says which address of it is why."""


class Unresolved(Exception):
    """The host has no address now."""


class Guard:
    """Looks at addresses before they are called."""

    def __init__(self, allow: Sequence[Network | str], resolve: Resolve) -> None:
        """`allow`: networks, and names of hosts whose every address is allowed."""
        self._networks = tuple(each for each in allow if not isinstance(each, str))
        self._hosts = frozenset(each for each in allow if isinstance(each, str))
        self._resolve = resolve

    async def addresses_of(self, host: str, port: int) -> Sequence[str]:
        """The addresses at which `host` may be called, the one to be tried first before the others.

        Raises:
            Forbidden: one of its addresses is not public, and not allowed.
            Unresolved: it has none.
        """
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unresolved(f"{host} has no address: {error}"[:200]) from error
        if not found:
            raise Unresolved(f"{host} has no address")
        if host.lower().rstrip(".") not in self._hosts:
            for each in found:
                self._look_at(host, each)
        return tuple(dict.fromkeys(found))[:MOST]

    def _look_at(self, host: str, text: str) -> None:
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError as error:
            raise Forbidden(f"{host} leads to {text[:60]!r}, which is no address") from error
        seen = inner(address)
        if not is_public(seen) and not self._allows(seen):
            raise Forbidden(f"{host} leads to {address}, which is not public; see allow in notices.toml")

    def _allows(self, address: Ip) -> bool:
        return any(address in network for network in self._networks if network.version == address.version)


def is_public(address: Ip) -> bool:
    """Whether anybody on the Internet may be behind it, and none of our own machines."""
    refused = (
        address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
        or address.is_unspecified or address.is_reserved or address in _METADATA
    )  # fmt: skip
    return address.is_global and not refused


def inner(address: Ip) -> Ip:
    """The IPv4 address that an IPv6 one stands for, where it does: such a way leads to the same machine."""
    if not isinstance(address, IPv6Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None and address in _6TO4:
        return address.sixtofour
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else address


async def by_this_machine(host: str, port: int) -> Sequence[str]:
    """Addresses as this machine's resolver gives them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]
