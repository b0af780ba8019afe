"""A row may be stricter than the row it inherits from, never looser (RULES, precedence; CAT-E07)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from schemas.city.catalogues import stem_of
from schemas.city.models import LEVEL_WORDS, CatalogueRow, Clock, TimeLimit
from schemas.city.pack import Pack

Fault = tuple[str, str, str]
"""Column, code, message."""
Above = Callable[[str], Iterable[str | None]]
"""The name of something to those of its parents."""

_DAYS_AT_LEAST = {"WD": 7 / 5, "CD": 1, "H": 1 / 24, "M": 28}
_DAYS_AT_MOST = {"WD": 7 / 5, "CD": 1, "H": 1 / 24, "M": 31}
"""Calendar days that one of a unit takes."""
_BOUND = "+="
"""Before a day fixed by name: that of the next round, or of the same."""


def looser(limit: TimeLimit, above: TimeLimit | Clock) -> bool:
    """Whether `limit` may end later than the one above it, or is fixed by name where that is not."""
    if limit.cron is not None or above.cron is not None:
        return _later_named(limit, above)
    if limit.way != above.way:
        return limit.way == "after"
    if limit.way == "before":
        return _longer(above, limit)
    return _longer(limit, above)


def _longer(limit: TimeLimit | Clock, above: TimeLimit | Clock) -> bool:
    if limit.unit == above.unit:
        return limit.n > above.n
    return limit.n * _DAYS_AT_LEAST[limit.unit] > above.n * _DAYS_AT_MOST[above.unit]


def _later_named(limit: TimeLimit | Clock, above: TimeLimit | Clock) -> bool:
    """Days fixed by name compare where they come round as often and nothing, or as much, is added to both."""
    if limit.cron is None or above.cron is None:
        return True
    if (limit.n, limit.unit if limit.n else "") != (above.n, above.unit if above.n else ""):
        return limit.cron != above.cron or limit.unit != above.unit or limit.n > above.n
    return not _alike(limit.cron, above.cron) or _named(limit.cron) > _named(above.cron)


def _alike(cron: str, above: str) -> bool:
    """Whether both come round as often, and are both bound to a round (`=` or `+`) or both to none."""
    return _round(cron) == _round(above) and (cron[0] in _BOUND) == (above[0] in _BOUND)


def _round(cron: str) -> str:
    """Of what it is a day: a month, a quarter, a half-year, or a year."""
    first = cron.lstrip(_BOUND)[0]
    return "" if first.isdecimal() else first


def _named(cron: str) -> tuple[bool, str]:
    """How late in its round it is, among those alike."""
    return cron[0] == "+", cron.lstrip(_BOUND)


def is_own_ancestor(name: str, above: Above) -> bool:
    """Whether whoever goes up from `name`, in whatever edition, comes back to it."""
    seen: set[str] = set()
    ahead = {name}
    while ahead := {parent for each in ahead for parent in above(each) if parent is not None} - seen:
        seen |= ahead
    return name in seen


def inheritance_faults(pack: Pack, row: CatalogueRow) -> Iterator[Fault]:
    """What is wrong between `row` and what stands above it: its catalogue's days, the row it names as its parent."""
    yield from _outside_its_catalogue(pack, row)
    if row.parent is None:
        return
    editions = pack.editions.get(row.parent)
    if editions is None:
        yield "parent", "PACK-REF", f"{row.parent!r} is not a row of this pack"
    elif is_own_ancestor(row.code, _above(pack)):
        yield "parent", "PACK-REF", f"{row.code} inherits from itself by way of {row.parent}"
    elif not any(parent.in_force(row.from_) for parent in editions):
        days = "; ".join(f"from {parent.from_} to {parent.to or 'open'}" for parent in editions)
        yield "from", "PACK-REF", f"is in force from {row.from_}, when its parent {row.parent} is not ({days})"
    else:
        for parent in editions:
            if parent.overlaps(row):
                yield from _looser_than(pack, row, parent)


def _above(pack: Pack) -> Above:
    return lambda code: (one.parent for one in pack.editions.get(code, ()))


def _outside_its_catalogue(pack: Pack, row: CatalogueRow) -> Iterator[Fault]:
    catalogue = pack.catalogue.get(stem_of(row.catalogue))
    if catalogue is None:
        return
    if row.from_ < catalogue.from_:
        yield "from", "PACK-VALUE", f"begins before its catalogue {catalogue.stem}, on {catalogue.from_}"
    if catalogue.to is not None and (row.to is None or row.to > catalogue.to):
        yield "to", "PACK-VALUE", f"ends after its catalogue {catalogue.stem}, on {catalogue.to}"


def _looser_than(pack: Pack, row: CatalogueRow, parent: CatalogueRow) -> Iterator[Fault]:
    if looser(row.time_limit, parent.time_limit):
        yield _fault("公开时限", parent, _length(row.time_limit), _length(parent.time_limit))
    elif _shown_shorter(row.time_limit, parent.time_limit):
        yield _fault("公开时限", parent, _display(row.time_limit), _display(parent.time_limit))
    yield from _left_out("公开内容(要素)", parent, row.elements, parent.elements)
    yield from _left_out("公开渠道和载体", parent, row.channels, parent.channels)
    yield from _left_out("公开对象", parent, row.audience, [word for word in parent.audience if word == "全社会"])
    yield from _left_out("公开方式", parent, row.modes, [word for word in parent.modes if word == "主动"])
    words = {level: word for word, level in LEVEL_WORDS.items()}
    addressed = pack.levels_addressed(row)
    yield from _left_out(
        "公开层级", parent,
        [words[level] for level in row.levels], [words[level] for level in parent.levels if level in addressed],
    )  # fmt: skip


def _left_out(column: str, parent: CatalogueRow, own: Iterable[str], asked: Iterable[str]) -> Iterator[Fault]:
    own, asked = tuple(own), tuple(asked)
    if missing := [word for word in asked if word not in own]:
        yield _fault(column, parent, "、".join(own), "、".join(asked), f" (missing: {'、'.join(missing)})")


def _fault(column: str, parent: CatalogueRow, own: str, above: str, more: str = "") -> Fault:
    return column, "CAT-E07", f"{own} is looser than its parent {parent.code}: {above}{more}"


def _shown_shorter(limit: TimeLimit, above: TimeLimit) -> bool:
    if above.min_display is None:
        return False
    if limit.min_display is None:
        return True
    (n, unit), (most, of) = limit.min_display, above.min_display
    return n < most if unit == of else n * _DAYS_AT_MOST[unit] < most * _DAYS_AT_LEAST[of]


def _length(limit: TimeLimit) -> str:
    return limit.cron or f"{limit.n} {limit.unit}"


def _display(limit: TimeLimit) -> str:
    return "no least display" if limit.min_display is None else "{} {} on display".format(*limit.min_display)
