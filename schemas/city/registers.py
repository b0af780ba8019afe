"""Registers: any list that departments keep, as a schema in the pack; a new list is a file in `registers/`, no code.

A record is named by its code, which departments give; `fields` are texts that the schema's types read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Code
from schemas.city.models import Dated, Level, Part, Pattern

if TYPE_CHECKING:
    from schemas.city.pack import Pack
    from schemas.city.tables import Reader

FOLDER = "registers"
_STEP = re.compile(r"[;；\n]")

FieldType = Literal[
    "text", "code", "enum", "int", "amount", "date", "url", "dept", "uscc", "record", "row", "steps",
]  # fmt: skip
"""`record` names a record of another register, `row` a catalogue row, `steps` key steps with the row that shows each:
`受理=05-01;审核`."""

Need = Literal["required", "expected", "optional"]
"""A record without a required field is refused; without an expected one it is taken, and the gap is shown."""


FieldName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\s\"'\\\[\].$/#]+$")]
"""Its column in files and its word on pages; without the marks of JSON paths."""


class RegisterField(Part):
    """One field of a register's records."""

    name: FieldName
    type: FieldType = "text"
    need: Need = "optional"
    values: tuple[Code, ...] = ()
    """Of an enum: all there are, in the order in which filters show them."""
    pattern: Pattern = ""
    """What the whole value must match."""
    max: Annotated[int, Field(ge=1, le=20_000)] = 500
    """Characters."""
    unique: Literal["", "dept", "register"] = ""
    """Within what no two records may share a value; judged where the records are."""
    register_: str = Field("", alias="register")
    """Of a `record`: the register that it names a record of."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.type == "enum") != bool(self.values):
            raise ValueError(f"{self.name}: an enum, and no other type, lists its values")
        if len(set(self.values)) != len(self.values):
            raise ValueError(f"{self.name}: names a value twice")
        if (self.type == "record") != bool(self.register_):
            raise ValueError(f"{self.name}: a record, and no other type, names its register")
        return self

    @cached_property
    def matches(self) -> re.Pattern[str] | None:
        """The pattern, made once."""
        return re.compile(self.pattern) if self.pattern else None


class Agreement(Part):
    """Records of different departments that share `by` must share `fields` too (one code, one name)."""

    by: str = ""
    """A field; empty is the record's own code."""
    fields: Annotated[tuple[FieldName, ...], Field(min_length=1)]


class CompleteSet(Part):
    """Records that are whole only together: one at least for each of `values`."""

    name: Code
    field: FieldName
    values: Annotated[tuple[Code, ...], Field(min_length=2)]
    per: FieldName | None = None
    """A set for each value of this field, as for each year."""
    filled: FieldName | None = None
    """A record counts where it says this."""


