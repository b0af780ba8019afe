"""Statutory clocks and official holiday schedules as rules."""

from __future__ import annotations

from collections.abc import Iterator

from rules.book.rule import Rule
from rules.book.words import counting, length, span, trigger
from schemas.city import CalendarYear, Clock, Pack


def clock_rules(pack: Pack) -> Iterator[Rule]:
    """One rule a clock of the pack."""
    for clock in pack.clocks:
        yield Rule(
            id=clock.id, group="clock", title=clock.name, basis=clock.basis, source="clocks.toml",
            facts=tuple(_clock(clock)),
        )  # fmt: skip


def _clock(clock: Clock) -> Iterator[tuple[str, str]]:
    yield "起算", trigger(clock.trigger)
    yield "期限", length(clock.n, clock.unit, clock.cron)
    yield "计算", counting(clock.unit, clock.cron)
    if clock.min_display:
        yield "公示不少于", length(*clock.min_display)
    yield "适用", "按事件时间" if clock.applies_by == "event" else "按到达时间"
    yield "有效期间", span(clock.from_, clock.to)


def calendar_rules(pack: Pack) -> Iterator[Rule]:
    """One rule a year with an official schedule."""
    for year in pack.years:
        yield Rule(
            id=f"CAL-{year.year}", group="calendar", title=f"{year.year}年放假调休安排", basis=year.basis,
            source=f"calendars/{year.year}-{year.version}.toml", facts=tuple(_year(year)),
        )  # fmt: skip


def _year(year: CalendarYear) -> Iterator[tuple[str, str]]:
    yield "公布", year.announced.isoformat()
    yield "版次", f"第{year.version}版"
    yield "放假", "、".join(f"{day:%m-%d}" for day in year.off)
    yield "上班", "、".join(f"{day:%m-%d}" for day in year.work) or "无调休"
