"""Worklists, by HTTP and in the store: what is due, in order, to whom, and in whatever order it was told."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.record import Record
from bus.settings import Settings
from bus.store import Outbox, Store, Tx
from producers.gateway import Gateway
from producers.projection import DoorProjection
from producers.tables import DUTIES, DUTY_WORDS, OWED, PART, metadata
from producers.worklists import Place, Worklist, listed, note_words
from tests.producers.door import LEAD, Caller
from tests.support.duties import record, word
from tests.support.events import NOON, JsonObject
from tests.support.servers import plain_settings

LATE = NOON - timedelta(days=3)


def tell(gateway: Gateway, *words: JsonObject) -> None:
    """Let the door's projection take words, as its sink would."""
    store = gateway.door.store
    with store.begin() as conn:
        tx = Tx(conn, NOON, Outbox(store))
        DoorProjection().apply(tx, [record(each, offset=offset) for offset, each in enumerate(words)])


def names(answer: JsonObject) -> list[str]:
    return [item["duty"]["duty"] for item in answer["items"]]


def test_a_worklist_shows_what_is_due_the_overdue_first_each_explained(gateway: Gateway, caller: Caller) -> None:
    pauses = [["2026-09-10", "2026-09-14"]]
    tell(gateway, word(2), word(1, due_at=LATE, pauses=pauses, extended=["CLK-05"], calendar_complete=False), word(3))
    tell(gateway, word(4, dept="mzj"), word(5, state="closed", what="closed"), word(6, state="paused", what="paused"))
    answer = caller.http.get("/v1/duties").json()
    assert names(answer) == ["fgw/letter-1#reply#1", "fgw/letter-2#reply#1", "fgw/letter-3#reply#1"]
    first = answer["items"][0]
    assert first["overdue"] and not answer["items"][1]["overdue"]
    assert first["duty"]["basis"] == "信访工作条例" and first["duty"]["calendar_complete"] is False
    assert (first["duty"]["pauses"], first["duty"]["extended"]) == (pauses, ["CLK-05"])
    assert first["rule_page"].endswith("/rules/CMP-03") and first["matter"] == "/v1/matters/fgw/letter-1"
    assert sum(answer["days"].values()) == 3
    assert names(caller.http.get("/v1/duties", params={"state": "paused"}).json()) == ["fgw/letter-6#reply#1"]
    assert names(caller.http.get("/v1/duties", params={"until": "2026-09-18"}).json()) == ["fgw/letter-1#reply#1"]
    assert not names(caller.http.get("/v1/duties", params={"lifecycle": "appeal"}).json())


def test_pages_follow_one_another_and_meet_every_duty_once(gateway: Gateway, caller: Caller) -> None:
    tell(gateway, *(word(number, due_at=LATE) for number in range(1, 8)))
    seen: list[str] = []
    after = None
    while True:
        params = {"limit": 3} | ({"after": after} if after else {})
        page = caller.http.get("/v1/duties", params=params).json()
        seen += names(page)
        after = page["next"]
        if after is None:
            break
    assert len(seen) == 7 == len(set(seen))


@pytest.mark.parametrize(
    "after", ["x", "AAAA", "\udcff".encode("utf-8", "replace").decode(), "OTk5OTk5OTk5OTk5OTk5OTk5OTk5IHg"]
)
def test_a_cursor_that_is_none_is_refused(caller: Caller, after: str) -> None:
    assert caller.http.get("/v1/duties", params={"after": after}).json()["code"] == "CURSOR"


def test_nobody_reads_anothers_worklist_but_the_lead_office(gateway: Gateway, caller: Caller) -> None:
    tell(gateway, word(1, dept="mzj", due_at=LATE), word(2, due_at=LATE), word(3))
    assert caller.http.get("/v1/duties", params={"dept": "mzj"}).status_code == 403
    assert caller.http.get("/v1/duties/overdue").status_code == 403
    assert caller.http.get(f"/v1/duties/{quote('mzj/letter-1#reply#1')}").status_code == 404
    with Caller(gateway, LEAD) as lead:
        assert names(lead.http.get("/v1/duties", params={"dept": "mzj"}).json()) == ["mzj/letter-1#reply#1"]
        assert len(names(lead.http.get("/v1/duties", params={"dept": "all"}).json())) == 3
        overdue = lead.http.get("/v1/duties/overdue").json()
    assert [(each["dept"], each["count"]) for each in overdue["departments"]] == [("fgw", 1), ("mzj", 1)]
    assert len(overdue["page"]["items"]) == 2