class Register(Dated):
    """`registers/<id>.toml`: what the list is, who keeps it, what a record holds and what must fit together."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,60}$")]
    name: Code
    basis: Code
    about: str = ""
    depts: tuple[Code, ...] = ("*",)
    """Who may record, in the words of catalogue rows: `*`, a code, `class:B`, `level:区`."""
    levels: Annotated[tuple[Level, ...], Field(min_length=1)] = ("市", "区", "街镇", "村居")
    key: FieldName = "编码"
    """What the record's code is called; its column in files."""
    key_pattern: Pattern = r"[0-9A-Za-z][0-9A-Za-z._-]{0,59}"
    title: FieldName
    """The field that names a record."""
    kind: FieldName | None = None
    """The enum that the page filters by."""
    unit: FieldName | None = None
    """The field that names whose a record is, where one department records for others below it."""
    keepers: tuple[Code, ...] = ()
    """Departments that record for any unit, below them or not."""
    search: tuple[FieldName, ...] = ()
    """Fields that are searched beside code and title."""
    versions: Literal["many", "one"] = "many"
    """`one`: what was recorded is never changed, only removed."""
    coverage: bool = False
    """Whether everybody who may record is expected to."""
    fields: Annotated[tuple[RegisterField, ...], Field(min_length=1, max_length=60)]
    agree: tuple[Agreement, ...] = ()
    sets: tuple[CompleteSet, ...] = ()

    @cached_property
    def field(self) -> dict[str, RegisterField]:
        """Name to field."""
        return {field.name: field for field in self.fields}

    @cached_property
    def needed(self) -> tuple[RegisterField, ...]:
        """Fields that are required or expected."""
        return tuple(field for field in self.fields if field.need != "optional")

    @cached_property
    def key_matches(self) -> re.Pattern[str]:
        """The pattern of codes, made once."""
        return re.compile(self.key_pattern)

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """Title and search fields, each once."""
        return tuple(dict.fromkeys((self.title, *self.search)))

    def may_record(self, code: str, class_: str, level: Level) -> bool:
        """Whether a department of that code, class and level keeps records here."""
        words = {"*", code, f"class:{class_}", f"level:{level}"}
        return level in self.levels and not words.isdisjoint(self.depts)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.field) != len(self.fields) or self.key in self.field:
            raise ValueError("two fields have one name")
        if wrong := [name for name in self._named() if name not in self.field]:
            raise ValueError(f"names a field it does not have: {wrong[0]!r}")
        if self.field[self.title].need != "required":
            raise ValueError(f"{self.title!r} names the record, so it is required")
        for name, kind in ((self.kind, "enum"), (self.unit, "dept")):
            if name is not None and self.field[name].type != kind:
                raise ValueError(f"{name!r} is what the page filters by, so its type is {kind}")
        for one in self.sets:
            if strange := set(one.values) - set(self.field[one.field].values):
                raise ValueError(f"set {one.name!r} names {min(strange)!r}, which {one.field!r} can't be")
        return self

    def _named(self) -> Iterator[str]:
        yield from (self.title, *self.search)
        yield from (name for name in (self.kind, self.unit) if name is not None)
        for agreement in self.agree:
            yield from (*filter(None, (agreement.by,)), *agreement.fields)
        for one in self.sets:
            yield from (name for name in (one.field, one.per, one.filled) if name is not None)


def steps_of(value: str) -> tuple[tuple[str, str], ...]:
    """The key steps in a value of type `steps`, each with the catalogue row that shows it, or with none."""
    named = (step.strip() for step in _STEP.split(value))
    return tuple((name.strip(), row.strip()) for name, _, row in (step.partition("=") for step in named if step))


def read_registers(reader: Reader) -> tuple[Register, ...]:
    """The registers of a pack; a file's name is the register's id."""
    found = []
    for file in reader.files(FOLDER, ".toml"):
        name = file.removeprefix(f"{FOLDER}/").removesuffix(".toml")
        if (made := reader.part(file, 0, Register, reader.named(file, "id", name, reader.toml(file)))) is not None:
            found.append(made)
    return tuple(found)


def register_faults(pack: Pack) -> Iterator[tuple[str, str, str, str]]:
    """File, key, code and message of whatever a register names and the pack lacks."""
    known = {"*", *pack.department, *(f"class:{name}" for name in pack.city.classes)}
    known |= {f"level:{department.level}" for department in pack.departments}
    for one in pack.registers:
        for key, code, message in _faults(one, pack.register, known):
            yield f"{FOLDER}/{one.id}.toml", key, code, message


def _faults(one: Register, registers: Mapping[str, Register], words: Collection[str]) -> Iterator[tuple[str, str, str]]:
    for word in one.depts:
        if word not in words:
            yield "depts", "PACK-REF", f"{word!r} is no department, class: or level: of this pack"
    for code in one.keepers:
        if code not in words:
            yield "keepers", "PACK-REF", f"{code!r} is no department of this pack"
    for field in one.fields:
        if field.register_ and field.register_ not in registers:
            yield f"fields.{field.name}.register", "PACK-REF", f"{field.register_!r} is no register of this pack"
