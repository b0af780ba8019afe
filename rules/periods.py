"""A period day by day: which days counted, which did not and why, and where it ends (RULES §1.1).

The walk is the law; `due_day` is the same answer without the walk, where no pause makes one necessary.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from rules.calendar import ONE_DAY, PAUSED, SHANGHAI, Counted, Day, Pause, WorkCalendar, is_paused
from schemas.city.models import TimeLimit, Unit

FIXED, ROLLED, HOURS = "固定日期，不顺延", "顺延到的工作日", "按小时连续计算"

_ROUNDS = {"Q": 3, "H": 6}


def due_day(limit: TimeLimit, trigger: date, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> Counted:
    """The last day of `limit` from `trigger`.

    A clock of hours whose trigger is known by its day alone ends on the last day it can: hours skip nothing (CAL-03).
    """
    if limit.cron is not None:
        return _named_due(limit, trigger, calendar, pauses)
    if limit.way == "before":
        return _last(days_of(limit, trigger, calendar))
    if limit.unit == "WD":
        return calendar.add_workdays(trigger, limit.n, pauses)
    if pauses:
        return _last(days_of(limit, trigger, calendar, pauses))
    end = trigger + timedelta(days=_length(limit.n, limit.unit, trigger))
    if limit.unit == "H":
        return Counted(end)
    due = calendar.roll(end).due
    return Counted(due, calendar.covers(trigger, due))


def days_of(limit: TimeLimit, trigger: date, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> Iterator[Day]:
    """Every day from the trigger to the due day, which is the last; counting back where `limit` lies before it."""
    if limit.cron is not None:
        return _named_days(limit, trigger, calendar, pauses)
    if limit.way == "before":
        return _backward(limit, trigger, calendar)
    if limit.unit == "WD":
        return calendar.count(trigger, limit.n, pauses)
    return _calendar_days(limit, trigger, calendar, pauses)


def _calendar_days(limit: TimeLimit, trigger: date, calendar: WorkCalendar, pauses: Sequence[Pause]) -> Iterator[Day]:
    """Days that count whatever they are; the end alone rolls, and hours don't even that."""
    first = calendar.told(trigger, 0, "起算日")
    yield replace(first, complete=True, by="") if limit.unit == "H" else first
    day, number, most = trigger, 0, _length(limit.n, limit.unit, trigger)
    while number < most:
        day += ONE_DAY
        paused = is_paused(day, pauses)
        number += not paused
        why = PAUSED if paused else HOURS if limit.unit == "H" else "自然日"
        told = calendar.told(day, None if paused else number, why)
        yield replace(told, complete=True, by="") if limit.unit == "H" else told
    if limit.unit != "H":
        yield from _rolled(day, calendar)


def _rolled(last: date, calendar: WorkCalendar) -> Iterator[Day]:
    """民法典第二百零三条: a last day that is a day off gives way to the day after the days off."""
    day = last
    while not calendar.is_workday(day):
        day += ONE_DAY
        yield calendar.told(day, None, ROLLED if calendar.is_workday(day) else "")


def _backward(limit: TimeLimit, trigger: date, calendar: WorkCalendar) -> Iterator[Day]:
    """So many complete days lie between the due day and the trigger; a due day that is a day off moves ahead of it.

    A least display that must be over by the trigger asks for its own days.
    """
    yield calendar.told(trigger, 0, "起算日")
    n, unit = max([(limit.n, limit.unit), *([limit.min_display] if limit.min_display else [])], key=_rough_days)
    day, number, most = trigger, 0, _back(n, unit, trigger)
    while number < most:
        day -= ONE_DAY
        counts = unit != "WD" or calendar.is_workday(day)
        number += counts
        yield calendar.told(day, number if counts else None, "" if unit == "WD" else "自然日")
    day -= ONE_DAY
    while not calendar.is_workday(day):
        yield calendar.told(day, None)
        day -= ONE_DAY
    yield calendar.told(day, None, "最迟日")


def _rough_days(length: tuple[int, Unit]) -> float:
    return length[0] * {"WD": 1.4, "CD": 1, "H": 1 / 24, "M": 30}[length[1]]


