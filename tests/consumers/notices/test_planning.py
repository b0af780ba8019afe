"""Who is told of a rung: every role of it, by every target that stands for it, each once; nobody is passed over."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bus.errors import Fatal
from consumers.notices.addresses import Addresses, load, unknown_departments
from consumers.notices.planning import deliveries
from schemas.records import DutyNotice
from tests.consumers.notices.harness import SECRET, addresses, mailbox, rung, smtp, webhook
from tests.support.servers import plain_settings


def told(given: Addresses, **data: Any) -> dict[str, tuple[tuple[str, ...], str, str]]:
    """Target to roles, department, state."""
    notice = DutyNotice.model_validate(rung(**data)["data"])
    return {each.target: (each.roles, each.dept, each.state) for each in deliveries(given, notice, "n-1", "zfb")}


def test_each_role_is_reached_where_it_is_at_home() -> None:
    given = addresses(
        smtp=smtp(25),
        mailbox=[mailbox("desk", "owner"), mailbox("chief", "leader"), mailbox("czj-desk", "owner", depts=["czj"]),
                 mailbox("duban", "lead-office", depts=["zfb"])],
    )  # fmt: skip
    assert told(given, to=["owner", "leader", "lead-office"], depts=("fgw", "czj")) == {
        "desk": (("owner",), "fgw", "waiting"),
        "chief": (("leader",), "fgw", "waiting"),
        "czj-desk": (("owner",), "czj", "waiting"),
        "duban": (("lead-office",), "zfb", "waiting"),
    }


def test_who_stands_for_several_is_told_once() -> None:
    given = addresses(webhook=[webhook("oa", 1, "owner", "leader")])
    assert told(given, depts=("fgw", "czj")) == {"oa": (("owner", "leader"), "fgw", "waiting")}


def test_whom_nobody_stands_for_is_a_row_that_is_seen_but_the_public() -> None:
    found = told(addresses(), to=["owner", "leader", "lead-office", "public"], depts=("fgw", "czj"))
    assert {target: state for target, (_, _, state) in found.items()} == dict.fromkeys(
        ("nobody/owner/fgw", "nobody/owner/czj", "nobody/leader/fgw", "nobody/lead-office/zfb"), "unaddressed"
    )


def test_the_public_board_is_told_where_somebody_asked_for_it() -> None:
    given = addresses(webhook=[webhook("board", 1, "public")])
    assert told(given, to=["public"]) == {"board": (("public",), "zfb", "waiting")}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mailbox": [mailbox("a", "owner")]}, r"no \[smtp\]"),
        ({"smtp": smtp(25), "mailbox": [mailbox("a", "owner"), mailbox("a", "leader")]}, "two targets are called a"),
        ({"smtp": smtp(25, username="u", password="p")}, "not sent in the clear"),
        ({"smtp": smtp(25), "mailbox": [mailbox("a", "owner") | {"address": "a@b\r\nBcc: c@d.example"}]}, "pattern"),
        ({"smtp": smtp(25), "mailbox": [mailbox("a", "chief")]}, "owner"),
        ({"webhook": [webhook("a", 1, http=False)]}, "http = true"),
        ({"webhook": [webhook("a", 1, url="https://u:p@h.example/")]}, "without name"),
        ({"webhook": [webhook("a", 1, url="ftp://h.example/")]}, "https://host/path"),
        ({"webhook": [webhook("a", 1, url="https://h.example/\r\nx")]}, "plain ASCII"),
        ({"webhook": [webhook("a", 1, url="https://h.example:0/")]}, "a port that exists"),
        ({"webhook": [webhook("a", 1, secrets=["whsec_short"])]}, "random bytes"),
        ({"webhook": [webhook("a", 1, secrets=[SECRET] * 3)]}, "at most 2"),
        ({"allow": ["10.0.0.1/8"]}, "neither a network"),
        ({"nonsense": 1}, "not permitted"),
    ],
)  # fmt: skip
def test_a_file_that_would_tell_the_wrong_ones_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        addresses(**given)


def test_a_wrong_file_is_named_and_no_secret_of_it_shown(tmp_path: Any) -> None:
    settings = plain_settings(tmp_path)
    assert load(settings) == Addresses()
    path = tmp_path / "secrets" / "notices.toml"
    path.parent.mkdir()
    path.write_text('[[webhook]]\nid = "a"\nurl = "https://h.example/t0ken"\nsecrets = ["whsec_geheim"]\n'
                    'depts = ["*"]\nroles = ["owner"]\n')  # fmt: skip
    with pytest.raises(Fatal, match=r"webhook\.0\.secrets: a secret is whsec_") as refused:
        load(settings)
    assert "geheim" not in str(refused.value) and "t0ken" not in str(refused.value)
    for broken in (b"[smtp", b"\xff\xfe", b'carry_days = "x"', b'cafile = "/nowhere/ca.pem"'):
        path.write_bytes(broken)
        with pytest.raises(Fatal, match=r"notices\.toml"):
            load(settings)


def test_a_department_that_is_none_is_named() -> None:
    given = addresses(webhook=[webhook("oa", 1, depts=["fgw", "fg", "*"])])
    assert unknown_departments(given, frozenset({"fgw"})) == [("oa", "fg")]
