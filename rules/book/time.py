"""Statutory clocks and official holiday schedules as rules."""

from __future__ import annotations

from collections.abc import Iterator

from rules.book.rule import Rule
from rules.book.words import counting, length, span
from schemas.city import CalendarYear, Clock, Pack
from schemas.city.deadlines import clock_text

_STATUS = {"M": "期限凭业务知识填写，启用前请核对原文", "D": "法律未定具体数字，由本市确定"}


def clock_rules(pack: Pack) -> Iterator[Rule]:
    """One rule a clock of the pack, as its newest edition says, with the editions before."""
    for editions in pack.clock_editions.values():
        clock = editions[-1]
        facts = [*_clock(pack, clock), *_before(pack, editions[:-1])]
        yield Rule(
            id=clock.id, group="clock", title=clock.name, basis=clock.basis, source="clocks.toml",
            facts=tuple((term, text) for term, text in facts if text),
        )  # fmt: skip


def _clock(pack: Pack, clock: Clock) -> Iterator[tuple[str, str]]:
    yield "期限", clock_text(clock, pack.phrases)
    yield "计算", counting(clock.limit)
    yield "公示不少于", length(*clock.min_display) if clock.min_display else ""
    yield "上位期限", f"{clock.parent} {pack.clock[clock.parent].name}" if clock.parent in pack.clock else ""
    yield "适用", "按起算之日的规定" if clock.applies_by == "event" else "按到达之日的规定"
    yield "有效期间", span(clock.from_, clock.to)
    yield "方案", clock.profile
    yield "说明", _STATUS.get(clock.status, "")


def _before(pack: Pack, editions: tuple[Clock, ...]) -> Iterator[tuple[str, str]]:
    for clock in reversed(editions):
        yield f"原规定（{span(clock.from_, clock.to)}）", f"{clock_text(clock, pack.phrases)}；{clock.basis}"


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
