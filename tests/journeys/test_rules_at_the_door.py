"""What the rules ask, seen from outside: in by the door, out by the portal's page, the rejection or the ledger.

Nothing runs beside the test: the door's outbox is judged by the router's own code, and what that gives is applied to
the portal's store by its own sink.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bus.record import Record
from producers.gateway import Gateway
from schemas import headers as h
from schemas.city import Pack
from streams.judging import Judging
from tests.consumers.portal.serving import Portal, served
from tests.producers.door import Caller, open_door
from tests.rules.making import pack
from tests.support.events import NOON, JsonObject, submitted
from tests.support.servers import plain_settings

DAY = NOON.date().isoformat()


@dataclass
class Office:
    """Departments before a door, and the portal that citizens read."""

    gateway: Gateway
    portal: Portal
    _judged: int = 0
    _callers: dict[str, Caller] = field(default_factory=dict)

    def send(self, event: JsonObject) -> JsonObject:
        """The door's answer to `event`, once all that came of it is on the portal."""
        dept = event["source"].rpartition("/")[2]
        caller = self._callers.setdefault(dept, Caller(self.gateway, dept))
        answer: JsonObject = caller.post(event).json()
        waiting = [out for out in caller.waiting() if out.topic == "publications"]
        for number, out in enumerate(waiting[self._judged :], self._judged):
            record = Record(out.topic, 0, number, out.timestamp or 0, out.key, out.value, ())
            self._publish(Judging(pack())(record))
        self._judged = len(waiting)
        return answer

    def _publish(self, outs: Any) -> None:
        for number, out in enumerate(outs):
            if out.topic == "portal-feed":
                headers = (*(pair for pair in out.headers if pair[0] != h.ORIGIN), (h.ORIGIN, b"publications/0/1"))
                place = self._judged * 10 + number
                self.portal.shelf.apply([Record(out.topic, 0, place, out.timestamp or 0, out.key, out.value, headers)])

    def page(self, subject: str, status: int = 200) -> str:
        return self.portal.text(f"/items/{subject}", status)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_door(plain_settings(tmp_path / "door", fsync=False)) as gateway, served(tmp_path / "portal") as portal:
        yield Office(gateway, portal)


def of_row(code: str, dept: str, local_id: str = "1", **data: Any) -> JsonObject:
    """A right publication of a row: its elements filled in, its one of 五公开, its first kind."""
    city: Pack = pack()
    row = city.row[code]
    kind = city.kind[data.get("kind", row.kinds[0])]
    words = {name: f"{name}：见正文" for name in (*row.elements, *kind.elements)}
    whole = {
        "item": code, "kind": kind.name, "five_open": row.five_open, "channels": ["政府网站"], "elements": words,
        "dates": {row.time_limit.trigger: DAY, "formed": DAY, "decided": DAY},
    }  # fmt: skip
    return submitted(dept, local_id, **{**whole, **data})


def rules(answer: JsonObject) -> list[str]:
    return [found["rule"] for found in answer["findings"] if found["severity"] != "warn"]


def said(answer: JsonObject) -> str:
    return "".join(found["message"]["zh"] for found in answer["findings"])


def lacking(event: JsonObject, element: str) -> JsonObject:
    del event["data"]["elements"][element]
    return event


@pytest.mark.feature("0-05")
def test_a_guide_is_shown_with_all_its_fields_and_refused_without_one(office: Office) -> None:
    title = "示例市发展和改革委员会政府信息公开指南"
    for name in ("传真", "联系电话", "办公地址"):
        answer = office.send(lacking(of_row("01-08", "fgw", name.encode().hex(), title=title), name))
        assert (answer["status"], rules(answer)) == (422, ["REJ-ELEMENTS"])
        assert name in said(answer)
        office.page(f"fgw/{name.encode().hex()}", 404)
    event = of_row("01-08", "fgw", title=title)
    event["data"]["elements"] |= {"联系电话": "咨询电话：0999-6000000", "传真": "传真：0999-6000001"}
    assert office.send(event)["status"] == 202
    page = office.page("fgw/1")
    assert all(f"<dt>{name}</dt>" in page for name in pack().row["01-08"].elements)
    assert "0999-6000001" in page


@pytest.mark.feature("0-06")
@pytest.mark.feature("3-23")
def test_a_system_document_needs_three_gates_signed_by_different_persons(office: Office) -> None:
    def signed_by(*persons: str) -> JsonObject:
        event = of_row("01-10", "fgw", "-".join(persons).replace(" ", "_"))
        for one, person in zip(event["data"]["sign_offs"], persons, strict=False):
            one["person"] = person
        event["data"]["sign_offs"] = event["data"]["sign_offs"][: len(persons)]
        return event

    gates = {2: "政策关", 4: "政治关"}
    for number, gate in gates.items():
        answer = office.send(signed_by(*[f"p{n}" for n in range(number)]))
        assert (answer["status"], rules(answer)) == (422, ["REJ-REVIEW"])
        assert gate in said(answer)
    same = office.send(signed_by("a", "a", "b", "b", "a", "c"))
    assert rules(same) == ["REJ-REVIEW"]
    assert "文字关" in said(same)
    assert "政治关" in said(same)
    blank = office.send(signed_by("a", "a", "b", "b", "a ", "c"))
    assert rules(blank) == ["REJ-REVIEW"]
    assert office.send(signed_by("a", "a", "b", "b", "c", "d"))["status"] == 202
    assert "制度名称" in office.page("fgw/a-a-b-b-c-d")


