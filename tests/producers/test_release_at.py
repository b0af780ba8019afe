"""Release at a set minute: held, told of without content, sent at its minute, cancelled by a withdrawal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bus.settings import Settings
from producers.gateway import Gateway
from producers.releasing import Releaser
from tests.producers.counter import MovingClock, door_with
from tests.producers.door import Caller
from tests.support.events import NOON, submitted, to_bytes, updated, withdrawn

MINUTE = NOON + timedelta(hours=2)
AT = MINUTE.isoformat()


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def gateway(plain: Settings, clock: MovingClock) -> Iterator[Gateway]:
    with door_with(plain, clock) as opened:
        yield opened


def releaser(gateway: Gateway, clock: MovingClock) -> Releaser:
    return Releaser(gateway.door.store, clock)


@pytest.mark.feature("2-26")
def test_all_departments_texts_go_out_at_the_same_minute(gateway: Gateway, clock: MovingClock) -> None:
    events = {dept: submitted(dept, responsible_dept=dept, release_at=AT) for dept in ("fgw", "jyj", "mzj")}
    callers = {dept: Caller(gateway, dept) for dept in events}
    for dept, sent in events.items():
        assert callers[dept].post(sent).json()["outcome"] == "held"
    fgw = callers["fgw"]
    told = [json.loads(one.value or b"{}") for one in fgw.waiting()]
    assert {one["type"] for one in told} == {"cn.gongkai.publication.scheduled.v1"}
    assert not [one for one in fgw.waiting() if "供暖".encode() in (one.value or b"")]
    clock.pass_(timedelta(hours=1, minutes=59, seconds=59))
    assert releaser(gateway, clock).release() == 0
    clock.pass_(timedelta(minutes=7))

    assert releaser(gateway, clock).release() == 3

    released = [one for one in fgw.waiting() if b"publication.submitted" in (one.value or b"")]
    assert {one.value for one in released} == {to_bytes(sent) for sent in events.values()}
    assert {one.timestamp for one in released} == {int(MINUTE.timestamp() * 1000)}
    assert releaser(gateway, clock).release() == 0
    assert fgw.outcomes() == {"forwarded": 6}


def test_its_own_department_alone_sees_what_is_held(gateway: Gateway) -> None:
    mine, other = Caller(gateway, "fgw"), Caller(gateway, "jyj")
    sent = submitted("fgw", release_at=AT)
    mine.post(sent)
    assert [one["id"] for one in mine.http.get("/v1/departments/me/held").json()] == [sent["id"]]
    assert other.http.get("/v1/departments/me/held").json() == []
    assert mine.http.get(f"/v1/events/{sent['id']}").json()["state"] == "held"
    assert mine.post(sent).json()["outcome"] == "repeated"


def test_a_withdrawal_before_the_minute_leaves_nothing_to_be_seen(gateway: Gateway, clock: MovingClock) -> None:
    caller = Caller(gateway, "fgw")
    sent = submitted("fgw", release_at=AT)
    caller.post(sent)

    gone = caller.post(withdrawn("fgw", envelope={"subject": sent["subject"]}))

    assert gone.json()["outcome"] == "cancelled"
    clock.pass_(timedelta(hours=3))
    assert releaser(gateway, clock).release() == 0
    told = [json.loads(one.value or b"{}") for one in caller.waiting()]
    assert [one["data"]["cancelled"] for one in told] == [False, True]
    assert caller.http.get(f"/v1/events/{sent['id']}").json()["state"] == "cancelled"
    assert caller.outcomes() == {"cancelled": 2, "forwarded": 2}


def test_a_withdrawal_of_what_was_public_travels_and_lets_go_of_the_held_version(
    gateway: Gateway, clock: MovingClock
) -> None:
    caller = Caller(gateway, "fgw")
    first = submitted("fgw")
    caller.post(first)
    held = updated("fgw", release_at=AT, envelope={"subject": first["subject"]})
    assert caller.post(held).json()["outcome"] == "held"

    gone = caller.post(withdrawn("fgw", version=2, envelope={"subject": first["subject"]}))

    assert gone.json()["outcome"] == "forwarded"
    clock.pass_(timedelta(hours=3))
    assert releaser(gateway, clock).release() == 0


def test_it_is_judged_as_of_its_minute(gateway: Gateway) -> None:
    minute = (NOON + timedelta(days=3)).isoformat()
    assert Caller(gateway, "fgw").post(submitted("fgw", release_at=minute)).status_code == 202
    after = {"at": NOON + timedelta(days=4)}
    answer = Caller(gateway, "fgw").post(submitted("fgw", release_at=minute, envelope=after))
    assert (answer.status_code, answer.json()["outcome"]) == (422, "held")
    assert "REJ-TIME" in [one["rule"] for one in answer.json()["findings"]]


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=2), timedelta(days=3)])
def test_a_minute_of_release_makes_no_old_event_young(gateway: Gateway, ahead: timedelta) -> None:
    old = submitted("fgw", release_at=(NOON + ahead).isoformat(), envelope={"at": NOON - timedelta(days=400)})
    answer = Caller(gateway, "fgw").post(old)
    assert (answer.status_code, answer.json()["outcome"], answer.json()["code"]) == (422, "rejected", "REJ-TIME")


def test_a_door_that_dies_at_any_point_releases_each_once(plain: Settings, clock: MovingClock) -> None:
    sent = submitted("fgw", release_at=AT)
    with door_with(plain, clock) as gateway:
        Caller(gateway, "fgw").post(sent)
        dying = releaser(gateway, clock)
        clock.pass_(timedelta(hours=3))
        dying._outbox.append_all = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            dying.release()
    with door_with(plain, clock) as gateway:
        caller = Caller(gateway, "fgw")
        assert [releaser(gateway, clock).release() for _ in range(2)] == [1, 0]
        [released] = [one for one in caller.waiting() if b"publication.submitted" in (one.value or b"")]
        assert (released.value, released.timestamp) == (to_bytes(sent), int(MINUTE.timestamp() * 1000))
