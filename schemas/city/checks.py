"""Cross references of a pack: every name used is a name given, and no row is looser than the law above it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from schemas.city.catalogues import KEY, Catalogue, Field
from schemas.city.clocks import clock_faults, row_clock_faults
from schemas.city.counters import counter_faults
from schemas.city.forms import form_faults
from schemas.city.inheritance import Above, inheritance_faults, is_own_ancestor
from schemas.city.lifecycles import lifecycle_faults
from schemas.city.models import CHANNELS, CatalogueRow, Column, Department, Kind, Outlet
from schemas.city.pack import Pack
from schemas.city.platforms import platform_faults
from schemas.city.registers import register_faults
from schemas.city.standing import LEAD, Standing
from schemas.city.tables import Reader
from schemas.city.uscc import uscc_fault
from schemas.topics import BY_NAME

Fault = tuple[str, str, str]
"""Column, code, message."""


def check_pack(pack: Pack, places: Mapping[str, tuple[str, int]], reader: Reader) -> None:
    """Note in `reader` whatever does not fit together."""

    def note(file: str, number: int, faults: Iterable[Fault]) -> None:
        for column, code, message in faults:
            reader.note(file, number, column, code, message)

    note("city.toml", 0, _city(pack))
    for department in pack.departments:
        note(*places[f"department {department.code}"], _department(pack, department))
    for row in pack.rows:
        note(*places[f"row {row.key}"], _row(pack, row))
    for kind in pack.kinds:
        note("kinds", 0, _kind(pack, kind))
    for outlet in pack.outlets:
        note("outlets.toml", 0, _outlet(pack, outlet))
    for column in pack.columns:
        note("columns.toml", 0, _known(column.parent, pack.column, f"{column.id}.parent", "a column"))
        note("columns.toml", 0, _in_ring(column.id, lambda name: _parents(pack.column.get(name))))
        note("columns.toml", 0, _known(column.max_age, pack.clock, f"{column.id}.max_age", "a clock"))
        note("columns.toml", 0, _known(column.owner, pack.department, f"{column.id}.owner", "a department"))
    for catalogue in pack.catalogues:
        note("catalogues.toml", 0, _catalogue(pack, catalogue))
        note("catalogues.toml", 0, _in_ring(catalogue.stem, lambda stem: _parents(pack.catalogue.get(stem))))
    for field in pack.fields:
        note("fields.toml", 0, _responsible(pack, field))
    for standing in pack.standing:
        note("duties.toml", 0, _standing(pack, standing))
    note("calendars", 0, _calendars(pack))
    note("clocks.toml", 0, clock_faults(pack))
    note("forms.toml", 0, form_faults(pack))
    note("platforms.toml", 0, platform_faults(pack))
    note("counters.toml", 0, counter_faults(pack))
    for file, number, key, code, message in lifecycle_faults(pack, reader.text):
        reader.note(file, number, key, code, message)
    for file, key, code, message in register_faults(pack):
        reader.note(file, 0, key, code, message)


def _known(name: str | None, names: Container[str], column: str, what: str) -> Iterator[Fault]:
    if name is not None and name not in names:
        yield column, "PACK-REF", f"{name!r} is not {what} of this pack"


def _in_ring(name: str, above: Above) -> Iterator[Fault]:
    if is_own_ancestor(name, above):
        yield f"{name}.parent", "PACK-REF", f"{name} is under itself by way of {'、'.join(filter(None, above(name)))}"


def _parents(part: Catalogue | Column | None) -> tuple[str | None, ...]:
    return (part.parent,) if part is not None else ()


def _city(pack: Pack) -> Iterator[Fault]:
    yield from _known(pack.lead_office, pack.department, "lead_office", "a department")
    for channel in (pack.city.first_channel, *pack.city.public_channels):
        yield from _known(channel, CHANNELS, "channels", "one of the 13 boxes")


def _department(pack: Pack, department: Department) -> Iterator[Fault]:
    yield from _known(department.parent, pack.department, "parent", "a department")
    yield from _known(department.successor, pack.department, "successor", "a department")
    yield from _known(department.class_, pack.city.classes, "class", "a class in city.toml")
    if (fault := uscc_fault(department.uscc)) is not None:
        yield "uscc", "PACK-USCC", fault
    if department.successor is not None and department.to is None:
        yield "to", "PACK-VALUE", "a department with a successor needs its last day"
    if department.successor == department.code:
        yield "successor", "PACK-VALUE", "a department can't succeed itself"


def _row(pack: Pack, row: CatalogueRow) -> Iterator[Fault]:
    yield from _publishers(pack, row)
    for channel in row.channels:
        yield from _known(channel, CHANNELS, "公开渠道和载体", "one of the 13 boxes")
    for kind in row.kinds:
        yield from _known(kind, pack.kind, "kinds", "a kind")
    yield from _known(row.column, pack.column, "column", "a column")
    yield from _known(row.clock, pack.clock, "clock", "a clock")
    if not row.elements:
        yield "公开内容(要素)", "CAT-E06", "names no required element"
    yield from _field(pack, row)
    if _is_key(pack, row) and pack.city.first_channel not in row.channels:
        yield "公开渠道和载体", "CAT-E09", f"a row of key field {row.field} must tick {pack.city.first_channel}"
    yield from row_clock_faults(pack, row)
    yield from inheritance_faults(pack, row)
    if row.time_limit.trigger == "cron" and not row.time_limit.cron:
        yield "cron", "CAT-E02", "trigger cron needs its day, such as 01-31, *-01, Q3-31"


def _field(pack: Pack, row: CatalogueRow) -> Iterator[Fault]:
    if row.field and pack.fields:
        yield from _known(row.field, pack.field, "field", "a field of fields.toml")


def _is_key(pack: Pack, row: CatalogueRow) -> bool:
    """Whether the row is of one of 三大重点领域; in a pack without fields.toml every field is."""
    field = pack.field.get(row.field)
    return field.set == KEY if field is not None else bool(row.field) and not pack.fields


def _publishers(pack: Pack, row: CatalogueRow) -> Iterator[Fault]:
    chosen, levels = pack.publishers_of(row), "、".join(row.levels)
    for word in row.depts:
        if word not in pack.departments_named:
            yield "depts", "CAT-E03", f"{word!r} is no department, class: or level: of this pack"
        elif chosen and chosen.isdisjoint(pack.departments_named[word]):
            yield "depts", "CAT-E03", f"{word!r} chooses no department of 公开层级 {levels}; tick its level"
    if not chosen:
        yield "depts", "CAT-E03", "no department of 公开层级 is chosen"


def _kind(pack: Pack, kind: Kind) -> Iterator[Fault]:
    yield from _known(kind.quota_class, pack.city.quota_classes, f"{kind.name}.quota_class", "a quota class")
    yield from _known(kind.column, pack.column, f"{kind.name}.column", "a column")
    for rel in kind.links:
        yield from _known(rel, pack.city.link_rels, f"{kind.name}.links", "a link word of city.toml")
    for name in kind.documents:
        yield from _known(name, pack.documents.kinds, f"{kind.name}.documents", "a kind of 公文 in documents.toml")
    if kind.valid and pack.documents.validity is None:
        yield f"{kind.name}.valid", "PACK-REF", "documents.toml has no table [validity]"


def _outlet(pack: Pack, outlet: Outlet) -> Iterator[Fault]:
    feeds = [name for name in BY_NAME if name.endswith("-feed")]
    yield from _known(outlet.feed, feeds, f"{outlet.id}.feed", "a feed topic")
    yield from _known(outlet.department, pack.department, f"{outlet.id}.department", "a department")
    for channel in outlet.channels:
        yield from _known(channel, CHANNELS, f"{outlet.id}.channels", "one of the 13 boxes")
    for name in outlet.classes:
        yield from _known(name, pack.city.quota_classes, f"{outlet.id}.classes", "a quota class")


def _catalogue(pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    files = {row.catalogue for row in pack.rows}
    yield from _known(catalogue.file, files, catalogue.stem, "a catalogue file with rows")
    yield from _known(catalogue.parent, pack.catalogue, f"{catalogue.stem}.parent", "a catalogue of catalogues.toml")
    yield from _known(catalogue.dept, pack.department, f"{catalogue.stem}.dept", "a department")


def _responsible(pack: Pack, field: Field) -> Iterator[Fault]:
    for code in field.responsible:
        yield from _known(code, pack.department, f"{field.id}.responsible", "a department")


def _standing(pack: Pack, one: Standing) -> Iterator[Fault]:
    """A standing duty is owed by somebody, counted by a clock, and taken through steps that its lifecycle has."""
    yield from _known(one.clock, pack.clock, f"{one.id}.clock", "a clock")
    for word in one.owes:
        yield from _known(word, {LEAD, *pack.departments_named}, f"{one.id}.owes", "a department or a word for some")
    for row in one.rows:
        yield from _known(row, pack.row, f"{one.id}.rows", "a row")
    for kind in one.kinds:
        yield from _known(kind, pack.kind, f"{one.id}.kinds", "a kind")
    yield from _known(one.lifecycle, pack.lifecycle, f"{one.id}.lifecycle", "a lifecycle")
    if (lifecycle := pack.lifecycle.get(one.lifecycle)) is not None:
        unanswered = one.each == "expiry" or (one.each == "department" and not one.rows and not one.kinds)
        answers = None if unanswered else one.answers
        for step in (one.opens, answers, one.redates):
            yield from _known(step, lifecycle.step, f"{one.id}.lifecycle", "a step of that lifecycle")


def _calendars(pack: Pack) -> Iterator[Fault]:
    years = [year.year for year in pack.years]
    if not years:
        yield "", "PACK-FILE", "no calendar; write calendars/YYYY-1.toml from the official notice"
    elif years != list(range(years[0], years[-1] + 1)):
        yield "year", "PACK-VALUE", f"years with a gap: {years}"
    for year in pack.years:
        strange = [day for day in (*year.off, *year.work) if day.year != year.year]
        strange += [day for day in year.work if day.weekday() < 5 or day in year.off]
        if strange:
            yield str(year.year), "PACK-VALUE", f"days that do not belong: {', '.join(map(str, strange))}"
