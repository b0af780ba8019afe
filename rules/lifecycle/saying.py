"""What the words of an expression mean for one move: its fields, the matter's, and the functions over both."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from rules.calendar import calendar_of, day_of
from rules.lifecycle.matter import Matter
from rules.lifecycle.moves import Move
from rules.lifecycle.values import shown, value_of
from rules.periods import due_day
from rules.texts.numbers import has_mobile
from schemas.city import Pack
from schemas.city.expressions import Sayings, filled, read
from schemas.city.matters import Lifecycle, StepField
from schemas.reasons import mask

_BASIS = re.compile("《[^》]{2,60}》|第[一二三四五六七八九十百零0-9]{1,6}条|[0-9〔〕]{4,8}[0-9]{1,4}号")
"""A law or document named in a reply."""


@dataclass
class Scene:
    """One move before the engine: the rules, the matter as it stands, and what expressions may ask of both."""

    pack: Pack
    lifecycle: Lifecycle
    matter: Matter | None
    move: Move

    @cached_property
    def said(self) -> Sayings:
        """What expressions may ask; made for the first of them."""
        return sayings(self.pack, self.lifecycle, self.matter, self.move)

    def holds(self, expression: str | None) -> bool:
        """What an expression answers; none at all always holds."""
        return expression is None or bool(read(expression).ask(self.said))

    def sentence(self, text: str) -> str:
        """A guard's sentence, its holes filled in; personal numbers among the answers are masked."""
        return filled(text, lambda expression: mask(shown(read(expression).ask(self.said))) or "—")


def sayings(pack: Pack, lifecycle: Lifecycle, matter: Matter | None, move: Move) -> Sayings:
    """Names, groups and functions for `schemas.city.expressions`."""
    values = {name: value_of(field, move.fields.get(name)) for name, field in _fields_of(lifecycle, move).items()}
    return {
        "at": move.at, "today": day_of(move.at), "arrival": move.arrival, "actor": move.actor, "reason": move.reason,
        "basis": move.basis, "personal": move.personal, "attachments": len(move.attachments), "day": day_of(move.at),
        "title": _title(lifecycle, matter, move),
        "branches": len(matter.branches) if matter else 0,
        "fields": values, "matter": _Held(lifecycle, matter), "facts": _Facts(move.facts), "publication": {},
        **_of_matter(matter), "links": _counted(matter, move), **_of_time(pack), **_of_text(pack),
        **_of_lists(pack, day_of(move.arrival)),
    }  # fmt: skip


def _title(lifecycle: Lifecycle, matter: Matter | None, move: Move) -> str:
    """What the matter is called, by this step or before it."""
    own = move.fields.get(lifecycle.title, "") if lifecycle.title else ""
    return move.title or own or (matter.title if matter else "")


def _fields_of(lifecycle: Lifecycle, move: Move) -> dict[str, StepField]:
    return {name: lifecycle.fields[name] for name in move.fields if name in lifecycle.fields}


class _Held(dict[str, Any]):
    """The matter's fields, read when they are asked for."""

    def __init__(self, lifecycle: Lifecycle, matter: Matter | None) -> None:
        super().__init__(matter.fields if matter else {})
        self._lifecycle = lifecycle

    def get(self, name: str, default: Any = None) -> Any:
        """The value of field `name`."""
        text = super().get(name)
        return default if text is None else value_of(self._lifecycle.fields[name], text)


class _Facts(dict[str, Any]):
    """What the door measured: whole numbers as such, 是 and 否 as what they mean."""

    def get(self, name: str, default: Any = None) -> Any:
        """The measure called `name`."""
        text = super().get(name)
        if text is None:
            return default
        return {"是": True, "否": False}.get(text, int(text) if text.isdecimal() else text)


def _of_matter(matter: Matter | None) -> dict[str, Callable[..., Any]]:
    taken = matter.taken if matter else {}
    duties = matter.duties if matter else {}
    roles = matter.roles if matter else {}
    branches = matter.branches if matter else ()
    return {
        "done": lambda step: step in taken,
        "count": lambda step: taken[step].count if step in taken else 0,
        "last": lambda step: taken[step].last if step in taken else None,
        "first": lambda step: taken[step].first if step in taken else None,
        "open": lambda branch: branch in branches,
        "due": lambda clock: duties[clock].due if clock in duties else None,
        "running": lambda clock: clock in duties and duties[clock].is_open,
        "held": lambda role: roles.get(role, ()),
    }


def _counted(matter: Matter | None, move: Move) -> Callable[[str], int]:
    """How many links of a word the matter has, those of this step among them, each once."""

    def links(rel: str) -> int:
        held = {target for word, target in matter.links if word == rel} if matter else set()
        return len(held | {link.target for link in move.links if link.rel == rel})

    return links


@lru_cache(maxsize=8)
def _of_time(pack: Pack) -> dict[str, Callable[..., Any]]:
    def last_day(clock: str, start: object) -> date | None:
        first = _day(start)
        found = pack.clock_on(clock, first) if first else None
        return due_day(found.limit, first, calendar_of(pack)).due if found and first else None

    def lasts(clock: str, start: object, end: object) -> bool:
        """Whether the days from `start` to `end` hold the whole of a period that must run in full."""
        least, last = last_day(clock, start), _day(end)
        return least is not None and last is not None and last >= least

    def within(clock: str, start: object, end: object) -> bool:
        """Whether `end` lies no later than `clock`, counted from `start`, allows."""
        latest, day = last_day(clock, start), _day(end)
        return latest is not None and day is not None and day <= latest

    def days(start: object, end: object) -> int | None:
        first, last = _day(start), _day(end)
        return (last - first).days if first and last else None

    return {"lasts": lasts, "within": within, "days": days}


@lru_cache(maxsize=8)
def _of_text(pack: Pack) -> dict[str, Callable[..., Any]]:
    phrases: Mapping[str, int] = dict.fromkeys(pack.boilerplate, 1)

    def boilerplate(text: str | None) -> bool:
        """Whether little is left of a reply without the phrases that say nothing."""
        rest = text or ""
        for phrase in sorted(phrases, key=len, reverse=True):
            rest = rest.replace(phrase, "")
        return bool(text) and sum(map(str.isalnum, rest)) < sum(map(str.isalnum, text or "")) / 2

    def scoped(text: str | None) -> str | None:
        """The entries of the participation scope whose words a text holds, each with its basis."""
        found = [one for one in pack.scope if any(word in (text or "") for word in one.words)]
        return "、".join(f"{one.name}（{one.basis}）" for one in found) or None

    return {
        "len": lambda value: len(value) if value is not None else 0,
        "same": lambda one, other: one is not None and one == other,
        "boilerplate": boilerplate,
        "mobile": lambda text: has_mobile(text or ""),
        "cites": lambda text: bool(text) and _BASIS.search(text) is not None,
        "scoped": scoped,
    }


def _of_lists(pack: Pack, day: date) -> dict[str, Callable[..., Any]]:
    def charged(table: str | None, n: int | None) -> int | None:
        """What a table of charges asks for so many."""
        found = pack.charge.get(table or "")
        return found.of(n) if found is not None and n is not None else None

    def is_department(code: str | None) -> bool:
        """Whether a code is that of a department in force."""
        found = pack.department.get(code or "")
        return found is not None and found.in_force(day)

    return {
        "meets": lambda one, other: not set(one or ()).isdisjoint(other or ()),
        "covers": lambda one, other: set(one or ()) >= set(other or ()),
        "charge": charged,
        "department": is_department,
    }


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return day_of(value)
    return value if isinstance(value, date) else None
