"""When an account may send, and what goes together."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from consumers.newmedia.slots import (
    SHANGHAI,
    Candidate,
    first_slot,
    next_period,
    period_of,
    pick,
    slot_after,
    slot_without_quota,
    urgency,
)
from schemas.city import Outlet
from schemas.city.models import Limits, Quota


def outlet(**values: object) -> Outlet:
    given: dict[str, object] = {
        "id": "account", "name": "账号", "platform": "wechat", "feed": "newmedia-feed", "channels": ("两微一端",),
        "limits": Limits(articles=8), "quota": Quota(n=1, per="day"), "basis": "群发规则", **values,
    }  # fmt: skip
    return Outlet.model_validate(given)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def waiting(
    subject: str, ready: datetime, rank: int = 4, slot: datetime | None = None, solo: bool = False
) -> Candidate:
    return Candidate(subject, rank, ready, slot or ready, solo)


@pytest.mark.parametrize(
    ("per", "moment", "period", "following"),
    [
        ("day", "2026-09-21T23:59:59", "2026-09-21", "2026-09-22T00:00"),
        ("day", "2026-12-31T12:00", "2026-12-31", "2027-01-01T00:00"),
        ("month", "2026-01-31T23:59:59", "2026-01", "2026-02-01T00:00"),
        ("month", "2026-12-05T00:00", "2026-12", "2027-01-01T00:00"),
    ],
)
def test_periods_are_days_and_months_of_shanghai(per: str, moment: str, period: str, following: str) -> None:
    account = outlet(quota=Quota.model_validate({"n": 1, "per": per}))

    assert period_of(account, at(moment)) == period
    assert next_period(account, at(moment)) == at(following)


def test_a_slot_is_the_next_opening_and_an_emergency_needs_none() -> None:
    account = outlet(slots=(time(17), time(9)))

    assert slot_after(account, at("2026-09-21T08:00")) == at("2026-09-21T09:00")
    assert slot_after(account, at("2026-09-21T09:00")) == at("2026-09-21T09:00")
    assert slot_after(account, at("2026-09-21T18:00")) == at("2026-09-22T09:00")
    assert first_slot(account, at("2026-09-21T18:00"), emergency=True) == at("2026-09-21T18:00")
    assert slot_without_quota(account, at("2026-09-21T18:00"), emergency=False) == at("2026-09-22T09:00")
    assert slot_without_quota(account, at("2026-09-21T18:00"), emergency=True) == at("2026-09-22T00:00")


def test_nothing_goes_before_its_slot() -> None:
    now = at("2026-09-21T12:00")
    early = waiting("a", now, slot=now + timedelta(hours=5))

    assert pick(outlet(), [early], now) == ()
    assert pick(outlet(), [early], now + timedelta(hours=5)) == (early,)


def test_a_send_that_is_not_full_waits_until_nothing_new_has_come_for_a_while() -> None:
    account, start = outlet(settle_seconds=60), at("2026-09-21T12:00")
    first, second = waiting("a", start), waiting("b", start + timedelta(seconds=50))

    assert pick(account, [first, second], start + timedelta(seconds=70)) == ()
    assert pick(account, [first, second], start + timedelta(seconds=110)) == (first, second)
    full = [waiting(f"c{number}", start + timedelta(seconds=50)) for number in range(9)]
    assert len(pick(account, full, start + timedelta(seconds=51))) == 8


def test_an_emergency_goes_first_and_takes_along_what_is_ready() -> None:
    now = at("2026-09-21T12:00")
    later = waiting("a", now, rank=2, slot=now + timedelta(hours=5))
    emergency = waiting("b", now, rank=0)

    assert pick(outlet(settle_seconds=600), [later, emergency], now) == (emergency, later)


def test_an_item_that_was_refused_among_others_goes_alone() -> None:
    now = at("2026-09-21T12:00")
    suspect, other = waiting("a", now, solo=True), waiting("b", now)

    assert pick(outlet(), [suspect, other], now) == (suspect,)


def test_an_unknown_class_comes_last() -> None:
    assert [urgency(name, ("应急", "政策")) for name in ("应急", "政策", "别的")] == [0, 1, 2]
