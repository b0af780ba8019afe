"""What is owed each period: which duties the calendar opens by a day, and what answers them. Pure.

A standing duty is a matter of its own under the key `<department>/duty.<id>` and its period, so that its steps, its
exemption and its ladder are those of any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from rules.calendar import SHANGHAI, calendar_of
from rules.periods import due_day, occurrences
from schemas.city import Pack
from schemas.city.models import CatalogueRow, Column, Department, TimeLimit
from schemas.city.standing import LEAD, Standing
from schemas.envelope import issuer_of

MARK = "/duty."
"""In the key of every standing duty, and of nothing else."""
ACCOUNTS = frozenset({"wechat", "weibo"})
"""Platforms on which a city has accounts that must not stand still."""


class Opening(NamedTuple):
    """A standing duty of one period."""

    key: str
    standing: Standing
    opens_on: date
    due: date
    title: str

    @property
    def at(self) -> datetime:
        """When it opens."""
        return datetime.combine(self.opens_on, time(tzinfo=SHANGHAI))


class Published(NamedTuple):
    """Something that became public: at the portal, or at an account."""

    subject: str
    dept: str
    at: datetime
    row: str = ""
    kind: str = ""
    column: str = ""
    outlet: str = ""
    expires: date | None = None


def openings(pack: Pack, since: date, day: date, gaps: Iterable[int] = ()) -> Iterator[Opening]:
    """What is to be open on `day` and was not due before `since`; `gaps` are years that lack their schedule."""
    for one in pack.standing:
        for opening in _of(pack, one, day, tuple(gaps)):
            owner = pack.department.get(issuer_of(opening.key))
            began = pack.go_live_of(owner.code) if owner else pack.go_live
            if opening.opens_on <= day and max(since, began) <= opening.due and one.in_force(day):
                yield opening


def closers_of(pack: Pack, key: str) -> tuple[str, ...]:
    """What answers the standing duty of that key: `row:01-09@mzj`, `column:news`, `calendar:2027`."""
    one, rest = standing_of(pack, key)
    if one is None:
        return ()
    dept = issuer_of(key)
    if one.each == "row":
        return (f"row:{rest.rpartition('.')[0]}@{dept}",)
    if one.each in {"column", "account", "calendar"}:
        return (f"{one.each}:{rest}",)
    if one.each == "expiry":
        return ()  # another document of that kind says nothing of this one
    return (*(f"row:{row}@{dept}" for row in one.rows), *(f"kind:{kind}@{dept}" for kind in one.kinds))


def answers_of(pack: Pack, published: Published) -> tuple[str, ...]:
    """What a publication answers, in the words of `closers_of`; a successor answers for whom it succeeded."""
    codes = sorted(pack.predecessors.get(published.dept, {published.dept}))
    own = [f"row:{published.row}@{code}" for code in codes if published.row]
    own += [f"kind:{published.kind}@{code}" for code in codes if published.kind]
    return (*own, f"column:{published.column}", f"account:{published.outlet}")


def renewed(pack: Pack, key: str, day: date) -> date | None:
    """The new due day of something owed on and on, answered on `day`; None where an answer ends it."""
    one, rest = standing_of(pack, key)
    limit = _rolling(pack, one, rest, day) if one is not None else None
    return due_day(limit, day, calendar_of(pack)).due if limit else None


def expiry(pack: Pack, published: Published) -> Opening | None:
    """The duty that a document's last day brings with it, of a kind that is looked at before it expires."""
    found = (one for one in pack.standing if one.each == "expiry" and published.kind in one.kinds)
    one, day = next(found, None), published.at.astimezone(SHANGHAI).date()
    if one is None or published.expires is None or published.expires < day:
        return None
    number = published.subject.partition("/")[2]
    return Opening(_key(issuer_of(published.subject), one, number), one, day, published.expires, one.name)


def standing_of(pack: Pack, key: str) -> tuple[Standing | None, str]:
    """The standing duty of a key, and what follows it: its period or what it is owed for."""
    id_, _, rest = key.partition(MARK)[2].partition(".")
    return next((one for one in pack.standing if one.id == id_), None), rest


