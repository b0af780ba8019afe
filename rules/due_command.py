"""`gongkai due`: the day something is due, and each day on the way with its notice."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated

import typer

from rules.calendar import ESTIMATE, Day, calendar_of
from rules.due import Answer, answer
from rules.due_reading import Given, Question, day_given, moment_given, question
from rules.packs import EXAMPLE, PackPath, usable_pack

app = typer.Typer()

_WEEKDAYS = "一二三四五六日"
_ENGLISH = {
    "起算日": "day 0", "工作日": "workday", "周末": "weekend", "节假日": "holiday", "调休上班": "make-up workday",
    "自然日": "calendar day", "中止期间": "paused", "按小时连续计算": "hours run on",
    "固定日期，不顺延": "fixed by name", "顺延到的工作日": "rolled to", "最迟日": "the latest day",
    "工作日(推算)": "workday, estimated", "周末(推算)": "weekend, estimated",
    "法定节假日(推算)": "holiday, estimated",
}  # fmt: skip


@app.command("due")
def due(  # noqa: PLR0917 - one an option
    text: Annotated[str | None, typer.Argument(help="A 公开时限, such as 20个工作日内.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="The day it counts from, YYYY-MM-DD.")] = None,
    at: Annotated[str | None, typer.Option(help="The full time it counts from: hours then end at a minute.")] = None,
    clock: Annotated[str | None, typer.Option(help="A statutory clock of the pack, such as FOI-A33.")] = None,
    pause: Annotated[list[str] | None, typer.Option(help="Days not counted, DAY..DAY; may be repeated.")] = None,
    restart: Annotated[list[str] | None, typer.Option(help="A day from which it began anew; may be repeated.")] = None,
    least: Annotated[bool, typer.Option("--min", help="It went up that day: until when it stays at least.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show every day, counted or not, and why.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
    pack: PackPath = EXAMPLE,
) -> None:
    """Say when a time limit ends, and why that day."""
    city = usable_pack(pack)
    given = Given(text, clock, _trigger(since, at), shown=least, pauses=pause or (), restarts=restart or ())
    asked = question(city, given)
    found = answer(asked.asked, calendar_of(city))
    if as_json:
        typer.echo(json.dumps(_machine(asked, found), ensure_ascii=False))
        return
    for line in _lines(asked, found):
        typer.echo(line)
    for day in found.days if explain else ():
        typer.echo(_day_line(day))


def _trigger(since: str | None, at: str | None) -> tuple[date, datetime | None]:
    if (since is None) == (at is None):
        zh, en = (
            "请用 --from 写明从哪天起算，或者用 --at 写明完整时间。",
            "give the day with --from, or a full time with --at",
        )
        raise typer.BadParameter(f"{zh}\n{en}")
    return (day_given(since, "--from"), None) if since is not None else moment_given(at or "")


def _machine(asked: Question, found: Answer) -> dict[str, object]:
    return {
        "due": found.due.isoformat(),
        "calendar_complete": found.complete,
        "days": [_machine_day(day) for day in found.days],
        "limit": asked.said,
        "basis": asked.basis,
        "from": str(found.start),
        "shown_until": str(found.shown_until.due) if found.shown_until is not None else None,
    }


def _machine_day(day: Day) -> dict[str, object]:
    return {
        "date": str(day.day), "counted": bool(day.number), "why": day.why, "number": day.number, "basis": day.by,
    }  # fmt: skip


def _lines(asked: Question, found: Answer) -> Iterator[str]:
    yield f"{asked.said}" + (f"（{asked.basis}）" if asked.basis else "")
    yield f"起算 from  {_day(found.start)}"
    word = "至少到 at least until" if asked.must_run else "到期 due"
    yield f"{word}  {_day(found.day)}" + (f" {found.due:%H:%M}" if isinstance(found.due, datetime) else "")
    if found.shown_until is not None:
        yield f"到期日公开的，至少公示到 shown until  {_day(found.shown_until.due)}"
    if not found.complete or (found.shown_until is not None and not found.shown_until.complete):
        yield f"{ESTIMATE}：涉及的年份尚未公布放假安排。 An estimate: a year on the way has no official schedule yet."


def _day_line(day: Day) -> str:
    number = f"第{day.number}日" if day.number else "—"
    why = f"{day.why} {_ENGLISH.get(day.why, '')}".rstrip()
    return "  ".join([_day(day.day), _padded(number, 8), _padded(why, 28), day.by]).rstrip()


def _day(day: date) -> str:
    return f"{day} 星期{_WEEKDAYS[day.weekday()]}"


def _padded(text: str, width: int) -> str:
    """`text` filled with blanks to a width in columns, of which a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)
    return text + " " * (width - taken)
