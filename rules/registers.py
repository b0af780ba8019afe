"""May this department record this in that register, so? By the register's schema in the pack and the event alone.

What needs other records (a value used twice, one code with two names, a set that is not whole) is shown where the
records are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Protocol

from rules.calendar import day_of
from rules.case import Fault, Faults, pointer, why
from schemas.city import Pack
from schemas.city.registers import Register, RegisterField, steps_of
from schemas.city.uscc import uscc_fault
from schemas.envelope import Envelope, department_of, issuer_of
from schemas.reasons import Reason

RECORDED = "cn.gongkai.register.recorded.v1"
LOADED = "cn.gongkai.register.loaded.v1"
REMOVED = "cn.gongkai.register.removed.v1"
TYPES = frozenset({RECORDED, LOADED, REMOVED})

MOST = 100
"""Faults told of one event; a load may hold a thousand records."""

Why = tuple[str, str]
"""What is wrong with a value, in both languages."""


class Entry(Protocol):
    """A record as an event brings it."""

    @property
    def record(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102
    @property
    def fields(self) -> dict[str, str]: ...  # noqa: D102
    @property
    def effective_on(self) -> date | None: ...  # noqa: D102


def entries_of(event: Envelope) -> Sequence[Entry]:
    """The records that a recorded or loaded event brings; none for a removal."""
    data = event.data  # type: ignore[attr-defined]
    if event.type == LOADED:
        return data.records  # type: ignore[no-any-return]
    return (data,) if event.type == RECORDED else ()


def title_of(pack: Pack, event: Envelope) -> str | None:
    """What lists call this event; None where the register is not known."""
    data = event.data  # type: ignore[attr-defined]
    register = pack.register.get(data.register_name)
    if register is None:
        return None
    entries = entries_of(event)
    first = entries[0].fields.get(register.title, "") if entries else data.record
    more = f" 等{len(entries)}条" if len(entries) > 1 else ""
    return f"{register.name}：{first[:200]}{more}"


def version_of(event: Envelope) -> int:
    """The highest version that the event brings or takes out."""
    return max((one.version for one in entries_of(event)), default=0) or event.data.version  # type: ignore[attr-defined]


def register_faults(pack: Pack, event: Envelope) -> Faults:
    """Whether the records fit their register; who sends for whom was seen before."""
    data, day = event.data, day_of(event.time)  # type: ignore[attr-defined]
    register = pack.register.get(data.register_name)
    if register is None or not register.in_force(day):
        values = {"register": data.register_name, "day": day}
        return (Fault(Reason.REG_UNKNOWN, "/data/register_name", data.register_name, None, values),)
    head = (*_subject(register, event), *_keeper(pack, register, event))
    if event.type == REMOVED:
        return (*head, *_code(register, data.record, "/data/record"))
    return (*head, *_entries(pack, register, event))


def record_faults(pack: Pack, register: Register, keeper: str, entry: Entry, place: str) -> Iterator[Fault]:
    """What is wrong with one record, and what it lacks, at `place` in its event."""
    yield from _code(register, entry.record, f"{place}/record")
    if register.versions == "one" and entry.version != 1:
        values = {"register": register.name, "version": entry.version}
        yield Fault(Reason.REG_VERSION, f"{place}/version", str(entry.version), register.basis, values)
    yield from _lacking(register, entry, place)
    schema = register.field
    for name, value in entry.fields.items():
        field = schema.get(name)
        if field is None:
            told = {"register": register.name, "field": name}
            yield Fault(Reason.REG_FIELD, _place(place, name), name, register.basis, told)
        elif value and not value.isspace() and (fault := _value(pack, field, value)) is not None:
            reason, values = fault
            yield Fault(reason, _place(place, name), value, register.basis, values)
    yield from _unit(pack, register, keeper, entry, place)


def _subject(register: Register, event: Envelope) -> Faults:
    if event.subject == f"{issuer_of(event.subject)}/{register.id}":
        return ()
    values = {"register": register.id, "subject": event.subject}
    return (Fault(Reason.REG_SUBJECT, "/subject", event.subject, None, values),)


def _keeper(pack: Pack, register: Register, event: Envelope) -> Faults:
    """The sender, or whom it succeeds, keeps this register."""
    names = (department_of(event.source) or "", issuer_of(event.subject))
    known = [pack.department[name] for name in names if name in pack.department]
    if any(register.may_record(one.code, one.class_, one.level) for one in known):
        return ()
    told = why(
        f"该清单由{'、'.join(register.depts)}（{'、'.join(register.levels)}）登记",
        f"it is kept by {', '.join(register.depts)} of {', '.join(register.levels)}",
        dept=names[0], register=register.name,
    )  # fmt: skip
    return (Fault(Reason.REG_WHO, "/source", names[0], register.basis, told),)


def _entries(pack: Pack, register: Register, event: Envelope) -> Faults:
    """The first hundred faults, and the first hundred gaps: a gap never hides a fault."""
    keeper, many, seen = issuer_of(event.subject), event.type == LOADED, set()
    faults: list[Fault] = []
    gaps: list[Fault] = []
    for number, entry in enumerate(entries_of(event)):
        place = f"/data/records/{number}" if many else "/data"
        if entry.record in seen:
            told = {"record": entry.record}
            faults.append(Fault(Reason.REG_DOUBLE, f"{place}/record", entry.record, None, told))
        seen.add(entry.record)
        for fault in record_faults(pack, register, keeper, entry, place):
            (gaps if fault.reason is Reason.REG_EMPTY else faults).append(fault)
        if len(faults) >= MOST:
            break
    return (*islice(faults, MOST), *islice(gaps, MOST))


def _code(register: Register, record: str, place: str) -> Faults:
    if register.key_matches.fullmatch(record):
        return ()
    values = {"record": record, "register": register.name}
    return (Fault(Reason.REG_CODE, place, record, register.basis, values),)


def _lacking(register: Register, entry: Entry, place: str) -> Iterator[Fault]:
    for field in register.needed:
        if not entry.fields.get(field.name, "").strip():
            reason = Reason.REG_MISSING if field.need == "required" else Reason.REG_EMPTY
            told = {"record": entry.record, "field": field.name}
            yield Fault(reason, _place(place, field.name), "", register.basis, told)


def _unit(pack: Pack, register: Register, keeper: str, entry: Entry, place: str) -> Iterator[Fault]:
    """A record of another unit is kept by one above it, or by whom the register names."""
    unit = entry.fields.get(register.unit, "") if register.unit else ""
    if not unit or unit not in pack.department or keeper in register.keepers or keeper in pack.above[unit]:
        return
    told = why(
        f"{unit}不是{keeper}，也不在其下级", f"{unit} is neither {keeper} nor below it",
        dept=keeper, register=register.name,
    )  # fmt: skip
    yield Fault(Reason.REG_WHO, _place(place, register.unit or ""), unit, register.basis, told)


def _value(pack: Pack, field: RegisterField, value: str) -> tuple[Reason, dict[str, object]] | None:
    """The reason why `value` is none of this field, with what its sentences need."""
    if field.type == "enum":
        if value in field.values:
            return None
        allowed = "、".join(field.values)
        return Reason.REG_ENUM, {"field": field.name, "value": value, "count": len(field.values), "allowed": allowed}
    fault = _form(field, value) or _TYPES[field.type](pack, value)
    if fault is None:
        return None
    return Reason.REG_VALUE, why(*fault, field=field.name)


def _form(field: RegisterField, value: str) -> Why | None:
    if len(value) > field.max:
        return f"有{len(value)}字，最多{field.max}字", f"it has {len(value)} characters, at most {field.max}"
    if _CONTROL.search(value):
        return "含有控制字符", "it holds control characters"
    if field.matches is not None and not field.matches.fullmatch(value):
        return f"{value}不符合格式{field.pattern}", f"{value} does not match {field.pattern}"
    return None


def _as_text(_pack: Pack, _value: str) -> Why | None:
    return None


def _as_form(pattern: str, zh: str, en: str) -> Callable[[Pack, str], Why | None]:
    made = re.compile(pattern, re.ASCII)

    def judged(_pack: Pack, value: str) -> Why | None:
        return None if made.fullmatch(value) else (f"{value}不是{zh}", f"{value} is {en}")

    return judged


def _as_date(_pack: Pack, value: str) -> Why | None:
    try:
        if _DAY.fullmatch(value) and date.fromisoformat(value):
            return None
    except ValueError:
        pass
    return f"{value}不是日期（年-月-日）", f"{value} is no date (YYYY-MM-DD)"


def _as_dept(pack: Pack, value: str) -> Why | None:
    if value in pack.department:
        return None
    return f"{value}不在部门名录中", f"{value} is no department of this city"


def _as_uscc(_pack: Pack, value: str) -> Why | None:
    fault = uscc_fault(value)
    return None if fault is None else (f"{value}不是有效的统一社会信用代码", fault)


def _as_row(pack: Pack, value: str) -> Why | None:
    if value in pack.row:
        return None
    return f"公开目录中没有序号{value}", f"the catalogue has no row {value}"


def _as_steps(pack: Pack, value: str) -> Why | None:
    for name, row in steps_of(value):
        if not name:
            return "环节没有名称，应写作“环节=目录序号”", "a step has no name; write STEP=ROW"
        if row and (fault := _as_row(pack, row)) is not None:
            return fault
    return None


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

_TYPES: dict[str, Callable[[Pack, str], Why | None]] = {
    "text": _as_text,
    "code": _as_form(r"[0-9A-Za-z._-]{1,100}", "编码（字母、数字和._-）", "no code of letters, digits and ._-"),
    "int": _as_form(r"-?\d{1,15}", "整数", "no whole number"),
    "amount": _as_form(r"-?\d{1,15}(?:\.\d{1,6})?", "金额（不带逗号和单位）", "no amount (no commas, no unit)"),
    "date": _as_date,
    "url": _as_form(r"https?://[^\s/?#@<>\"]+(?:[/?#][^\s<>\"]*)?", "网址", "no http(s) address"),
    "dept": _as_dept,
    "uscc": _as_uscc,
    "record": _as_text,
    "row": _as_row,
    "steps": _as_steps,
}


def _place(place: str, name: str) -> str:
    """A JSON Pointer to a field."""
    return f"{place}/fields/{pointer(name)}"
