"""Registers in the portal's store: any order gives the same, each event one receipt, a load whole or not at all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bus.record import Record
from bus.settings import Settings
from bus.store import digest
from bus.store.bigrams import Query
from consumers.portal.projection import PortalProjection
from consumers.portal.registers import queries, report
from consumers.portal.registers.queries import Wanted
from consumers.portal.tables import REGISTER_TERMS, register_records, register_versions
from tests.consumers.portal.feeding import SITE, Feed, Shelf, opened, plain
from tests.support.events import NOON, JsonObject, event, submitted

POWER = {"事项名称": "城镇燃气经营许可", "事项类型": "行政许可", "实施依据": "条例第十五条", "承办科室": "审批科"}


def loaded(*records: JsonObject, dept: str = "xzsp", register: str = "power-list") -> JsonObject:
    """Many records in one event."""
    data = {"register_name": register, "records": list(records)}
    return event("register", "loaded", dept, "", data, subject=f"{dept}/{register}")


def power(code: str, version: int = 1, **fields: str) -> JsonObject:
    return {"record": code, "version": version, "fields": POWER | fields}


def recorded(code: str, version: int = 1, dept: str = "xzsp", **fields: str) -> JsonObject:
    data = {"register_name": "power-list", "record": code, "version": version, "fields": POWER | fields}
    return event("register", "recorded", dept, "", data, subject=f"{dept}/power-list")


def removed(code: str, version: int = 1, dept: str = "xzsp") -> JsonObject:
    data = {"register_name": "power-list", "record": code, "version": version, "reason": "依据已废止。"}
    return event("register", "removed", dept, "", data, subject=f"{dept}/power-list")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def offline(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of either store without a broker."""
    settings = plain(tmp_path)
    if request.param == "sqlite":
        return settings
    url = request.getfixturevalue("postgres_url")
    return settings.model_copy(update={"database": url, "prefix": f"g{uuid4().hex[:12]}."})


@pytest.fixture
def shelf(offline: Settings) -> Iterator[Shelf]:
    with opened(offline) as shelf:
        yield shelf


def fed(*events: JsonObject) -> list[Record]:
    feed = Feed()
    for each in events:
        feed.add(each)
    return feed.records


def states(shelf: Shelf) -> dict[str, tuple[str, int, str]]:
    with shelf.store.read() as conn:
        rows = conn.execute(sa.select(register_records)).all()
    return {row.key.removeprefix("power-list/"): (row.state, row.version, row.title) for row in rows}


def searched(shelf: Shelf, words: str) -> set[str]:
    r = register_records.c
    with shelf.store.read() as conn:
        ids = REGISTER_TERMS.matching(conn.dialect.name, "power-list", Query.of(words))
        return set(conn.execute(sa.select(r.record).where(r.id.in_(ids))).scalars())


def test_records_are_kept_by_version_and_each_event_ends_in_one_receipt(shelf: Shelf) -> None:
    events = [
        loaded(power("a"), power("b", 事项名称="供热许可")), recorded("a", 2, 事项名称="燃气许可"), removed("b"),
        recorded("a", 1), recorded("c"), recorded("c"), recorded("c", 事项名称="另一内容"), removed("d"),
        submitted("fgw", "x"),
    ]  # fmt: skip
    shelf.apply(fed(*events))
    receipts = [shelf.receipts()[each["id"]] for each in events]
    kinds = ["published", "published", "removed", "noted", "published", "noted", "conflict", "noted", "published"]
    assert [one.kind for one in receipts] == kinds
    assert receipts[0].url is not None
    assert receipts[0].url.endswith("/registers/power-list?dept=xzsp")
    assert receipts[1].url is not None
    assert receipts[1].url.endswith("/registers/power-list/records/xzsp/a")
    assert (receipts[0].version, receipts[1].version, receipts[2].version) == (1, 2, 1)
    assert states(shelf) == {
        "xzsp/a": ("live", 2, "燃气许可"), "xzsp/b": ("removed", 1, "供热许可"),
        "xzsp/c": ("live", 1, "城镇燃气经营许可"),
        "xzsp/d": ("absent", 0, "d"),
    }  # fmt: skip
    assert searched(shelf, "许可") == {"a", "c"}
    assert searched(shelf, "城镇") == {"c"}


def test_a_load_that_contradicts_what_is_held_is_not_held_at_all(shelf: Shelf) -> None:
    first, second = loaded(power("a")), loaded(power("b"), power("a", 事项名称="改了名"))
    shelf.apply(fed(first, second))
    receipt = shelf.receipts()[second["id"]]
    assert receipt.kind == "conflict"
    assert receipt.detail is not None
    assert "a (1)" in receipt.detail
    assert set(states(shelf)) == {"xzsp/a"}


