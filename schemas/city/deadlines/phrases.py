"""What a city means by its words: the events that start clocks, and 及时 and kin in numbers (`deadlines.toml`)."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code
from schemas.city.deadlines.squeeze import squeeze
from schemas.city.models import Part, Unit
from schemas.city.tables import Reader
from schemas.events.publications import DateName

FILE = "deadlines.toml"


class Trigger(Part):
    """The ways to name one event; the first is the one that is printed."""

    trigger: DateName
    phrases: Annotated[tuple[Code, ...], Field(min_length=1)]
    basis: Code
    status: Literal["", "M", "D"] = ""


class Word(Part):
    """A word that stands for a length: 及时, 实时."""

    word: Code
    n: Annotated[int, Field(ge=1, le=1_000)]
    unit: Unit
    vague: bool = False
    """Whether the number is the city's own, so that lateness is told with care."""
    basis: Code
    status: Literal["", "M", "D"] = ""
    """`M`: to be read again at its source; `D`: the project's own choice (RULES, source tags)."""


class Silent(Part):
    """The law's own length, for a text that says how long an item is shown and not by when: 长期公开."""

    n: Annotated[int, Field(ge=1, le=1_000)]
    unit: Unit
    basis: Code


class Phrases(Part):
    """A city's words. Where no event is named, a clock starts from `default`."""

    triggers: tuple[Trigger, ...] = ()
    words: tuple[Word, ...] = ()
    silent: Silent | None = None
    default: DateName = "formed"

    @cached_property
    def trigger_of(self) -> dict[str, DateName]:
        """Squeezed phrase to the day it means."""
        return {squeeze(phrase).text: each.trigger for each in self.triggers for phrase in each.phrases}

    @cached_property
    def phrase_of(self) -> dict[str, str]:
        """Day to the phrase that is printed for it."""
        return {each.trigger: each.phrases[0] for each in self.triggers}

    @cached_property
    def word_of(self) -> dict[str, Word]:
        """Squeezed word to its meaning."""
        return {squeeze(each.word).text: each for each in self.words}


def read_phrases(reader: Reader) -> Phrases:
    """The pack's words; a pack without the file has the general ones."""
    if not reader.has(FILE):
        return GENERAL
    tables = reader.toml(FILE)
    values = {
        "triggers": _named(reader, tables, "triggers", Trigger, "trigger"),
        "words": _named(reader, tables, "words", Word, "word"),
    }
    rest = {name: value for name, value in tables.items() if name not in values}
    phrases = reader.part(FILE, 0, Phrases, {**values, **rest})
    if phrases is None:
        return GENERAL
    _check_doubles(reader, phrases)
    return phrases


def _named(
    reader: Reader, tables: dict[str, object], table: str, model: type[Trigger] | type[Word], key: str
) -> tuple[Part, ...]:
    found = tables.get(table, {})
    if not isinstance(found, dict):
        reader.note(FILE, 0, table, "PACK-VALUE", f"must hold tables [{table}.…]")
        return ()
    rows = [(name, values if isinstance(values, dict) else {}) for name, values in found.items()]
    parts = [reader.part(FILE, 0, model, {key: name, **values}) for name, values in rows]
    return tuple(part for part in parts if part is not None)


def _check_doubles(reader: Reader, phrases: Phrases) -> None:
    seen: dict[str, str] = {}
    for each in phrases.triggers:
        for phrase in each.phrases:
            text = squeeze(phrase).text
            if text in seen:
                reader.note(FILE, 0, each.trigger, "PACK-DOUBLE", f"{phrase!r} means {seen[text]} already")
            seen[text] = each.trigger


GENERAL = Phrases(
    triggers=(
        Trigger(trigger="formed", phrases=("信息形成或者变更", "信息形成", "形成"), basis="政府信息公开条例第二十六条"),
        Trigger(trigger="changed", phrases=("信息变更", "变更"), basis="政府信息公开条例第二十六条"),
        Trigger(trigger="approved", phrases=("批准", "批复"), basis="预算法第十四条"),
        Trigger(trigger="decided", phrases=("作出决定", "决定"), basis="国发〔2016〕33号"),
        Trigger(trigger="obtained", phrases=("获取信息", "收到", "知悉"), basis="政府信息公开条例第三十三条"),
        Trigger(trigger="signed", phrases=("签订", "签署"), basis="政府采购法实施条例第五十条"),
        Trigger(trigger="effective", phrases=("施行",), basis="规章制定程序条例第三十二条"),
        Trigger(trigger="expires", phrases=("失效",), basis="国办发〔2018〕37号"),
    ),
)
"""For a pack that says nothing: the law's own words, and no number for 及时."""
