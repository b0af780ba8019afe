"""A webhook leads to public addresses, and to those that operators allow; never to what is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest

from consumers.notices.guard import Forbidden, Guard, Unresolved, by_this_machine, inner, is_public

REFUSED = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "169.254.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
    "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
    "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "fe80::1%eth0", "::127.0.0.1",
    "2001::1", "not-an-address", "",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "114.114.114.114", "2400:3200::1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


def guard(found: Sequence[str], *allow: str) -> Guard:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return found

    networks = [ip_network(each) if "/" in each else each for each in allow]
    return Guard(networks, resolve)


def asked(guard_: Guard, host: str = "hook.example") -> str:
    (found,) = asyncio.run(guard_.addresses_of(host, 443))
    return found


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(Forbidden, match=r"hook\.example leads to"):
        asked(guard([address]))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_called(address: str) -> None:
    assert asked(guard([address])) == address


def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(Forbidden, match=r"192\.168\.1\.1"):
        asked(guard(["8.8.8.8", "192.168.1.1"]))


def test_a_host_with_many_addresses_is_tried_at_few() -> None:
    found = asyncio.run(guard(["8.8.8.8", "8.8.8.8", *(f"8.8.4.{n}" for n in range(9))]).addresses_of("h.example", 443))
    assert found == ("8.8.8.8", "8.8.4.0", "8.8.4.1")


def test_operators_allow_networks_and_hosts_and_nothing_beside() -> None:
    assert asked(guard(["10.20.3.4"], "10.20.0.0/16")) == "10.20.3.4"
    assert asked(guard(["::ffff:10.20.3.4"], "10.20.0.0/16")) == "::ffff:10.20.3.4"
    assert asked(guard(["127.0.0.1"], "hook.example")) == "127.0.0.1"
    assert asked(guard(["127.0.0.1"], "hook.example"), "HOOK.example.") == "127.0.0.1"
    for allowed in ("10.21.0.0/16", "other.example", "fd00::/8"):
        with pytest.raises(Forbidden):
            asked(guard(["10.20.3.4"], allowed))


def test_a_name_without_an_address_is_no_refusal() -> None:
    async def failing(host: str, port: int) -> Sequence[str]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(Unresolved, match=r"hook\.example has no address"):
        asked(Guard((), failing))
    with pytest.raises(Unresolved):
        asked(guard([]))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "127.1", "localhost", "[::1]"])
def test_other_ways_to_write_this_machine_lead_nowhere(host: str) -> None:
    with pytest.raises((Forbidden, Unresolved)):
        asked(Guard((), by_this_machine), host)


def test_an_address_within_an_address_is_seen() -> None:
    assert inner(ip_address("2002:c0a8:101::")) == ip_address("192.168.1.1")
    assert not is_public(inner(ip_address("64:ff9b::c0a8:101")))