def _of(pack: Pack, one: Standing, day: date, gaps: tuple[int, ...]) -> Iterator[Opening]:
    if one.each == "row":
        yield from _of_rows(pack, one, day)
    elif one.each == "column":
        for column in pack.columns:
            yield from _kept_up(pack, one, column.owner or pack.lead_office, (column.id, column.name), day)
    elif one.each == "account":
        for outlet in pack.outlets:
            if outlet.platform in ACCOUNTS:
                owner = outlet.department or pack.lead_office
                yield from _kept_up(pack, one, owner, (outlet.id, outlet.name), day)
    elif one.each == "calendar":
        yield from _of_gaps(pack, one, gaps, day)
    elif one.each == "department":
        for dept in owing(pack, one, day):
            yield from _of_department(pack, one, dept, day)


def owing(pack: Pack, one: Standing, day: date) -> list[Department]:
    """The departments that owe it, in the file's order."""
    named = {pack.lead_office} if LEAD in one.owes else set[str]()
    named = named.union(*(pack.departments_named.get(word, ()) for word in one.owes))
    return [
        dept for dept in pack.departments_on(day)
        if dept.code in named and (not one.levels or dept.level in one.levels)
    ]  # fmt: skip


def _of_department(pack: Pack, one: Standing, dept: Department, day: date) -> Iterator[Opening]:
    clock = pack.clock_on(one.clock or "", one.since or day)
    if clock is None:
        return
    if one.since is not None:
        due = due_day(clock.limit, one.since, calendar_of(pack)).due
        yield Opening(_key(dept.code, one, str(one.since)), one, one.since, due, one.name)
    elif clock.cron is None:
        yield from _kept_up(pack, one, dept.code, ("", dept.short_name), day)
    else:
        yield from _periods(pack, one, (dept.code,), clock.limit, day)


def _periods(pack: Pack, one: Standing, whose: tuple[str, ...], limit: TimeLimit, day: date) -> Iterator[Opening]:
    """The periods around a day; what counts on from a fixed day ends where the calendar says.

    `whose`: the department, and where it is owed for one, the row.
    """
    behind = limit.model_copy(update={"cron": None, "trigger": "formed"})
    name = pack.row[whose[1]].level2 if whose[1:] else one.name
    for start in occurrences(limit.cron or "", day):
        due = due_day(behind, start, calendar_of(pack)).due if limit.n else start
        opens = due - timedelta(days=one.ahead)
        yield Opening(_key(whose[0], one, *whose[1:], str(start)), one, opens, due, f"{name}（{start}）")


def _of_rows(pack: Pack, one: Standing, day: date) -> Iterator[Opening]:
    """Rows with a day of their own that no other standing duty speaks of."""
    spoken = {row for other in pack.standing for row in other.rows}
    for row in pack.rows:
        if row.time_limit.cron is not None and row.code not in spoken and row.in_force(day):
            yield from _of_row(pack, one, row, day)


def _of_row(pack: Pack, one: Standing, row: CatalogueRow, day: date) -> Iterator[Opening]:
    publishers = pack.publishers_of(row)
    for dept in pack.departments_on(day):
        if dept.code in publishers:
            yield from _periods(pack, one, (dept.code, row.code), row.time_limit, day)


def _kept_up(pack: Pack, one: Standing, dept: str, of: tuple[str, str], day: date) -> Iterator[Opening]:
    """What must not stand still: opened once, from that day on."""
    limit = _rolling(pack, one, of[0], day)
    if limit is not None:
        due = due_day(limit, day, calendar_of(pack)).due
        yield Opening(_key(dept, one, of[0]), one, day, due, f"{one.name}（{of[1]}）")


def _rolling(pack: Pack, one: Standing, of: str, day: date) -> TimeLimit | None:
    """The length that counts anew from each answer."""
    column: Column | None = pack.column.get(of) if one.each == "column" else None
    name = column.max_age if column is not None else one.clock
    clock = pack.clock_on(name or "", day)
    lasting = one.each in {"column", "account", "department"} and one.since is None
    return clock.limit if lasting and clock is not None and clock.cron is None else None


def _of_gaps(pack: Pack, one: Standing, gaps: tuple[int, ...], day: date) -> Iterator[Opening]:
    """A year whose schedule is missing is told of once, to be there before it begins."""
    for year in gaps:
        if not calendar_of(pack).is_loaded(date(year, 1, 1)):
            due = date(year - 1, 12, 31)
            yield Opening(_key(pack.lead_office, one, str(year)), one, day, due, f"{one.name}（{year}）")


def _key(dept: str, one: Standing, *period: str) -> str:
    return f"{dept}{MARK}{'.'.join([one.id, *(part for part in period if part)])}"