@pytest.mark.feature("0-10")
def test_a_notice_of_candidates_without_candidates_is_told_so(office: Office) -> None:
    answer = office.send(lacking(of_row("05-02", "zjj"), "候选人"))
    assert (answer["status"], rules(answer)) == (422, ["REJ-ELEMENTS"])
    assert "缺少公开要素：候选人。" in said(answer)
    office.page("zjj/1", 404)


@pytest.mark.feature("1-01")
def test_a_joint_document_is_published_by_its_lead_once_the_others_confirmed_and_shows_both(office: Office) -> None:
    waiting = of_row("01-06", "zfb", co_issuers=[{"dept": "czj"}])
    answer = office.send(waiting)
    assert rules(answer) == ["REJ-CONFIRM"]
    assert "示例市财政局" in said(answer)
    confirmed = [{"dept": "czj", "confirmed_at": (NOON - timedelta(hours=1)).isoformat()}]
    other = of_row("01-06", "czj", responsible_dept="zfb", co_issuers=confirmed)
    assert "REJ-AUTHORITY" in rules(office.send(other))
    assert office.send(of_row("01-06", "zfb", "2", co_issuers=confirmed))["status"] == 202
    assert "<dd>示例市人民政府办公室、示例市财政局</dd>" in office.page("zfb/2")


@pytest.mark.feature("2-30")
def test_final_accounts_without_the_heading_on_performance_are_refused(office: Office) -> None:
    answer = office.send(of_row("06-02", "fgw", body="一、收支总表\n本部门已开展部门整体绩效管理情况自评。"))
    assert rules(answer) == ["REJ-ELEMENTS"]
    assert "部门整体绩效管理情况" in said(answer)
    right = of_row("06-02", "fgw", "2", body="一、收支总表\n见附表。\n二、部门整体绩效管理情况\n绩效良好。")
    assert office.send(right)["status"] == 202
    assert "<h2>二、部门整体绩效管理情况</h2>" in office.page("fgw/2")


@pytest.mark.feature("3-16")
def test_a_penalty_sent_on_the_eighth_working_day_is_late_and_shown_all_the_same(office: Office) -> None:
    found = {}
    for day in ("2026-09-10", "2026-09-11"):  # the 20th is a working Sunday
        answer = office.send(of_row("08-01", "scjg", day, dates={"decided": day}))
        assert answer["status"] == 202
        found[day] = [one["rule"] for one in answer["findings"]]
        assert "处罚结果" in office.page(f"scjg/{day}")
    assert (found["2026-09-10"], found["2026-09-11"]) == (["REJ-LATE"], [])


@pytest.mark.feature("3-19")
def test_a_random_inspection_shows_both_draws_and_its_day(office: Office) -> None:
    for name in ("检查对象抽取情况", "检查人员选派情况", "抽查时间"):
        answer = office.send(lacking(of_row("08-03", "scjg", name.encode().hex()), name))
        assert rules(answer) == ["REJ-ELEMENTS"]
        assert name in said(answer)
    event = of_row("08-03", "scjg")
    event["data"]["elements"] |= {
        "检查对象抽取情况": "从120家中随机抽取6家", "检查人员选派情况": "从40人中随机选派4人", "抽查时间": "2026-09-18",
    }  # fmt: skip
    assert office.send(event)["status"] == 202
    page = office.page("scjg/1")
    assert all(text in page for text in ("随机抽取6家", "随机选派4人", "2026-09-18"))


@pytest.mark.feature("4-23")
def test_a_reply_to_a_proposal_is_listed_and_shows_number_handler_and_result(office: Office) -> None:
    event = of_row("10-01", "jtj", title="对“增加夜间公交班次”建议的答复")
    event["data"]["elements"] |= {"编号": "第17号", "承办单位": "示例市交通运输局", "答复全文": "自十月起增加两班。"}
    assert office.send(event)["status"] == 202
    page = office.page("jtj/1")
    assert all(text in page for text in ("第17号", "示例市交通运输局", "自十月起增加两班。"))
    column = pack().row["10-01"].column
    assert "对“增加夜间公交班次”建议的答复" in office.portal.text(f"/columns/{column}")


@pytest.mark.feature("4-34")
def test_nothing_is_published_without_a_record_of_the_secrecy_review_or_with_a_mark(office: Office) -> None:
    unreviewed = of_row("01-06", "fgw", "1")
    del unreviewed["data"]["secrecy_review"]
    assert rules(office.send(unreviewed)) == ["REJ-REVIEW"]
    asked = of_row("01-06", "fgw", "2")
    asked["data"]["secrecy_review"]["result"] = "报请确定"
    answer = office.send(asked)
    assert rules(answer) == ["REJ-PENDING"]
    assert "公开期限照常计算（2026-09-29）" in said(answer)
    assert "TX-01" in rules(office.send(of_row("01-06", "fgw", "3", body="机密★\n各有关单位：现将有关事项通知如下。")))
    for number in (1, 2, 3):
        office.page(f"fgw/{number}", 404)
    assert office.send(of_row("01-06", "fgw", "4"))["status"] == 202
    office.page("fgw/4")
