"""From the files of a pack, on disk or in memory, to a `Pack`, or to everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

from schemas.city.calendars import read_years
from schemas.city.catalogue import read_catalogue
from schemas.city.catalogues import read_catalogues, read_fields
from schemas.city.charges import read_charges
from schemas.city.checks import check_pack
from schemas.city.clocks import read_clocks
from schemas.city.counters import read_counters
from schemas.city.deadlines import Phrases, read_phrases
from schemas.city.documents import read_documents
from schemas.city.errors import PackError
from schemas.city.forms import read_forms
from schemas.city.headers import read_headers
from schemas.city.kinds import read_kinds
from schemas.city.ladders import read_ladders
from schemas.city.limits import read_limits
from schemas.city.mailboxes import read_mailboxes
from schemas.city.matters import read_lifecycles
from schemas.city.models import CatalogueRow, City, Column, Department, Outlet
from schemas.city.pack import Pack
from schemas.city.participation import read_scope
from schemas.city.platforms import read_platforms
from schemas.city.registers import read_registers
from schemas.city.replies import read_boilerplate
from schemas.city.sources import Source
from schemas.city.standing import read_standing
from schemas.city.tables import Line, Reader, each
from schemas.city.textual import read_text_checks

Numbered = dict[str, tuple[str, int]]
"""Code to the file and line it was first seen at."""


def load_pack(source: Source | str) -> Pack:
    """The pack in a folder, or of the files in memory.

    Raises:
        PackError: every problem found, with file, line and column.
    """
    reader = Reader(Path(source) if isinstance(source, str) else source)
    places: Numbered = {}
    pack = _read(reader, places)
    if pack is not None and not reader.problems:
        check_pack(pack, places, reader)
    if reader.problems or pack is None:
        raise PackError(reader.problems)
    return pack


def _read(reader: Reader, places: Numbered) -> Pack | None:
    city = reader.part("city.toml", 0, City, reader.toml("city.toml"))
    departments = _departments(reader, places)
    phrases = read_phrases(reader)
    rows = _rows(reader, places, phrases)
    kinds = read_kinds(reader)
    outlets = reader.parts("outlets.toml", Outlet, "id").values()
    columns = reader.parts("columns.toml", Column, "id").values()
    clocks = read_clocks(reader)
    years = read_years(reader)
    if city is None:
        return None
    return Pack(
        city=city, departments=departments, rows=rows, kinds=kinds, outlets=tuple(outlets),
        columns=tuple(columns), clocks=clocks, years=years,
        catalogues=read_catalogues(reader), fields=read_fields(reader), headers=read_headers(reader),
        registers=read_registers(reader), lifecycles=read_lifecycles(reader), ladders=read_ladders(reader),
        standing=read_standing(reader), counters=read_counters(reader),
        mailboxes=read_mailboxes(reader), forms=read_forms(reader), charges=read_charges(reader),
        limits=read_limits(reader), platforms=read_platforms(reader),
        scope=read_scope(reader), boilerplate=read_boilerplate(reader),
        documents=read_documents(reader), phrases=phrases,
        text_checks=read_text_checks(reader),
    )  # fmt: skip


def _departments(reader: Reader, places: Numbered) -> tuple[Department, ...]:
    file = "departments.csv"
    lines = reader.csv(file, ("code", "uscc", "name", "short_name", "level", "class", "leader_post", "from"))

    def make(line: Line) -> Department | None:
        cells = {name: cell for name, cell in line.cells.items() if cell}
        return reader.part(file, line.number, Department, cells)

    found: dict[str, Department] = {}
    for number, department in each(lines, make):
        if department.code in found:
            reader.note(file, number, "code", "PACK-DOUBLE", f"{department.code!r} stands above already")
        found.setdefault(department.code, department)
        places.setdefault(f"department {department.code}", (file, number))
    return tuple(found.values())


def _rows(reader: Reader, places: Numbered, phrases: Phrases) -> tuple[CatalogueRow, ...]:
    editions: dict[str, list[CatalogueRow]] = {}
    for file in reader.files("catalogues", ".csv"):
        for number, row in read_catalogue(reader, file, phrases):
            if (rival := next((one for one in editions.get(row.code, ()) if one.overlaps(row)), None)) is not None:
                where = "{}:{}".format(*places[f"row {rival.key}"])
                reader.note(file, number, "序号", "CAT-E08", f"{row.code!r} stands at {where} already")
                continue
            editions.setdefault(row.code, []).append(row)
            places[f"row {row.key}"] = (file, number)
    return tuple(row for of_code in editions.values() for row in of_code)
