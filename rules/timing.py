"""When: the event's own time, the days a publication names, history, and lateness."""

from __future__ import annotations

from datetime import date, datetime

from rules.case import Case, Fault, Faults, why
from rules.clocks import FIRST_DAY, LAST_DAY, starts_from
from schemas.city import Pack
from schemas.reasons import Reason

_PAST = frozenset({"formed", "changed", "approved", "decided", "obtained", "signed"})
"""Days that have happened once the publication is sent; the other two are of validity."""


def time_in_window(pack: Pack, time: datetime, arrival: datetime) -> Faults:
    """The event's time lies shortly before its arrival (DESIGN §2)."""
    before, after = pack.city.clock_before, pack.city.clock_after
    lead = (time - arrival).total_seconds()
    if -before <= lead <= after:
        return ()
    values = {
        "time": time.isoformat(), "arrival": arrival.isoformat(),
        "before": before // 3600, "after": after // 60,
    }  # fmt: skip
    return (Fault(Reason.REJ_TIME, "/time", time.isoformat(), None, values),)


def dates_right(case: Case) -> Faults:
    """The days the row's clock and the kind need are there, and none is impossible."""
    dates, start = case.data.dates, starts_from(case.row.time_limit)
    missing = [name for name in (*([start] if start else []), *case.kind.dates) if name not in dates]
    if missing:
        words = "、".join(dict.fromkeys(missing))
        return (_wrong("/data/dates", words, f"缺少{words}", f"{words} is missing"),)
    ahead = case.row.time_limit.trigger if start is None else None
    for name, day in dates.items():
        if name in _PAST and not FIRST_DAY <= day <= (LAST_DAY if name == ahead else case.day):
            return (_impossible(name, day),)
    return _validity(case)


def _impossible(name: str, day: date) -> Fault:
    early = day < FIRST_DAY
    zh = f"{name}（{day}）早于1949年" if early else f"{name}（{day}）晚于发送当日"
    return _wrong(f"/data/dates/{name}", str(day), zh, f"{name} {day} is {'before 1949' if early else 'to come'}")


def _validity(case: Case) -> Faults:
    effective, expires = case.data.dates.get("effective"), case.data.dates.get("expires")
    if effective is None or expires is None or effective <= expires:
        return ()
    zh, en = f"失效日{expires}早于施行日{effective}", f"it expires {expires}, before it takes effect {effective}"
    return (_wrong("/data/dates/expires", str(expires), zh, en),)


def history_right(case: Case) -> Faults:
    """History names the day it was first public, before the department began here; nothing else names one."""
    first = case.data.published_on
    place = "/data/published_on"
    if not case.data.backfill:
        if first is None:
            return ()
        told = why("只有历史数据可以填写原发布日期", "only history names the day it was first public")
        return (Fault(Reason.REJ_BACKFILL, place, str(first), None, told),)
    if first is None:
        told = why("没有填写原发布日期", "the day it was first public is missing")
        return (Fault(Reason.REJ_BACKFILL, place, "", None, told),)
    return _before_go_live(case, first)


def _before_go_live(case: Case, first: date) -> Faults:
    made_by = case.pack.department.get(case.data.responsible_dept)
    go_live = (made_by and made_by.go_live) or case.pack.go_live
    if first < go_live:
        return ()
    zh = f"原发布日期{first}不早于本部门启用日{go_live}"
    told = why(zh, f"{first} is not before the department's go-live, {go_live}")
    return (Fault(Reason.REJ_BACKFILL, "/data/published_on", str(first), None, told),)


def in_time(case: Case) -> Faults:
    """It came by its due day, else it is late and says why (REJ-LATE); an estimated day is shown as one."""
    due = case.due
    if due is None or case.data.backfill:
        return ()
    if case.arrived <= due.due and due.calendar_complete:
        return ()
    estimate = Fault(Reason.CALENDAR_GAP, "/data/dates", str(due.due), None, {"due": due.due})
    late = Fault(Reason.REJ_LATE, "/data/dates", str(due.due), case.row.basis, {"due": due.due, "day": case.arrived})
    return (*(() if due.calendar_complete else (estimate,)), *((late,) if case.arrived > due.due else ()))


def _wrong(place: str, excerpt: str, zh: str, en: str) -> Fault:
    return Fault(Reason.REJ_DATE, place, excerpt, None, why(zh, en))
