"""Official holiday schedules (`calendars/`): the newest version of each year, with the override file over it."""

from __future__ import annotations

import re
from datetime import date
from itertools import chain

from schemas.city.models import CalendarYear
from schemas.city.tables import Reader

OVERRIDE = ".override.toml"


def read_years(reader: Reader) -> tuple[CalendarYear, ...]:
    """A year each: its newest version, its override applied."""
    newest: dict[int, tuple[CalendarYear, str]] = {}
    files = reader.files("calendars", ".toml")
    for file in (file for file in files if not file.endswith(OVERRIDE)):
        _schedule(reader, file, newest)
    years = {number: year for number, (year, _) in newest.items()}
    for file in (file for file in files if file.endswith(OVERRIDE)):
        _override(reader, file, years)
    return tuple(years[number] for number in sorted(years))


def _schedule(reader: Reader, file: str, newest: dict[int, tuple[CalendarYear, str]]) -> None:
    year = reader.part(file, 0, CalendarYear, reader.toml(file))
    if year is None:
        return
    _check_doubles(reader, file, year)
    before = newest.get(year.year)
    if before is not None and before[0].version == year.version:
        message = f"{before[1]} is version {year.version} of {year.year} already"
        reader.note(file, 0, "version", "PACK-DOUBLE", message)
    elif before is None or before[0].version < year.version:
        newest[year.year] = (year, file)


def _check_doubles(reader: Reader, file: str, year: CalendarYear) -> None:
    """A day stands once, in `off` or in `work`: twice is a slip, and which is meant nobody can tell."""
    seen: dict[date, str] = {}
    for name, days in (("off", year.off), ("work", year.work)):
        for day in days:
            if day in seen:
                line = _second_line(reader.text(file), day)
                reader.note(file, line, name, "PACK-DOUBLE", f"{day} stands in {seen[day]} already")
            seen.setdefault(day, name)


def _second_line(text: str, day: date) -> int:
    named = [[number] * line.count(str(day)) for number, line in enumerate(text.splitlines(), start=1)]
    lines = list(chain.from_iterable(named))
    return lines[1] if len(lines) > 1 else 0


def _override(reader: Reader, file: str, years: dict[int, CalendarYear]) -> None:
    """`YYYY.override.toml`: a map from date to `holiday` or `workday`, over that year's schedule, and its `basis`."""
    table = reader.toml(file)
    basis = table.get("basis", file)
    for text, word in ((text, word) for text, word in table.items() if text != "basis"):
        day = _day(text)
        if day is None or word not in ("holiday", "workday"):
            reader.note(file, 0, text, "PACK-VALUE", 'must read YYYY-MM-DD = "holiday" or "workday"')
        elif (year := years.get(day.year)) is None:
            reader.note(file, 0, text, "PACK-REF", f"no schedule of {day.year} to override")
        else:
            changed = year.model_copy(update={"override_basis": str(basis)})
            years[day.year] = changed.model_copy(update=_changed(year, day, word))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def _changed(year: CalendarYear, day: date, word: str) -> dict[str, tuple[date, ...]]:
    """A weekday works unless it is off, so only a weekend's day needs a place in `work`."""
    off, work = {*year.off} - {day}, {*year.work} - {day}
    off |= {day} if word == "holiday" else set()
    work |= {day} if word == "workday" and day.weekday() >= 5 else set()
    overridden = {*year.overridden, day}
    return {"off": tuple(sorted(off)), "work": tuple(sorted(work)), "overridden": tuple(sorted(overridden))}
