"""What is due and overdue, by words about duties; the figures of reports, by steps that were taken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bus.city import Standing
from bus.record import Record
from bus.settings import Settings
from consumers.assessment.lateness import Lateness
from consumers.assessment.ledger import Ledger
from consumers.assessment.web.app import build_app
from consumers.assessment.web.context import Context
from schemas.city import load_pack
from tests.consumers.assessment.ledger_city import City, at
from tests.consumers.office import Player, player
from tests.support import duties
from tests.support.events import JsonObject

TODAY = at("2026-09-28")
LATE = TODAY - timedelta(days=2)


@dataclass
class Office:
    """A ledger that can be told of duties, and its pages."""

    made: Player
    http: TestClient
    offset: int = 0

    def tell(self, *words: JsonObject) -> None:
        for word in words:
            self.made.play(duties.record(word, offset=self.offset))
            self.offset += 1

    def figure(self, name: str) -> JsonObject:
        found: JsonObject = next(
            each for each in self.http.get("/api/v1/counters").json()["counters"] if each["id"] == name
        )
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    packs = Standing(Settings.model_fields["city"].default)
    with player(tmp_path, Ledger()) as made:
        context = Context(made.store, packs, Lateness(packs), list, lambda: TODAY, "http://portal")
        yield Office(made, TestClient(build_app(context)))


def test_an_unanswered_letter_appears_by_the_name_of_its_department_until_it_is_answered(office: Office) -> None:
    assert "未答复 0 件" in office.http.get("/overdue").text
    office.tell(duties.word(1, dept="mzj", clock="handle", due_at=LATE))
    page = office.http.get("/overdue").text
    assert "未答复 1 件" in page and "示例市民政局 1 件" in page
    office.tell(duties.word(2, dept="mzj", clock="handle", due_at=LATE))
    assert office.figure("unanswered")["count"] == 2
    office.tell(duties.word(1, 2, dept="mzj", clock="handle", due_at=LATE, state="closed", what="closed", late=True))
    assert (office.figure("unanswered")["count"], office.figure("answered-late")["count"]) == (1, 1)


def test_the_rung_reached_stands_beside_what_is_overdue_and_goes_back_when_it_is_taken_back(office: Office) -> None:
    urged = {"what": "rung", "rung": "urged", "rung_name": "催办"}
    supervised = {"what": "rung", "rung": "supervised", "rung_name": "督办令"}
    told = [duties.word(1, due_at=LATE), duties.word(1, 2, due_at=LATE, **urged),
            duties.word(1, 3, due_at=LATE, **supervised)]  # fmt: skip
    office.tell(*reversed(told))
    assert "督办令" in office.http.get("/overdue").text
    office.tell(duties.word(1, 4, due_at=LATE, **{**supervised, "what": "rung-cancelled"}))
    page = office.http.get("/overdue").text
    assert "督办令" not in page and "催办" in page


def test_what_falls_due_is_shown_by_day_and_no_title_is_markup(office: Office) -> None:
    office.tell(duties.word(1, due_at=TODAY + timedelta(days=2), title="<script>x</script>"))
    office.tell(duties.word(2, due_at=TODAY + timedelta(days=60), title="远期"))
    page = office.http.get("/due").text
    assert "2026-09-30" in page and "<script>x" not in page and "远期" not in page


def test_steps_and_matters_are_counted_once_each_and_what_waits_is_not(office: Office) -> None:
    city = City()
    for number, (step, subject, waiting) in enumerate([
        ("supervised", "fgw/h1", False), ("supervised", "fgw/h1", False), ("case-solved", "fgw/h1", False),
        ("case-solved", "fgw/h1", False), ("case-solved", "fgw/h2", True),
    ]):  # fmt: skip
        office.made.play(moved(city, f"m{number}", step, subject, waiting=waiting))
    office.made.play(moved(city, "m2", "case-solved", "fgw/h1", waiting=False))
    assert (office.figure("supervised")["count"], office.figure("cases-solved")["count"]) == (1, 2)
    office.made.play(moved(city, "m9", "case-solved", "fgw/h2", waiting=False))
    assert office.figure("cases-solved")["departments"] == [
        {"code": "fgw", "name": "示例市发展和改革委员会", "count": 3}
    ]


def test_a_letter_that_is_late_by_two_clocks_is_one_unanswered_letter(office: Office) -> None:
    for number, clock in enumerate(("hotline", "veto", "accept"), 1):
        office.tell(
            duties.word(number, dept="mzj", subject="zfb/L1", duty=f"zfb/L1#{clock}#1", clock=clock, due_at=LATE)
        )
    assert office.figure("unanswered")["count"] == 1


def test_units_are_those_who_took_part_each_once_and_matters_are_their_first_one_s(office: Office) -> None:
    city = City()
    for number, depts in enumerate((("fgw", "czj", "mzj"), ("fgw", "jyj"), ("czj",))):
        office.made.play(moved(city, f"p{number}", "held", f"{depts[0]}/P{number}", waiting=False,
                               lifecycle="press-conference", depts=depts[:1], beside=depts[1:]))  # fmt: skip
    assert office.figure("press-conferences")["count"] == 3
    units = office.figure("press-units")
    assert units["count"] == 4
    assert {one["code"]: one["count"] for one in units["departments"]} == {"fgw": 2, "czj": 2, "mzj": 1, "jyj": 1}


def test_every_figure_of_the_example_names_steps_and_clocks_that_there_are() -> None:
    pack = load_pack("cities/example")
    for counter in pack.counters:
        chosen = [pack.lifecycle[name] for name in counter.lifecycles]
        assert set(counter.steps) <= {step for lifecycle in chosen for step in lifecycle.step}
        assert set(counter.clocks) <= {clock for lifecycle in chosen for clock in lifecycle.clock}


def moved(
    city: City, event_id: str, step: str, subject: str, *, waiting: bool, lifecycle: str = "hot-spot",
    depts: Sequence[str] = ("fgw",), beside: Sequence[str] = (),
) -> Record:  # fmt: skip
    """The verdict that accepted a step."""
    record = city.verdict(event_id, subject=subject, version=None, due=None, outlets=(), verb="submitted")
    value = json.loads(record.value or b"")
    value["data"]["matter"] = {
        "lifecycle": lifecycle, "state": "OPEN", "state_name": "处置中", "step": step, "step_name": "环节",
        "version": 1, "at": TODAY.isoformat(), "waiting": waiting, "depts": list(depts),
        "beside": list(beside),
    }  # fmt: skip
    whole = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Record(record.topic, record.partition, record.offset, record.timestamp, record.key, whole, record.headers)
