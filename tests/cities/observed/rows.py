"""Catalogue rows: when they are due, who may publish them, what refuses a publication, what citizens are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from consumers.portal.catalogue.tree import Asked, find
from rules.calendar import calendar_of, day_of
from rules.catalogue.showing import chosen
from rules.clocks import due_of_row
from rules.periods import shown_until
from schemas.city import CatalogueRow, Pack
from schemas.city.models import CHANNELS
from tests.cities.observed.asking import Question, World
from tests.cities.observed.events import SENT, fitting, judged
from tests.cities.observed.portal import page
from tests.rules.making import Event, changed

TRIGGERS = (date(2026, 2, 10), date(2025, 9, 26), date(2024, 3, 29))
"""Before the Spring Festival, before the October holidays, and before Qingming of a leap year."""
DAYS = (date(1999, 1, 1), day_of(SENT), date(2099, 12, 31))
_FEW = re.compile(r"(\d 个单位 (?:\S+ 、 ){8})(?:\S+ 、 )+\S+")
"""Of the departments on a row's page the first few; their number stands before them."""
_ALL_NAMES = ("formed", "changed", "approved", "decided", "obtained", "signed", "effective", "expires")


def row_questions(world: World) -> Iterator[Question]:
    """Eight of each row, made from the row as it is."""
    for row in world.pack.rows:
        subject = f"{row.catalogue} {row.code}"
        for key, ask in _of_row(world.pack, row):
            yield Question(subject, key, ask)


def _of_row(pack: Pack, row: CatalogueRow) -> Iterator[tuple[str, Callable[[World], str]]]:
    kind = pack.kind_on(row.kinds[0], day_of(SENT)) or pack.kind[row.kinds[0]]
    good = fitting(pack, row, kind)
    edition = f" of {row.from_}" if len(pack.editions[row.code]) > 1 else ""
    yield f"published well{edition}", lambda world: judged(world, good)
    yield f"with nothing of its own{edition}", partial(judged, event=_bare(row, good))
    yield f"as another kind by a stranger{edition}", partial(judged, event=_strange(pack, row, good))
    days = [
        *DAYS,
        *(day + timedelta(days=n) for day in (row.from_, row.to) if day not in {None, date.min} for n in (-1, 0, 1)),
    ]  # type: ignore[operator]
    yield f"due{edition}", lambda world: _dues(world, row, days[1])
    yield f"in force{edition}", lambda world: _in_force(world, row.code, days)
    if any(one.to for one in pack.departments if one.code in pack.publishers_of(row)):
        yield f"past publishers{edition}", lambda world: _past(world, row.code)
    yield f"found by{edition}", lambda world: ", ".join(_selectors(world).get(row.code, ()))
    yield f"page{edition}", lambda world: _FEW.sub(r"\1…", page(world, f"/catalogue/rows/{quote(row.code, safe='')}"))


def _bare(row: CatalogueRow, good: Event) -> Event:
    """Everything a row decides is not as it says."""
    other = next(word for word in ("决策", "执行") if word != row.five_open)
    audience = next((word for word in ("特定群体", "全社会") if word not in row.audience), row.audience[-1])
    return _with(good, elements={}, channels=list(CHANNELS), five_open=other, audience=audience)


def _strange(pack: Pack, row: CatalogueRow, good: Event) -> Event:
    codes = pack.publishers_of(row)
    stranger = next((one.code for one in pack.departments_on(day_of(SENT)) if one.code not in codes), "zfb")
    kind = next(name for name in pack.kind if name not in row.kinds)
    event = _with(good, kind=kind, responsible_dept=stranger)
    return event | {"source": f"/departments/{stranger}", "subject": f"{stranger}/2026-1"}


def _with(event: Event, **data: Any) -> Event:
    return changed(deepcopy(event), **data)


def _dues(world: World, row: CatalogueRow, day: date) -> str:
    now = world.pack.row_on(row.code, day) or world.pack.row[row.code]
    dues = [due_of_row(world.pack, now, _all_on(trigger)) for trigger in TRIGGERS]
    shown = shown_until(now.time_limit, TRIGGERS[0], calendar_of(world.pack))
    told = [f"{due.due}{'' if due.calendar_complete else '?'} {due.clock}" for due in dues if due is not None]
    return ", ".join([now.time_limit.trigger, *told, *([f"shown until {shown.due}"] if shown else [])])


def _all_on(day: date) -> Mapping[str, date]:
    """Every day a publication may carry but `changed`, each a week from the other: so a trigger shows."""
    return {name: day + timedelta(days=7 * n) for n, name in enumerate(_ALL_NAMES) if name != "changed"}


def _in_force(world: World, code: str, days: list[date]) -> str:
    found = [(day, world.pack.row_on(code, day)) for day in sorted(set(days))]
    return ", ".join(f"{day} {'yes' if row else 'no'}" for day, row in found)


def _past(world: World, code: str) -> str:
    """Departments that have ended and might publish it on their last day."""
    row, ended = world.pack.row[code], [one for one in world.pack.departments if one.to is not None]
    return " ".join(one.code for one in ended if one.to and one.code in world.pack.publishers_of(row))


def _selectors(world: World) -> Mapping[str, tuple[str, ...]]:
    """Row to the words by which the portal's list and the command find it."""
    return world.once("selectors", lambda: _found_by(world.pack))


def _found_by(pack: Pack) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {row.code: [] for row in pack.rows}
    words = {
        "set": {one.set for one in pack.catalogues}, "field": {row.field for row in pack.rows if row.field},
        "level": {level for row in pack.rows for level in row.levels},
        "five_open": {row.five_open for row in pack.rows},
        "principle": {word for row in pack.rows for word in row.principles},
    }  # fmt: skip
    for name, known in words.items():
        for word in sorted(known):
            for row in find(pack, DAYS[1], Asked(**{name: word})):
                found[row.code].append(f"{name} {word}")
    for group in sorted({row.group for row in pack.rows}):
        for row in chosen(pack, {"group": group}, None):
            found[row.code].append(f"group {group}")
    for row in pack.rows:
        found[row.code].append(f"column {pack.column_of(row, pack.kind[row.kinds[0]])}")
    return {code: tuple(told) for code, told in found.items()}
