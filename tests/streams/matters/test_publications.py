"""What publications do to cases: steps that follow from verdict and receipt; sign-offs that reviews tell otherwise."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from bus.record import Record
from streams.matters.judging import MatterJudging
from streams.matters.room import Room
from tests.streams.matters.city import NOON, opened, pack, records, stepped
from tests.streams.matters.course import whole_city
from tests.streams.matters.sending import publication
from tests.streams.matters.world import World, world
from tests.support.events import event, to_bytes

AT = int(NOON.timestamp() * 1000) + 2_000
DIGEST, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def here() -> Iterator[World]:
    with world(whole_city()) as made:
        yield made


def steps(here: World, step: str) -> list[str]:
    """Whom a step was taken for."""
    links: list[Any] = here.values("links")
    return [one["subject"] for one in links if one["data"]["step"] == step and one["data"].get("retry") is None]


def test_a_step_follows_from_a_verdict_once_however_often_it_is_read(here: World) -> None:
    verdict, _ = publication("fgw/p", "notice", [{"rel": "interprets", "target": "fgw/a"}], AT)
    here.send([*records("matters", [opened("a")]), verdict, verdict])
    here.run()
    assert steps(here, "painted") == ["fgw/a"]


@pytest.mark.parametrize("order", ["verdict first", "receipt first"])
def test_a_step_follows_from_what_became_public_once_both_were_read(here: World, order: str) -> None:
    told = list(publication("fgw/p", "normative-document", [], AT))
    first, last = told if order == "verdict first" else reversed(told)
    here.send([first])
    here.run()
    assert steps(here, "opened") == []
    here.send([last])
    here.run()
    assert sorted(steps(here, "opened")) == ["fgw/p.interpretation", "fgw/p.prior-consultation"]
    here.send([last])
    here.run()
    assert len(steps(here, "opened")) == 2


def test_history_and_what_was_refused_take_no_step(here: World) -> None:
    for number, change in enumerate(({"outcome": "rejected"}, {"version": None}, {"kind": None})):
        links = [{"rel": "interprets", "target": f"fgw/b{number}"}]
        verdict, _ = publication(f"fgw/p{number}", "notice", links, AT)
        here.send([changed(verdict, **change)])
    here.run()
    assert steps(here, "painted") == []


def test_a_publication_that_was_signed_otherwise_than_reviewed_is_told_so_once(here: World) -> None:
    here.send(records("reviews", [signed(1, "审", DIGEST), signed(1, "校", DIGEST)]))
    here.run()
    verdict, _ = publication("fgw/p", "notice", [], AT)
    offs = [{"level": 1, "role": role, "person": "s1", "content_sha256": DIGEST} for role in "审校"]
    here.send([changed(verdict, sign_offs=offs)])
    here.run()
    assert here.values("rejections") == [], "both tell the same"
    offs[1] |= {"content_sha256": OTHER}
    here.send([changed(verdict, sign_offs=offs)] * 2)
    here.run()
    told: list[Any] = here.values("rejections")
    assert {tuple(one["rule"] for one in each["data"]["findings"]) for each in told} == {("SM-REVIEW",)}
    assert len({one["id"] for one in told}) == 1
    assert "一校的签批人或者内容与审核环节不一致" in told[0]["data"]["findings"][0]["message"]["zh"]


def test_what_was_sent_back_counts_for_nothing(here: World) -> None:
    back = event("review", "returned", "fgw", "p", {**signed(1, "审", DIGEST)["data"], "reason": "重拟"}, at=NOON)
    back["data"].pop("lifecycle")
    here.send(records("reviews", [signed(1, "审", DIGEST), back]))
    here.run()
    verdict, _ = publication("fgw/p", "notice", [], AT)
    off = {"level": 1, "role": "审", "person": "s9", "content_sha256": OTHER}
    here.send([changed(verdict, sign_offs=[off])])
    here.run()
    assert here.values("rejections") == []


def test_a_room_that_was_handed_to_another_process_and_back_is_the_same() -> None:
    """With care, each record is judged in a child: room and record go there, room and outputs come back."""
    judge = MatterJudging(pack())
    here, there = Room(), Room()
    for record in records("matters", [opened("a"), stepped("a", "ripened"), stepped("a", "watered")]):
        mine = judge(here, record)
        there, asked = pickle.loads(pickle.dumps((there, record)))
        theirs = judge(there, asked)
        there = pickle.loads(pickle.dumps(there))
        assert theirs == mine
    assert there == here
    assert here.waiting["fgw/a"]


def signed(level: int, role: str, digest: str) -> dict[str, Any]:
    """A sign-off as the department sends it when it happens."""
    off = {"level": level, "role": role, "person": "s1", "content_sha256": digest, "at": NOON.isoformat()}
    data = {"lifecycle": "review", "publication": "fgw/p", "version": 1, "sign_off": off}
    return event("review", "signed", "fgw", "p", data, at=NOON, event_id=f"sign-{level}{role}")


def changed(verdict: Record, **data: Any) -> Record:
    """A verdict that says something else."""
    whole = msgspec.json.decode(verdict.value or b"")
    whole["data"] |= data
    return msgspec.structs.replace(verdict, value=to_bytes(whole))
