"""Registers: what is refused of a record, who keeps it, and what citizens find, filter and are told of gaps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from rules import judge
from schemas.city import Pack, Register
from schemas.city.registers import RegisterField
from schemas.decode import decode
from tests.cities.observed.asking import Question, World
from tests.cities.observed.events import SENT, said
from tests.cities.observed.portal import page, registered
from tests.cities.observed.strange import STRANGE
from tests.rules.making import Event, example
from tests.support.events import event

_FORMS = ("2026", "0999-6000000", "000120", "A-1", "12.50", "2026-03-01")
_VALUES = (
    STRANGE, "12", "12.50", "-1", "1,5", "2026-03-10", "2026-02-30", "http://www.example.org/a",
    "zfb", "05-01",
    "受理=05-01;审核", "A-1", "119999000000000198", "119999000000000199", "2026", "1999", "0999-6000000",
    "0999", "000120", "a\u0001b",
)  # fmt: skip


def register_questions(world: World) -> Iterator[Question]:
    """Of each register: every field with values good and bad, every keeper, and every page."""
    for register in world.pack.registers:
        file, good = f"registers/{register.id}.toml", _good(world.pack, register)
        yield Question(file, "all right", partial(_judged, made=_recorded(world.pack, register, good)))
        yield Question(file, "with nothing", partial(_judged, made=_recorded(world.pack, register, {})))
        yield Question(
            file, f"with {STRANGE}", partial(_judged, made=_recorded(world.pack, register, {**good, STRANGE: "x"}))
        )
        for field in register.fields:
            yield from _of_field(world.pack, file, register, field, good)
        for key in ("000120", "A-1", "A_1", "a 1", "K" * 40, "K" * 60, "K" * 61, "2026", "119999000000000198"):
            yield Question(
                file, f"code {key}", partial(_judged, made=_recorded(world.pack, register, good, record=key))
            )
        yield Question(file, "version 2", partial(_judged, made=_recorded(world.pack, register, good, version=2)))
        codes = dict.fromkeys((*(one.code for one in world.pack.departments if one.in_force(SENT.date())), "nowhere"))
        yield Question(file, "keepers", partial(_keepers, register=register, good=good, codes=list(codes)))
        yield Question(
            file,
            "keepers of another's",
            partial(_keepers, register=register, good=good, codes=list(codes), unit="dhq-gy"),
        )
        yield from _pages(world.pack, file, register)


def _of_field(
    pack: Pack, file: str, register: Register, field: RegisterField, good: Mapping[str, str]
) -> Iterator[Question]:  # fmt: skip
    bare = {name: value for name, value in good.items() if name != field.name}
    asked = {
        "left out": bare,
        **{f"of {n}": {**good, field.name: "字" * n} for n in (field.max, field.max + 1)},
        **{value: {**good, field.name: value} for value in (*_VALUES, *field.values)},
    }  # fmt: skip
    for key, fields in asked.items():
        name = f"{field.name} {key}".replace("\x01", "^A")
        yield Question(file, name, partial(_judged, made=_recorded(pack, register, fields)))


def _keepers(world: World, register: Register, good: Mapping[str, str], codes: list[str], unit: str = "") -> str:
    fields = {**good, register.unit: unit} if unit and register.unit else dict(good)
    refused: dict[str, list[str]] = {}
    for code in codes:
        made = _recorded(world.pack, register, fields, dept=code)
        found = judge(world.pack, decode(json.dumps(made, ensure_ascii=False).encode()), SENT)
        words = [one.message.zh.replace(code, "…") for one in found.findings if one.rule == "REG-WHO"]
        refused.setdefault("; ".join(words) or "keeps it", []).append(code)
    return " | ".join(f"{len(who)} {' '.join(who[:12])}: {word}" for word, who in refused.items())


def _judged(world: World, made: Event) -> str:
    return said(judge(world.pack, decode(json.dumps(made, ensure_ascii=False).encode()), SENT))


def _recorded(
    pack: Pack, register: Register, fields: Mapping[str, str], *, dept: str = "", record: str = "", version: int = 1
) -> Event:  # fmt: skip
    dept = dept or _keeping(pack, register)[0]
    made = example("register.recorded")
    made["source"], made["subject"] = f"/departments/{dept}", f"{dept}/{register.id}"
    code = record or _code(register)
    made["data"] |= {"register_name": register.id, "record": code, "version": version, "fields": dict(fields)}
    return made


def _keeping(pack: Pack, register: Register) -> list[str]:
    there = (one for one in pack.departments if one.in_force(SENT.date()))
    return [one.code for one in there if register.may_record(one.code, one.class_, one.level)]


def _code(register: Register, n: int = 0) -> str:
    codes = ("000120", "A-1", "X00000000000", "119999000000000198")
    found = next(code for code in codes if register.key_matches.fullmatch(code))
    return found[:-1] + str(n) if n else found


def _good(pack: Pack, register: Register, which: int = 0) -> dict[str, str]:
    dept = _keeping(pack, register)[which]
    return {field.name: _value(pack, field, which, dept) for field in register.fields}


def _value(pack: Pack, field: RegisterField, which: int, dept: str) -> str:
    if field.matches is not None:
        fits = [form for form in _FORMS if field.matches.fullmatch(form)]
        return fits[which % len(fits)]
    return {
        "text": f"{field.name}{'甲乙'[which]}示例", "code": f"A-{which}",
        "enum": (*field.values, *field.values, "", "")[which],
        "int": str(which + 1), "amount": f"{which}2.50", "date": f"2026-03-0{which + 1}",
        "url": f"https://www.shilishi.example/{which}", "dept": dept, "uscc": pack.department[dept].uscc,
        "record": f"A-{which}", "row": "05-01", "steps": f"受理=05-01;审核{which}=05-02",
    }[field.type]  # fmt: skip


def _pages(pack: Pack, file: str, register: Register) -> Iterator[Question]:
    events = _events(pack, register)
    paths = {"page": "", "report": "/report", "record": f"/records/{_keeping(pack, register)[0]}/{_code(register)}"}
    held = _good(pack, register)
    paths |= {f"search {field.name} {held[field.name]}": f"?q={quote(held[field.name])}" for field in register.fields}
    for key, path in paths.items():
        short = key.startswith("search")
        yield Question(file, key, partial(_page, events=events, path=f"/registers/{register.id}{path}", short=short))
    yield Question(file, "entry", partial(_entry, own=register.id))


def _page(world: World, events: list[Event], path: str, *, short: bool) -> str:
    registered(world, events)
    shown = page(world, path)
    return " ".join(re.findall(r"共 \d+ 条", shown)) if short else re.sub(r" [0-9a-f]{16,}", "", shown)


def _entry(world: World, own: str) -> str:
    register = world.pack.register[own]
    text = page(world, "/registers")
    return f"{register.name} {'listed' if f'{register.name} {register.about}'.strip() in text else 'not listed'}"


def _events(pack: Pack, register: Register) -> list[Event]:
    """Two departments' records of one code that differ in all, one that is double, one that says the least."""
    keeping = _keeping(pack, register)
    one, other = keeping[0], (keeping * 2)[1]
    first = _good(pack, register)
    second = _good(pack, register, 1 if len(keeping) > 1 else 0)
    least = {field.name: first[field.name] for field in register.fields if field.need == "required"}
    records = [(one, 0, first), (other, 0, second), (one, 1, first), (other, 2, first), (one, 3, least)]
    for n, field in enumerate(register.fields):
        if field.type == "enum" and len(field.values) > 2:
            records += [(one, 4 + n, {**first, field.name: field.values[-1]})]
    made: list[Event] = []
    for dept, n, fields in dict.fromkeys((dept, n, tuple(fields.items())) for dept, n, fields in records):
        data: dict[str, Any] = {
            "register_name": register.id,
            "record": _code(register, n),
            "version": 1,
            "fields": dict(fields),
        }
        made.append(event("register", "recorded", dept, "", data, subject=f"{dept}/{register.id}"))
    return made
