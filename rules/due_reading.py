"""What `gongkai due` is given, read strictly: days, times, pauses, the time limit or the clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

import typer

from rules.calendar import SHANGHAI, Pause, day_of
from rules.clocks import FIRST_DAY, LAST_DAY
from rules.due import Asked, pauses_fault
from rules.periods import least
from schemas.city import Clock, Pack
from schemas.city.deadlines import DeadlineError, clock_text, parse, text_of
from schemas.city.models import TimeLimit

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how it is said."""

    asked: Asked
    said: str
    """The time limit in its normal form, or the clock's name."""
    basis: str
    must_run: bool
    """Whether the period must run in full, so that its end is the earliest and not the latest day."""


@dataclass(frozen=True, slots=True)
class Given:
    """What stands on the command line."""

    text: str | None
    clock: str | None
    trigger: tuple[date, datetime | None]
    shown: bool = False
    """Whether the least display is asked for."""
    pauses: Sequence[str] = ()
    restarts: Sequence[str] = ()


def question(pack: Pack, given: Given) -> Question:
    """The question that was asked.

    Raises:
        BadParameter: something given can't be.
    """
    day, at = given.trigger
    source = _source(pack, given, day)
    limit = _least(source.limit) if given.shown else source.limit
    began = tuple(day_given(each, "--restart") for each in given.restarts)
    if given.pauses and (limit.way == "before" or (limit.cron is not None and not limit.n)):
        raise _wrong("固定日期和倒推的期限没有中止", "a day fixed by name, or one ahead of an event, is never paused")
    asked = Asked(limit, day, at, _pauses(given.pauses), began)
    return Question(asked, source.said, source.basis, must_run=given.shown or source.must_run)


@dataclass(frozen=True, slots=True)
class _Source:
    limit: TimeLimit
    said: str
    basis: str = ""
    must_run: bool = False


def _source(pack: Pack, given: Given, day: date) -> _Source:
    if given.text is not None and given.clock is None:
        limit = _limit(pack, given.text)
        return _Source(limit, text_of(limit, pack.phrases))
    if given.clock is not None and given.text is None:
        clock = _clock(pack, given.clock, day)
        said = f"{clock.id} {clock.name}：{clock_text(clock, pack.phrases)}"
        return _Source(clock.limit, said, clock.basis, clock.sense == "least")
    raise _wrong(
        "请写一个公开时限，或者用 --clock 指定一个法定时限，二者选一",
        "write a time limit or name a --clock: one of them",
    )


def day_given(text: str, option: str) -> date:
    """A day that someone wrote.

    Raises:
        BadParameter: it is no day of the calendar, or too far away.
    """
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise _wrong(
            f"{option} 要写成年-月-日（如2026-02-10），“{_short(text)}”不是",
            f"{_short(text)!r} is no day written YYYY-MM-DD",
        )
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _wrong(f"{option} 要在{FIRST_DAY}与{LAST_DAY}之间", f"{day} is not within {FIRST_DAY} and {LAST_DAY}")
    return day


def moment_given(text: str) -> tuple[date, datetime]:
    """A full time that someone wrote, and its day here; without an offset it is Asia/Shanghai's.

    Raises:
        BadParameter: it is no time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        zh = f"--at 要写成完整时间（如2026-02-15T23:30），“{_short(text)}”不是"
        raise _wrong(zh, f"{_short(text)!r} is no full time") from None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=SHANGHAI)
    return day_given(str(day_of(moment)), "--at"), moment


def _limit(pack: Pack, text: str) -> TimeLimit:
    try:
        return parse(text, pack.phrases)
    except DeadlineError as error:
        typer.echo(error.picture, err=True)
        raise typer.BadParameter(f"{error.zh}\n{error.en}") from error


def _least(limit: TimeLimit) -> TimeLimit:
    period = least(limit)
    if period is None:
        raise _wrong("这个时限没有写至少公示多久", "this time limit has no least display")
    return period


def _clock(pack: Pack, name: str, day: date) -> Clock:
    found = pack.clock_on(name, day)
    if found is not None:
        return found
    if editions := pack.clock_editions.get(name, ()):
        zh = f"{name}在{day}尚未施行或者已经失效：" + "；".join(_span(each) for each in editions)
        raise _wrong(zh, f"{name} is not in force on {day}")
    like = " ".join(get_close_matches(name[:40], pack.clock, n=5, cutoff=0.4))
    raise _wrong(
        f"没有“{_short(name)}”这个法定时限，相近的有：{like or '无'}",
        f"no clock {_short(name)!r}; like it: {like or 'none'}",
    )


def _span(clock: Clock) -> str:
    return f"{clock.from_}至{clock.to or '今'}"


def _pauses(texts: Sequence[str]) -> tuple[Pause, ...]:
    pauses = tuple(_pause(text) for text in texts)
    if (fault := pauses_fault(pauses)) is not None:
        raise _wrong("中止期间不对：结束早于开始，或者总共超过十年", fault)
    return pauses


def _pause(text: str) -> Pause:
    first, dots, last = text.partition("..")
    if not dots:
        raise _wrong(f"--pause 要写成 起..止，“{_short(text)}”不是", f"{_short(text)!r} is no DAY..DAY")
    return day_given(first, "--pause"), day_given(last, "--pause")


def _short(text: str) -> str:
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text[:40])


def _wrong(zh: str, en: str) -> typer.BadParameter:
    return typer.BadParameter(f"{zh}。\n{en}")
