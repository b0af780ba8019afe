"""A department's key ends with it; its successor's own key speaks for it and reads what came of its events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from bus.city import Standing
from bus.settings import Settings
from producers.gateway import Gateway, build_gateway
from producers.tables import FEED
from tests.producers.door import Caller
from tests.producers.test_rejections import Bus
from tests.support.events import NOON, submitted
from tests.support.releasing import example_files, replaced

OLD, NEW = "fgw", "jyj"


@contextmanager
def door(settings: Settings, days: int) -> Iterator[Gateway]:
    """A door so many days after NOON, where OLD ended with the day before NOON's."""
    files = example_files(1)
    [line] = [each for each in files["departments.csv"].decode().splitlines() if each.startswith(f"{OLD},")]
    cells = line.split(",")
    cells[-3:-1] = [NOON.date().isoformat(), NEW]
    files["departments.csv"] = replaced(files["departments.csv"], line, ",".join(cells))
    gateway = build_gateway(settings, lambda: NOON + timedelta(days=days), Standing(files))
    services = [service for service in gateway.services if service.name in {"stores", "writer"}]
    for service in services:
        service.start()
    try:
        yield gateway
    finally:
        for service in reversed(services):
            service.stop()


def test_on_its_last_day_the_key_opens_the_door_and_the_day_after_it_names_the_successor(plain: Settings) -> None:
    with door(plain, 0) as gateway, Caller(gateway, OLD) as caller:
        assert caller.http.get("/v1/departments/me/feed").status_code == 200
    with door(plain, 1) as gateway, Caller(gateway, OLD) as caller:
        answer = caller.http.get("/v1/departments/me/feed")
        assert (answer.status_code, answer.json()["code"]) == (401, "KEY-ENDED")
        assert f"（{NEW}）承接" in answer.text


def test_what_was_sent_back_to_it_is_mended_by_its_successor_from_that_day_on(plain: Settings) -> None:
    wrong = submitted(OLD, "2026-1", elements={"事项": "供暖"})
    mended = submitted(NEW, corrects=wrong["id"], envelope={"at": NOON + timedelta(days=1), "subject": f"{OLD}/2026-1"})
    other = submitted("mzj", "2026-1", corrects=wrong["id"], envelope={"at": NOON + timedelta(days=1)})
    with door(plain, 1) as gateway, Caller(gateway, "zfb") as lead:

        def corrected() -> str | None:
            (row,) = lead.http.get(f"/v1/rejections?dept={OLD}").json()["items"]
            open_ = lead.http.get(f"/v1/rejections?dept={OLD}&state=open").json()["items"]
            assert bool(open_) == (row["corrected"] is None)
            return str(row["corrected"]["event_id"]) if row["corrected"] else None

        bus = Bus(gateway, gateway.door.pack)
        for sent, days, expected in ((wrong, 0, None), (other, 1, None), (mended, 1, mended["id"])):
            bus.take(sent, later=timedelta(days=days))
            assert corrected() == expected


def test_what_it_named_before_it_took_over_mends_nothing(plain: Settings) -> None:
    wrong = submitted(OLD, "2026-1", elements={"事项": "供暖"})
    with door(plain, 1) as gateway, Caller(gateway, "zfb") as lead:
        Bus(gateway, gateway.door.pack).take(wrong, submitted(NEW, corrects=wrong["id"]))
        (row,) = lead.http.get(f"/v1/rejections?dept={OLD}&state=open").json()["items"]
        assert row["corrected"] is None


def test_the_successors_key_sends_for_it_and_reads_its_feed_from_that_day_on(plain: Settings) -> None:
    with door(plain, 1) as gateway, Caller(gateway, NEW) as caller:
        with gateway.door.store.begin() as conn:
            rows = [{"dept": dept, "kind": "verdict", "gk_id": dept, "body": "{}"} for dept in (OLD, NEW, "mzj")]
            conn.execute(FEED.insert(), rows)
        assert [each["dept"] for each in caller.http.get("/v1/departments/me/feed").json()["items"]] == [OLD, NEW]
        event = submitted(NEW, envelope={"at": NOON + timedelta(days=1), "subject": f"{OLD}/2026-1"})
        assert caller.post(event).json()["outcome"] == "forwarded"
    with door(plain, 0) as gateway, Caller(gateway, NEW) as caller:
        assert [each["dept"] for each in caller.http.get("/v1/departments/me/feed").json()["items"]] == [NEW]
