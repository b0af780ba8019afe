"""What a step's fields hold: each text read as its type says, or why it can't be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from rules.calendar import SHANGHAI
from rules.case import Fault, pointer, why
from rules.clocks import FIRST_DAY, LAST_DAY
from rules.lifecycle.moves import Move
from schemas.city import Pack
from schemas.city.matters import Step, StepField
from schemas.reasons import Reason

Value = Any
YES, NO = "是", "否"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,12}")


def value_of(field: StepField, text: str | None) -> Value:
    """The value of a field's text; None where it is not there or can't be read."""
    if not text:
        return None
    try:
        return _READ[field.type](text)
    except ValueError:
        return None


def shown(value: Value) -> str:
    """A value as a clerk reads it, to the minute."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return text_of(value)


def text_of(value: Value) -> str:
    """A value as fields carry it."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def field_faults(pack: Pack, step: Step, move: Move) -> Iterator[Fault]:
    """What is missing, unknown or unreadable among the fields of a step."""
    for field in step.fields:
        text = move.fields.get(field.id, "")
        if not text.strip():
            if field.required:
                yield _fault(step, field.id, field.name, "未填写", "is missing")
        elif (told := _wrong(pack, field, text, move)) is not None:
            yield _fault(step, field.id, field.name, *told)
    for name in sorted(set(move.fields) - set(step.field)):
        yield _fault(step, name, name, "不是该环节的内容", "is no field of it")
    if step.reasoned and not move.reason.strip():
        yield _fault(step, "", "理由（reason）", "未填写", "is missing")


def _wrong(pack: Pack, field: StepField, text: str, move: Move) -> tuple[str, str] | None:
    if len(text) > field.max:
        return f"超过{field.max}字", f"is longer than {field.max} characters"
    given = text.split() if field.type == "choices" else [text] if field.type == "choice" else []
    if any(word not in field.choices for word in given):
        return f"应为{'、'.join(field.choices)}之一", f"is none of {', '.join(field.choices)}"
    if not field.is_like(text):
        return f"应写作{field.example}", f"is written like {field.example}"
    value = value_of(field, text)
    if value is None:
        return _UNREADABLE[field.type]
    unknown = [code for code in value if code not in pack.department] if field.type in {"dept", "depts"} else []
    if unknown:
        return f"“{unknown[0]}”不在部门名录中", f"names {unknown[0]}, which is no department of this city"
    if field.type == "sha256" and value not in {file.sha256 for file in move.attachments}:
        return "不是本次附件的摘要", "is the digest of no file attached"
    return None


def _fault(step: Step, name: str, label: str, zh: str, en: str) -> Fault:
    place = f"/data/fields/{pointer(name)}" if name else "/data/reason"
    return Fault(Reason.SM_FIELD, place, values=why(zh, en, step=step.name, field=label))


def _date(text: str) -> date:
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(text)
    return day


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    _date(found.astimezone(SHANGHAI).date().isoformat())
    return found


def _matched(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return text

    return read


def _yes(text: str) -> bool:
    if text not in {YES, NO}:
        raise ValueError(text)
    return text == YES


_READ: Mapping[str, Callable[[str], Value]] = {
    "text": str, "date": _date, "instant": _instant, "number": lambda text: int(_matched(_NUMBER)(text)), "yes": _yes,
    "dept": lambda text: (text,), "depts": lambda text: tuple(text.split()), "choice": str,
    "choices": lambda text: tuple(text.split()),
    "sha256": _matched(_SHA256),
}  # fmt: skip
_UNREADABLE = {
    "date": ("不是日期，应写作2026-03-01", "is no day such as 2026-03-01"),
    "instant": ("不是时间，应写作2026-03-01T09:00:00+08:00", "is no time such as 2026-03-01T09:00:00+08:00"),
    "number": ("不是整数", "is no whole number"), "yes": ("应为是或否", "is neither 是 nor 否"),
    "sha256": ("不是文件摘要", "is no digest"), "text": ("为空", "is empty"),
    "dept": ("未写明部门", "names no department"), "depts": ("未写明部门", "names no department"),
    "choice": ("为空", "is empty"), "choices": ("为空", "is empty"),
}  # fmt: skip
