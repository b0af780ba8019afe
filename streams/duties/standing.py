"""Standing duties: opened when their time comes, answered by what becomes public; each by a step on `links`.

Reads and writes `standing`, which says what is open and what answers it; reads `gaps`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from bus.record import Outgoing
from bus.store import bulk
from rules.calendar import day_of
from rules.lifecycle import Told
from rules.standing import Opening, Published, answers_of, expiry, openings, renewed, standing_of
from schemas.city import Pack
from schemas.ids import clock_step_id
from schemas.topics import LINKS
from streams.duties.links import link
from streams.duties.notices import Stamp
from streams.duties.tables import GAPS, STANDING, WATERMARKS

_ANSWERED = (
    STANDING.update()
    .where(STANDING.c.key == sa.bindparam("of_key"))
    .values(due=sa.bindparam("becomes"), done=sa.bindparam("ended"))
)


class _Step(msgspec.Struct):
    step: str
    fields: dict[str, str] = {}


class _Opened(msgspec.Struct):
    id: str
    subject: str
    time: datetime
    data: _Step


_OPENED = msgspec.json.Decoder(_Opened).decode


def opened(conn: sa.Connection, pack: Pack, now: datetime) -> list[Outgoing]:
    """Steps that open what has come due to be opened, and that move what a release dates otherwise.

    A day that was slept through is made up for: what fell due in between is opened and, at once, overdue.
    """
    today = day_of(now)
    years = conn.execute(sa.select(GAPS.c.year).order_by(GAPS.c.year)).scalars().all()
    found = {one.key: one for one in openings(pack, _last_looked(conn) or today, today, years)}
    there = {row.key: row for row in bulk.among(conn, STANDING.c.key, found)}
    steps = [step for key, one in found.items() if (step := _step(one, there.get(key))) is not None]
    steps += _schedules(conn, pack, now)
    return [link(pack, step, _cause(step), Stamp(now)) for step in steps]


def opened_on(value: bytes) -> date | None:
    """The day on which the calendar took the step that a record on `links` is; None of all else."""
    try:
        step = _OPENED(value)
    except msgspec.MsgspecError:
        return None
    told = Told(step.subject, step.data.step, step.time, None, step.data.fields)
    return day_of(step.time) if step.id == clock_step_id(_cause(told), told.target, told.step) else None


def answered(conn: sa.Connection, pack: Pack, published: Published) -> tuple[Told, ...]:
    """Steps that follow from something's being public; one period, the earliest, is answered by it."""
    rows = bulk.among(conn, STANDING.c.closer, answers_of(pack, published))
    open_ = sorted({(row.due, row.key) for row in rows if not row.done})
    lasting = [one for one in open_ if renewed(pack, one[1], day_of(published.at)) is not None]
    once = [one for one in open_ if one not in lasting][:1]
    steps = [step for one in (*once, *lasting) if (step := _answer(conn, pack, one, published)) is not None]
    due = expiry(pack, published)
    before = bulk.among(conn, STANDING.c.key, [due.key]) if due else ()
    more = _step(due, before[0] if before else None) if due else None
    return (*steps, *((more,) if more else ()))


def _step(one: Opening, row: sa.Row[tuple[object, ...]] | None) -> Told | None:
    """The step that opens a duty, or moves it; None where it stands as it should, or is done."""
    fields = {"title": one.title, "due": one.due.isoformat()}
    if row is None:
        return Told(one.key, one.standing.opens, one.at, one.standing.lifecycle, fields)
    if row.done or row.due == one.due.toordinal() or one.standing.redates is None:
        return None
    return Told(one.key, one.standing.redates, one.at, None, {"due": one.due.isoformat()})


def _answer(conn: sa.Connection, pack: Pack, of: tuple[int, str], published: Published) -> Told | None:
    """The step by which one duty is answered; what is owed on and on gets its next day, at most once a day."""
    due, key = of
    one, _ = standing_of(pack, key)
    if one is None:
        return None
    again = renewed(pack, key, day_of(published.at))
    if again is not None and again.toordinal() <= due:
        return None
    becomes = again.toordinal() if again else due
    bulk.run(conn, _ANSWERED, [{"of_key": key, "becomes": becomes, "ended": again is None}])
    return Told(key, one.answers, published.at, None, {"due": again.isoformat()} if again else {})


def _schedules(conn: sa.Connection, pack: Pack, now: datetime) -> Iterator[Told]:
    """Years whose schedule is there now: what asked for it is answered."""
    for year in pack.years:
        for row in bulk.among(conn, STANDING.c.closer, [f"calendar:{year.year}"]):
            one, _ = standing_of(pack, row.key)
            if one is not None and not row.done:
                yield Told(row.key, one.answers, now)


def _cause(step: Told) -> str:
    """What makes a step of the calendar the one it is: the day it sets."""
    return f"calendar {step.fields.get('due', '')}"


def _last_looked(conn: sa.Connection) -> date | None:
    of_place = (WATERMARKS.c.topic == LINKS.name, WATERMARKS.c.partition == 0)
    day = conn.execute(sa.select(WATERMARKS.c.day).where(*of_place)).scalar()
    return date.fromordinal(day) if day else None
