"""Publications that fit a row and a kind, and what the rules say of them, on one line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from rules import Judgement, judge
from rules.calendar import day_of
from rules.case import Fault
from rules.routing import route
from schemas.city import CatalogueRow, Kind, Pack
from schemas.decode import decode
from schemas.reasons import finding
from schemas.records import Finding
from tests.cities.observed.asking import World
from tests.rules.making import Event, changed, example, signed

TRIGGER = "2026-02-10"
"""A Tuesday before the Spring Festival with its make-up days: a day more or less, or another unit, ends elsewhere."""
SENT = datetime.fromisoformat("2026-03-10T09:30:00+08:00")
_SUGGESTING = frozenset({"TX-12"})
"""Rules whose remedy says what the sentence does not."""
TITLE = "关于示例事项的说明"


def fitting(pack: Pack, row: CatalogueRow, kind: Kind | None, dept: str = "") -> Event:
    """A publication of that row and kind as its first publisher would send it, right in everything."""
    dept = dept or publisher(pack, row)
    event = example()
    event["source"], event["subject"] = f"/departments/{dept}", f"{dept}/2026-1"
    start = "formed" if row.time_limit.trigger == "cron" else row.time_limit.trigger
    names = [start, *(kind.dates if kind else ())]
    data = {
        "item": row.code, "kind": kind.name if kind else row.kinds[0], "responsible_dept": dept,
        "five_open": row.five_open, "audience": row.audience[0], "channels": list(row.channels), "summary": None,
        "elements": dict.fromkeys((*row.elements, *(kind.elements if kind else ())), "见正文"),
        "dates": dict.fromkeys(names, TRIGGER), "title": TITLE, "annotation": None,
        "body": "\n".join(["本事项按照规定公开。", *(kind.sections if kind else ())]),
    }  # fmt: skip
    return signed(changed(event, **(data | (_of_kind(kind) if kind else {}))))


def _of_kind(kind: Kind) -> dict[str, Any]:
    title = kind.template.replace("{机关}", "示例市人民政府").replace("{年份}", "2025")
    return {
        "title": title or TITLE,
        "docno": "示政发〔2026〕5号" if kind.docno == "required" else None,
        "links": [{"rel": rel, "target": "zfb/2026-6"} for rel in kind.links],
    }  # fmt: skip


def publisher(pack: Pack, row: CatalogueRow) -> str:
    """The first department that may publish it on the day of these events."""
    codes = pack.publishers_of(row)
    return next(one.code for one in pack.departments_on(day_of(SENT)) if one.code in codes)


def judged(world: World, event: Event, after: timedelta = timedelta(seconds=1)) -> str:
    """Verdict, due day and findings."""
    made = decode(json.dumps(event, ensure_ascii=False).encode())
    return said(judge(world.pack, made, made.time + after))


def said(found: Judgement) -> str:
    """A judgement in words; 〃 stands for the basis named before."""
    dues = [f"due {due.due} {due.clock}【{due.basis}】" for due in found.dues]
    before, parts = "", []
    for part in [found.outcome, *dues, *told(found.findings)]:
        head, mark, basis = part.rpartition("【")
        parts.append(f"{head}【〃】" if mark and basis == before else part)
        before = basis if mark else before
    return "; ".join(parts)


def told(findings: Iterable[Finding]) -> list[str]:
    """Each finding: rule, severity, place, sentence, basis."""
    return [
        f"{one.rule} {one.severity}{list(one.span) if one.span else ''} {one.message.zh}【{one.basis}】"
        for one in findings
    ]


def found(faults: Iterable[Fault]) -> str:
    """Faults of texts: rule, severity, span, sentence."""
    made = [
        finding(
            each.reason, each.place, severity=each.severity, basis=each.basis, excerpt=each.excerpt or None,
            span=each.span, **each.values,
        )
        for each in faults
    ]  # fmt: skip
    return "; ".join(map(_of_text, made)) or "nothing"


def _of_text(one: Finding) -> str:
    span = list(one.span) if one.span else ""
    remedy = one.remedy.zh if one.rule in _SUGGESTING else ""
    return f"{one.rule} {one.severity} {one.place}{span} {one.message.zh}{remedy} | {one.message.en}"


def routed(world: World, event: Event) -> str:
    """Where it goes, and by when."""
    made = decode(json.dumps(event, ensure_ascii=False).encode())
    return ", ".join(f"{one.action} {one.outlet} by {one.feed} {one.quota_class}" for one in route(world.pack, made))
