"""索引号: `<USCC>/<year>-<5 digits>`, assigned at first release, unique, kept on update, never used again.

A number that a receipt of ours already named is taken again on rebuild; one that the department brings is taken
where nobody has it. Counters are locked in one order, so sinks of several processes wait for each other and never
for ever.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bus.store import bulk
from consumers.portal.tables import index_numbers, serials

_OURS = re.compile(r"(?P<agency>[^/]+)/(?P<year>\d{4})-(?P<serial>\d{5,})")


_DRAW = (
    serials.update()
    .where(serials.c.agency == sa.bindparam("of_agency"), serials.c.year == sa.bindparam("of_year"))
    .values(last=serials.c.last + sa.bindparam("count"))
    .returning(serials.c.last)
)


@dataclass(frozen=True, slots=True)
class Want:
    """An item that needs its number; `claim` is the number it already had or brings."""

    subject: str
    agency: str
    """The department's USCC."""
    year: int
    claim: str | None = None


def assign(conn: sa.Connection, wants: Sequence[Want]) -> dict[str, str]:
    """Subject to index number, for each of `wants`."""
    given = _take_claims(conn, [want for want in wants if want.claim])
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for want in wants:
        if want.subject not in given:
            groups[want.agency, want.year].append(want.subject)
    for (agency, year), subjects in sorted(groups.items()):
        given |= _count_on(conn, agency, year, subjects)
    return given


def remember(conn: sa.Connection, numbers: Iterable[tuple[str, str]]) -> None:
    """Before a rebuild: keep every `(subject, index number)` named before, and count on behind them."""
    pairs = list(numbers)
    _keep(conn, pairs)
    last: dict[tuple[str, int], int] = {}
    for _, number in pairs:
        if match := _OURS.fullmatch(number):
            counter = match["agency"], int(match["year"])
            last[counter] = max(last.get(counter, 0), int(match["serial"]))
    for (agency, year), serial in sorted(last.items()):
        if (short := serial - _draw(conn, agency, year, 0)) > 0:
            _draw(conn, agency, year, short)


def _take_claims(conn: sa.Connection, wants: Sequence[Want]) -> dict[str, str]:
    pairs = [(want.subject, want.claim) for want in wants if want.claim]
    if not pairs:
        return {}
    _keep(conn, pairs)
    owners = _owners(conn, [number for _, number in pairs])
    return {subject: number for subject, number in pairs if owners[number] == subject}


def _count_on(conn: sa.Connection, agency: str, year: int, subjects: Sequence[str]) -> dict[str, str]:
    """The next numbers for `subjects`, past those that departments brought."""
    given: dict[str, str] = {}
    while waiting := [subject for subject in subjects if subject not in given]:
        last = _draw(conn, agency, year, len(waiting))
        drawn = {f"{agency}/{year}-{last - len(waiting) + n:05d}": s for n, s in enumerate(waiting, start=1)}
        rows = [{"subject": subject, "index_no": number} for number, subject in drawn.items()]
        taken = {} if bulk.insert_or_leave(conn, index_numbers, rows) == len(rows) else _owners(conn, list(drawn))
        given |= {subject: number for number, subject in drawn.items() if taken.get(number, subject) == subject}
    return given


def _owners(conn: sa.Connection, numbers: Sequence[str]) -> dict[str, str]:
    rows = bulk.among(conn, index_numbers.c.index_no, numbers)
    return {row.index_no: row.subject for row in rows}


def _keep(conn: sa.Connection, pairs: Sequence[tuple[str, str]]) -> None:
    ordered = sorted(pairs, key=lambda pair: pair[1])
    bulk.insert_or_leave(conn, index_numbers, [{"subject": s, "index_no": n} for s, n in ordered])


def _draw(conn: sa.Connection, agency: str, year: int, count: int) -> int:
    """Move the counter on, and hold its row until the transaction ends; its new value."""
    asked = {"of_agency": agency, "of_year": year, "count": count}
    if (last := conn.execute(_DRAW, asked).scalar()) is not None:
        return int(last)
    bulk.insert_or_leave(conn, serials, [{"agency": agency, "year": year, "last": 0}])
    return int(conn.execute(_DRAW, asked).scalar_one())