def many(seed: int) -> list[list[JsonObject]]:
    """Of four departments each its own events, in order."""
    chosen = random.Random(seed)
    found = []
    for dept in ("xzsp", "mzj", "jyj", "dhq"):
        events: list[JsonObject] = []
        for _ in range(12):
            code, version = chosen.choice("abcd"), chosen.randint(1, 3)
            name = {"事项名称": f"{dept}{chosen.choice(['甲事项', '乙事项'])}{version}"}
            make: Any = chosen.choice([recorded, recorded, removed])
            events.append(make(code, version, dept) if make is removed else make(code, version, dept, **name))
            if chosen.random() < 0.3:
                events.append(loaded(*(power(c, version, **name) for c in "abc"), dept=dept))
        found.append(events)
    return found


def interleaved(records: list[Record], seed: int) -> list[Record]:
    """The same log with its partitions read in another order."""
    chosen, queues = random.Random(seed), {}
    for record in records:
        queues.setdefault(record.partition, []).append(record)
    mixed = []
    while queues:
        partition = chosen.choice(sorted(queues))
        mixed.append(queues[partition].pop(0))
        if not queues[partition]:
            del queues[partition]
    return mixed


@pytest.mark.parametrize("seed", range(3))
def test_any_interleaving_of_partitions_gives_the_same(tmp_path: Path, seed: int) -> None:
    records = fed(*(each for events in many(seed) for each in events))
    digests = set()
    for number in range(3):
        with opened(plain(tmp_path / str(number))) as shelf:
            shelf.apply(interleaved(records, number))
            digests.add(digest(shelf.store))
    assert len(digests) == 1


def test_a_rebuild_gives_the_same_rows_and_the_same_search(offline: Settings, tmp_path: Path) -> None:
    records = fed(*(each for events in many(7) for each in events))
    with opened(offline) as shelf:
        shelf.apply(records)
        before, found = digest(shelf.store), searched(shelf, "事项")
        assert found
        with shelf.store.begin() as conn:
            PortalProjection(SITE).clear(conn)
        assert searched(shelf, "事项") == set()
        assert states(shelf) == {}
    with opened(plain(tmp_path / "again")) as again:
        again.apply(interleaved(records, 1))
        assert (digest(again.store), searched(again, "事项")) == (before, found)


def test_many_loads_are_merged_some_at_a_time(shelf: Shelf) -> None:
    events = [loaded(*(power(f"{n}-{m}") for m in range(400))) for n in range(4)]
    events.append(loaded(*(power(f"0-{m}", 2, 事项名称="第二版") for m in range(400))))
    shelf.apply(fed(*events))
    with shelf.store.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(register_versions)).scalar_one() == 2_000
    assert searched(shelf, "第二版") == {f"0-{m}" for m in range(400)}


def test_lists_and_the_report_are_the_same_on_both_databases(shelf: Shelf) -> None:
    power_list, items = SITE.pack.register["power-list"], SITE.pack.register["service-items"]
    events = [
        loaded(power("a", 关键环节="受理=01-06"), power("b"), power("c", 事项名称="许可检查", 实施依据="经营")),
        loaded(power("a", 事项名称="燃气许可"), dept="cgj"),
        loaded({"record": "s", "version": 1, "fields": {"事项名称": "办证", "实施单位": "dhq", "对应权责事项": "zzz"}},
               register="service-items"),
    ]  # fmt: skip
    shelf.apply(fed(*events))
    with shelf.store.read() as conn:
        found = [queries.records(conn, Wanted("power-list", words), None, 2) for words in ("许可", "经营 许可", "")]
        after = queries.records(conn, Wanted("power-list", "许可"), found[0].after, 2)
        total = queries.count(conn, Wanted("power-list", "经营 许可", kind="行政许可"))
        told = report.report(conn, SITE.pack, power_list, NOON.date())
        other = report.report(conn, SITE.pack, items, NOON.date())
    order = [[(row.record, row.issuer) for row in page.rows] for page in (*found, after)]
    assert order == [
        [("c", "xzsp"), ("a", "cgj")], [("c", "xzsp"), ("a", "xzsp")], [("a", "cgj"), ("a", "xzsp")],
        [("a", "xzsp"), ("b", "xzsp")],
    ]  # fmt: skip
    assert total == 3
    assert [clash.value for clash in told.inconsistent] == ["a"]
    assert [(clash.value, len(clash.members)) for clash in told.duplicates] == [("城镇燃气经营许可", 2)]
    assert [gap.what for gap in told.unpublished] == ["受理（01-06）"]
    assert told.unpublished_count == 1
    assert [gap.what for gap in other.dangling] == ["对应权责事项：zzz"]
    assert other.empty_counts == {"承诺时限": 1}
    assert {one.level: one.covered for one in other.coverage} == {"市": 0, "区": 1, "街镇": 0, "村居": 0}
