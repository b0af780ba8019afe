"""Clocks, calendars and the words of 公开时限: which day something is due, and by which law."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import get_args

import typer

from rules.calendar import calendar_of
from rules.clocks import clock_in_force, trigger_of
from rules.due import answer
from rules.due_reading import Given, question
from schemas.city import load_pack
from schemas.city.deadlines import DeadlineError, parse, text_of
from schemas.city.pack import Pack
from schemas.city.tables import Reader
from schemas.events.publications import DateName
from tests.cities.observed.asking import Question, World
from tests.cities.observed.portal import page
from tests.cities.observed.strange import STRANGE

TRIGGERS = (date(2026, 2, 10), date(2025, 9, 26), date(2024, 3, 29))


def clock_questions(world: World) -> Iterator[Question]:
    """Of each clock: due days on either side of every day on which it changes, who is above it, what citizens read."""
    for name, editions in world.pack.clock_editions.items():
        subject = f"clocks.toml {name}"
        turns = [day + timedelta(days=n) for one in editions for day in (one.from_, one.to) if day for n in (-1, 0, 1)
                 if day > date(1949, 1, 2)]  # fmt: skip
        for day in sorted({*turns, *TRIGGERS}):
            yield Question(subject, f"from {day}", partial(_due, name=name, day=day))
        for one in editions[1:]:
            yield Question(
                subject,
                f"of {one.from_ - timedelta(days=1)}, arrived {one.from_}",
                partial(_arrived, name=name, turn=one.from_),
            )
        yield Question(subject, "starts", partial(_starts, name=name))
        yield Question(subject, "page", lambda world, name=name: page(world, f"/rules/{name}"))  # type: ignore[misc]


def _due(world: World, name: str, day: date) -> str:
    given = [Given(None, name, (day, None)), Given(None, name, (day, None), shown=True)]
    return " | ".join(_answered(world.pack, each) for each in given)


def _answered(pack: Pack, given: Given) -> str:
    try:
        asked = question(pack, given)
    except typer.BadParameter as error:
        return str(error).split("\n")[0]
    found = answer(asked.asked, calendar_of(pack))
    word = "not before" if asked.must_run else "by"
    return f"{word} {found.due}{'' if found.complete else '?'} {asked.said}【{asked.basis}】"


def _starts(world: World, name: str) -> str:
    """Which of the days that something carries starts each edition, of a first version and of a later one."""
    days = {word: date(2026, 3, 1) + timedelta(days=n) for n, word in enumerate(get_args(DateName))}
    found = {day: word for word, day in days.items()}
    first = {word: day for word, day in days.items() if word != "changed"}
    told = []
    for one in world.pack.clock_editions[name]:
        start, anew = trigger_of(one.limit, first, 1), trigger_of(one.limit, days, 1)
        told.append(f"{found.get(start, start)}, where it changed {found.get(anew, anew)}")  # type: ignore[arg-type]
    return "; ".join(told)


def _arrived(world: World, name: str, turn: date) -> str:
    found = clock_in_force(world.pack, name, turn - timedelta(days=1), turn)
    return f"edition of {found.from_}" if found else "none"


def calendar_questions(world: World) -> Iterator[Question]:
    """Of each schedule, as it was when it was the newest of its year: every month, day by day, and its notice."""
    for file in sorted(
        name for name in world.files if name.startswith("calendars/") and not name.endswith(".override.toml")
    ):
        year = Reader(world.files).toml(file)["year"]
        for month in range(1, 13):
            yield Question(file, f"{year}-{month:02} working days", partial(_month, file=file, year=year, month=month))
        yield Question(file, "notice", partial(_notice, file=file, year=year))


def _as_of(world: World, file: str) -> Pack:
    """The pack before the later versions of that year's schedule were announced."""
    stem = file.rpartition("-")[0]
    later = {name for name in world.files if name.startswith(f"{stem}-") and name > file}
    if not later:
        return world.pack
    files = {name: value for name, value in world.files.items() if name not in later}
    return world.once(f"before {sorted(later)}", lambda: load_pack(files))


def _month(world: World, file: str, year: int, month: int) -> str:
    calendar = calendar_of(_as_of(world, file))
    days = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
    named = [f"{day.day} {calendar.why(day)}" for day in days if calendar.why(day) not in {"工作日", "周末"}]
    return "".join("x" if calendar.is_workday(day) else "." for day in days) + " " + ", ".join(named)


def _notice(world: World, file: str, year: int) -> str:
    pack = _as_of(world, file)
    by = calendar_of(pack).by(date(year, 6, 1))
    shown = World(world.files, pack) if pack is not world.pack else world
    return f"{by} | {page(shown, f'/rules/CAL-{year}')}"


def deadline_questions(world: World) -> Iterator[Question]:
    """What each phrase, word and silence of a time limit means, and how it is printed again."""
    subject, phrases = "deadlines.toml", world.pack.phrases
    for trigger in phrases.triggers:
        for phrase in trigger.phrases:
            yield Question(
                subject, f"自{phrase}之日起20个工作日内", partial(_read, text=f"自{phrase}之日起20个工作日内")
            )
    texts = [f"{word.word}公开" for word in phrases.words] + [word.word for word in phrases.words]
    fixed = (
        "长期公开",
        "公示不少于7个工作日",
        "20个工作日内",
        "24小时内",
        f"自{STRANGE}之日起20个工作日内",
        f"{STRANGE}公开",
    )
    for text in (*texts, *fixed):
        yield Question(subject, text, partial(_read, text=text))


def _read(world: World, text: str) -> str:
    try:
        limit = parse(text, world.pack.phrases)
    except DeadlineError as error:
        return error.zh
    vague = " vague" if limit.vague else ""
    lasting = " lasting" if limit.lasting else ""
    due = answer(question(world.pack, Given(text, None, (TRIGGERS[0], None))).asked, calendar_of(world.pack))
    return f"{limit.trigger} {limit.n} {limit.unit}{vague}{lasting} due {due.due}: {text_of(limit, world.pack.phrases)}"
