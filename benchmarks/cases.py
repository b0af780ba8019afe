"""Any number of cases of the example city and their steps, each quickly: scripts made with care, copied by number.

Letters (personal, sealed), requests for information and hot spots, whose every step the public sees: eight, eight and
seven steps, all of them taken. A step is about 700 bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kafka.partitioner import murmur2

from schemas.topics import TOPIC_OF_FAMILY

LEAD, DEPT = "zfb", "fgw"
_NUMBER, _INSTANT, _DAY = "@00000000", "2026-03-02T09:00:00+08:00", "2026-03-02"
_FACTS = {"identity": "是", "contact": "是", "concrete": "是", "title_length": "16", "body_length": "300"}
_TEXT = "依据《示例市公园管理办法》第三条办理完毕，结果已经书面告知本人，后续将按季度检查。"


class Case(NamedTuple):
    """What a kind of case goes through."""

    family: str
    opening: str
    steps: tuple[tuple[str, str, dict[str, str]], ...]
    """Step, who takes it (a department; empty: the citizen) and its fields; the first opens the case."""


CASES = (
    Case("complaint", "submitted", (
        ("submitted", "", {}), ("accepted", LEAD, {}), ("assigned", LEAD, {"dept": DEPT}), ("taken-up", DEPT, {}),
        ("replied", DEPT, {"reply": _TEXT, "result": "已经办结"}), ("called-back", LEAD, {"reached": "是"}),
        ("rated", LEAD, {"rating": "满意"}), ("closed", LEAD, {}),
    )),
    Case("matter", "opened", (
        ("opened", LEAD, {"found_at": _INSTANT, "source": "网络"}),
        ("verified", LEAD, {"level": "重大", "involves": "涉及公众切身利益"}),
        ("assigned", LEAD, {"responsible": DEPT}), ("responded", LEAD, {"form": "权威发布", "response": _TEXT}),
        ("settled", LEAD, {"outcome": _TEXT}), ("not-published", LEAD, {}), ("reviewed", LEAD, {"assessment": _TEXT}),
    )),
    Case("complaint", "submitted", (
        ("submitted", "", {}), ("accepted", LEAD, {}), ("assigned", LEAD, {"dept": DEPT}), ("taken-up", DEPT, {}),
        ("replied", DEPT, {"reply": _TEXT, "result": "已经办结"}), ("called-back", LEAD, {"reached": "是"}),
        ("rated", LEAD, {"rating": "满意"}), ("closed", LEAD, {}),
    )),
    Case("foi-request", "submitted", (
        ("submitted", "", {}), ("confirmed", LEAD, {"received_on": _DAY}), ("registered", LEAD, {"reg_no": "2026-1"}),
        ("assigned", LEAD, {"dept": DEPT}), ("drafted", DEPT, {"outcome": "granted", "statute": "第三十六条"}),
        ("audited", LEAD, {"audit_result": "同意"}),
        ("replied", LEAD, {"outcome": "granted", "reply_no": "公开办〔2026〕12号-告", "statute": "第三十六条",
                           "remedies": "六十日内可以申请行政复议，或者提起行政诉讼", "where": "市政府网站"}),
        ("archived", LEAD, {"library": "否", "case_outcome": "granted", "case_statute": "第三十六条"}),
    )),
    Case("matter", "opened", (
        ("opened", LEAD, {"found_at": _INSTANT, "source": "网络"}),
        ("verified", LEAD, {"level": "重大", "involves": "涉及公众切身利益"}),
        ("assigned", LEAD, {"responsible": DEPT}), ("responded", LEAD, {"form": "权威发布", "response": _TEXT}),
        ("settled", LEAD, {"outcome": _TEXT}), ("not-published", LEAD, {}), ("reviewed", LEAD, {"assessment": _TEXT}),
    )),
)  # fmt: skip
_DATA: dict[str, dict[str, Any]] = {
    "complaint": {"lifecycle": "letter", "mailbox": "hotline", "kind": "咨询", "submitted_at": _INSTANT,
                  "channel": "网站", "personal": {"key_id": "k", "sealed": "c" * 300, "facts": _FACTS}},
    "foi-request": {"lifecycle": "foi-request", "applicant": "自然人", "way": "当面", "submitted_at": _INSTANT,
                    "form_wanted": "电子", "personal": {"key_id": "k", "sealed": "c" * 300, "facts": _FACTS}},
    "matter": {"lifecycle": "hot-spot", "title": "关于公园开放时间的网络反映", "lead_dept": LEAD, "at": _INSTANT},
}  # fmt: skip


class Step(NamedTuple):
    """One event, ready to be sent."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    at: int


class Cases:
    """Cases by number, cut into partitions as Kafka would."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._made = [[_template(case, number) for number in range(len(case.steps))] for case in CASES]

    def count(self, cases: int) -> int:
        """How many steps so many cases have."""
        each = [len(case.steps) for case in CASES]
        return sum(each) * (cases // len(each)) + sum(each[: cases % len(each)])

    def steps(self, cases: int, open_: int, first: int) -> Iterator[Step]:
        """All steps, a millisecond apart from `first` (ms) on; `open_` cases are under way at a time."""
        at = first
        for begun in range(0, cases, open_):
            some = range(begun, min(begun + open_, cases))
            for step in range(max(len(case.steps) for case in CASES)):
                for number in some:
                    if step < len(self._made[number % len(CASES)]):
                        yield self._step(number, step, at)
                        at += 1

    def _step(self, number: int, step: int, at: int) -> Step:
        key = f"{LEAD}/case-{number:08d}".encode()
        value = self._made[number % len(CASES)][step].replace(_NUMBER.encode(), b"-%08d" % number)
        now = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
        value = value.replace(_INSTANT.encode(), now.encode()).replace(_DAY.encode(), _day(at).encode())
        topic = TOPIC_OF_FAMILY[CASES[number % len(CASES)].family].name
        return Step(topic, (murmur2(key) & 0x7FFFFFFF) % self._partitions, key, value, at)


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000 + 8 * 3600, UTC).date().isoformat()


def _template(case: Case, number: int) -> bytes:
    step, dept, fields = case.steps[number]
    verb = case.opening if number == 0 else "stepped"
    event = {
        "specversion": "1.0", "id": f"{step}{_NUMBER}", "source": f"/departments/{dept}" if dept else "/portal",
        "type": f"cn.gongkai.{case.family}.{verb}.v1", "subject": f"{LEAD}/case{_NUMBER}", "time": _INSTANT,
        "datacontenttype": "application/json",
        "data": _DATA[case.family] | ({"fields": fields} if fields else {}) if number == 0 else {
            "step": step, "actor_dept": dept, "actor_role": "经办", "at": _INSTANT, "reason": "已经核实",
            "fields": fields,
        },
    }  # fmt: skip
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