def _back(n: int, unit: Unit, trigger: date) -> int:
    return (trigger - add_months(trigger, -n)).days if unit == "M" else -(-n // 24) if unit == "H" else n


def _length(n: int, unit: Unit, trigger: date) -> int:
    """Days that `n` of a unit other than WD take from `trigger`."""
    return (add_months(trigger, n) - trigger).days if unit == "M" else -(-n // 24) if unit == "H" else n


def _named_due(limit: TimeLimit, trigger: date, calendar: WorkCalendar, pauses: Sequence[Pause]) -> Counted:
    if not limit.n:
        return Counted(nearest(limit.cron or "", trigger))
    after = limit.model_copy(update={"cron": None, "trigger": "formed"})
    counted = [due_day(after, day, calendar, pauses) for day in occurrences(limit.cron or "", trigger)]
    return min(counted, key=lambda one: (abs((one.due - trigger).days), one.due))


def _named_days(limit: TimeLimit, trigger: date, calendar: WorkCalendar, pauses: Sequence[Pause]) -> Iterator[Day]:
    if not limit.n:
        day = nearest(limit.cron or "", trigger)
        return iter([Day(day, None, FIXED, complete=True, by=calendar.by(day))])
    after = limit.model_copy(update={"cron": None, "trigger": "formed"})
    wanted = _named_due(limit, trigger, calendar, pauses).due
    days = occurrences(limit.cron or "", trigger)
    start = next(day for day in days if due_day(after, day, calendar, pauses).due == wanted)
    return days_of(after, start, calendar, pauses)


def _last(days: Iterator[Day]) -> Counted:
    walked = list(days)
    return Counted(walked[-1].day, all(day.complete for day in walked))


def shown_until(limit: TimeLimit, shown_on: date, calendar: WorkCalendar) -> Counted | None:
    """The last day of the least display: so many complete days after `shown_on`; it may roll, never shorten."""
    period = least(limit)
    return None if period is None else due_day(period, shown_on, calendar)


def least(limit: TimeLimit) -> TimeLimit | None:
    """The least display of `limit` as a period by itself, counted from the day the item went up."""
    if limit.min_display is None:
        return None
    n, unit = limit.min_display
    return TimeLimit(trigger="formed", n=n, unit=unit, raw="")


def add_hours(trigger: datetime, n: int, pauses: Sequence[Pause] = ()) -> datetime:
    """The end of a clock of hours (CAL-03): it never skips weekends or holidays, only what is paused."""
    start = trigger.astimezone(SHANGHAI)
    end = start + timedelta(hours=n)
    for day in sorted({day for pause in pauses for day in _each(*pause)}):
        midnight = datetime.combine(day, time(tzinfo=SHANGHAI))
        stopped = max(start, midnight)
        if stopped < end and stopped < midnight + ONE_DAY:
            end += midnight + ONE_DAY - stopped
    return end


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def add_months(day: date, n: int) -> date:
    """The same day `n` months on, or that month's last (民法典 Art. 202)."""
    months = day.year * 12 + day.month - 1 + n
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def nearest(cron: str, day: date) -> date:
    """The occurrence of a day fixed by name that is nearest to `day`; it never rolls (CAL-07)."""
    return min(occurrences(cron, day), key=lambda found: (abs((found - day).days), found))


def following(cron: str, day: date) -> date:
    """The first occurrence of a day fixed by name that is not before `day`; the last, where all are."""
    found = occurrences(cron, day)
    return next((one for one in found if one >= day), found[-1])


def occurrences(cron: str, day: date) -> list[date]:
    """The days that `cron` names in the year of `day` and the years beside it, in the order of time.

    With `+` or `=` there is one: in the next or the same year, half-year, quarter or month as `day`.
    """
    which, named = (cron[0], cron[1:]) if cron[0] in "+=" else ("", cron)
    head, _, number = named.partition("-")
    months = _months(head)
    years = range(day.year - 1, day.year + 2)
    found = [(year, month) for year in years for month in months]
    if which:
        wanted = (day.year * 12 + day.month - 1) // months.step + (which == "+")
        found = [(year, month) for year, month in found if (year * 12 + month - 1) // months.step == wanted]
    return [_in_month(year, month, int(number)) for year, month in found]


def _months(head: str) -> range:
    """The months of a year in which it comes round; the step is how many months a round has."""
    if head == "*":
        return range(1, 13, 1)
    if head[0] in _ROUNDS:
        return range(int(head[1]), 13, _ROUNDS[head[0]])
    return range(int(head), 13, 12)


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
