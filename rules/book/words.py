"""Clocks and time limits in Chinese: from when, how long, and how the days are counted (RULES §1.1)."""

from __future__ import annotations

from datetime import date

from schemas.city.models import TimeLimit, Unit

TRIGGERS = {
    "formed": "信息形成", "changed": "信息变更", "approved": "批准", "decided": "作出决定", "obtained": "获取或者知悉",
    "signed": "签署", "cron": "固定日期",
}  # fmt: skip
_UNITS: dict[Unit, str] = {"WD": "个工作日", "CD": "日", "H": "小时", "M": "个月"}
_COUNTING: dict[Unit, str] = {
    "WD": "自次日起数工作日：扣除周末和放假日，计入调休上班日；最后一日24时届满",
    "CD": "自次日起连续计算；最后一日不是工作日的，顺延至下一工作日",
    "H": "连续计算，周末和放假日不扣除",
    "M": "自次日起按月计算；最后一日不是工作日的，顺延至下一工作日",
}
_FIXED = "指定的日期，遇放假不顺延"


def trigger(name: str) -> str:
    """What starts the clock."""
    return TRIGGERS.get(name, name)


def length(n: int, unit: Unit, cron: str | None = None) -> str:
    """How long it runs, or on which day it ends."""
    if cron is None:
        return f"{n}{_UNITS[unit]}"
    month, _, day = cron.partition("-")
    return f"每月{int(day)}日前" if month == "*" else f"每年{int(month)}月{int(day)}日前"


def counting(unit: Unit, cron: str | None = None) -> str:
    """How its days are counted."""
    return _FIXED if cron else _COUNTING[unit]


def limit_in_words(limit: TimeLimit) -> str:
    """A row's time limit as the machine reads it."""
    if limit.cron:
        return length(limit.n, limit.unit, limit.cron)
    said = f"自{trigger(limit.trigger)}之日起{length(limit.n, limit.unit)}内"
    shown = f"，公示不少于{length(*limit.min_display)}" if limit.min_display else ""
    return f"{said}{shown}" + ("（原文未写明数字，由本市规定）" if limit.vague else "")


def span(first: date, last: date | None) -> str:
    """From one day to another, in words."""
    begins = "" if first == date.min else f"自{first.isoformat()}"
    ends = "" if last is None else f"至{last.isoformat()}"
    return begins + ends or "长期"
