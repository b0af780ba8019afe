"""Clocks and time limits in Chinese: from when, how long, and how the days are counted (RULES §1.1)."""

from __future__ import annotations

from datetime import date

from schemas.city import Pack
from schemas.city.deadlines import text_of
from schemas.city.models import TimeLimit, Unit

_UNITS: dict[Unit, str] = {"WD": "个工作日", "CD": "日", "H": "小时", "M": "个月"}
_COUNTING: dict[Unit, str] = {
    "WD": "自次日起数工作日：扣除周末和放假日，计入调休上班日；最后一日24时届满",
    "CD": "自次日起连续计算；最后一日不是工作日的，顺延至下一工作日",
    "H": "连续计算，周末和放假日不扣除",
    "M": "自次日起按月计算；最后一日不是工作日的，顺延至下一工作日",
}
_FIXED = "指定的日期，遇放假不顺延"


def limit_in_words(pack: Pack, limit: TimeLimit) -> str:
    """A time limit in its normal form, in the city's words."""
    return text_of(limit, pack.phrases)


def length(n: int, unit: Unit) -> str:
    """A number of units."""
    return f"{n}{_UNITS[unit]}"


def counting(limit: TimeLimit) -> str:
    """How its days are counted."""
    return _FIXED if limit.cron and not limit.n else _COUNTING[limit.unit]


def trigger(pack: Pack, name: str) -> str:
    """What a day that a publication carries is the day of."""
    return pack.phrases.phrase_of.get(name, name)


def span(first: date, last: date | None) -> str:
    """From one day to another, in words; nothing where it has no end on either side."""
    begins = "" if first == date.min else f"自{first.isoformat()}"
    ends = "" if last is None else f"至{last.isoformat()}"
    return begins + ends