def test_the_history_and_the_feed_tell_every_word_also_to_who_owes_it_no_longer(
    gateway: Gateway, caller: Caller
) -> None:
    duty = "fgw/letter-1#reply#1"
    passed = word(1, 2, what="assigned", depts=("mzj",), subject="fgw/letter-1")
    tell(gateway, word(1), passed)
    tell(gateway, word(1), word(1, 3, what="closed", state="closed", depts=("mzj",), subject="fgw/letter-1"))
    found = caller.http.get(f"/v1/duties/{quote(duty)}").json()
    assert [each["what"] for each in found["words"]] == ["opened", "assigned", "closed"]
    mine = caller.http.get("/v1/duties/feed").json()
    assert [each["word"]["what"] for each in mine["items"]] == ["opened", "assigned"]
    assert not caller.http.get("/v1/duties/feed", params={"after": mine["next"]}).json()["items"]
    with Caller(gateway, "mzj") as other:
        heard = other.http.get("/v1/duties/feed").json()["items"]
    assert [each["word"]["what"] for each in heard] == ["assigned", "closed"]


def test_an_ended_departments_duty_is_its_successors(gateway: Gateway, caller: Caller) -> None:
    pack, today = gateway.door.pack, gateway.door.today
    gone, heir = next((d.code, h) for d in pack.departments if (h := pack.heir_of(d.code, today)) is not None)
    tell(gateway, word(1, dept=gone, due_at=LATE))
    with Caller(gateway, heir.code) as made:
        item = made.http.get("/v1/duties").json()["items"][0]
    assert item["duty"]["dept"] == gone and item["owed_by"] == [heir.code]


def test_a_title_that_a_spreadsheet_would_reckon_with_is_text_in_the_csv(gateway: Gateway, caller: Caller) -> None:
    tell(gateway, word(1, title='=HYPERLINK("http://x")'), word(2, title="甲,乙\n丙"))
    answer = caller.http.get("/v1/duties", params={"format": "csv"})
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line[3] for line in lines[1:]] == ['\'=HYPERLINK("http://x")', "甲,乙\n丙"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    database = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    opened = Store(plain_settings(tmp_path, database=database, prefix=f"t{uuid.uuid4().hex[:12]}."), PART, metadata)
    opened.migrate()
    yield opened
    opened.close()


def test_both_stores_read_a_worklist_on_from_anywhere(store: Store) -> None:
    """Ids that differ in case and sign, whose order differs between databases; due times alike."""
    words = [word(dept="fgw", duty=f"fgw/{name}#reply#1", due_at=LATE) for name in "bAaB-_Z1"]
    with store.begin() as conn:
        note_words(conn, [record(each) for each in words])
        seen: list[str] = []
        after: Place | None = None
        while found := listed(conn, Worklist({"fgw", "mzj"}), after, 3):
            seen += [each.place.duty for each in found]
            after = found[-1].place
    assert sorted(seen) == sorted(each["data"]["duty"] for each in words)


WORDS = [
    word(number, version, depts=("mzj",) if version == 2 else ("fgw",), subject=f"fgw/letter-{number}",
         state="closed" if version == 3 else "open", due_at=LATE + timedelta(hours=version))
    for number in (1, 2, 3) for version in (1, 2, 3)
]  # fmt: skip


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Store(Settings(_env_file=None, home=tmp_path_factory.mktemp("worklists"), fsync=False), PART, metadata)
    made.migrate()
    yield made
    made.close()


@given(
    order=st.permutations(WORDS), cuts=st.sets(st.integers(1, 8)), again=st.lists(st.sampled_from(WORDS), max_size=4)
)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_any_interleaving_gives_the_same_rows(
    memory: Store, order: list[JsonObject], cuts: set[int], again: list[JsonObject]
) -> None:
    records = [record(each) for each in [*order, *again]]
    assert _rows(memory, records, sorted(cuts)) == _rows(memory, [record(each) for each in WORDS], [])


def _rows(store: Store, records: list[Record], cuts: list[int]) -> list[list[tuple[object, ...]]]:
    bounds = [0, *cuts, len(records)]
    with store.begin() as conn:
        for table in (DUTIES, OWED, DUTY_WORDS):
            conn.execute(table.delete())
        for start, end in pairwise(bounds):
            note_words(conn, records[start:end])
        return [[tuple(row) for row in conn.execute(sa.select(table).order_by(*table.primary_key))]
                for table in (DUTIES, OWED, DUTY_WORDS)]  # fmt: skip
