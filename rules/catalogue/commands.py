"""`gongkai catalogue`: show, import, export and compare the catalogue.

Reads:    a city pack's folder, spreadsheets.
Writes:   with `import`, the pack's catalogue files and catalogues.toml, all or none; with `export`, one file.
Fails to: 1 where an import has problems, each with file, sheet, row and column; 2 for wrong usage.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rules.catalogue.diff import CatalogueDiff, diff
from rules.catalogue.export import to_csv, to_xlsx
from rules.catalogue.filing import rows_in, spreadsheets_in, write_all
from rules.catalogue.importing import Imported, Outcome, Wishes, import_spreadsheets
from rules.catalogue.showing import FILTERS, as_table, as_tree, chosen
from rules.catalogue.versions import Described
from rules.packs import EXAMPLE, PackPath, usable_pack
from schemas.city import PackError
from schemas.city.catalogue import MACHINE
from schemas.city.catalogues import file_of, stem_of
from schemas.city.sources import pack_files

FINDINGS = 1

app = typer.Typer(no_args_is_help=True, help="The catalogue of what is published.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Into = Annotated[Path, typer.Option("--into", "--pack", envvar="GONGKAI_CITY", help="Folder of the city pack.")]

_out = Console()


@app.command("show")
def show_catalogue(
    *,
    group: Annotated[str | None, typer.Option(help="Rows of one group: basic, key-fields, other-key …")] = None,
    catalogue: Annotated[str | None, typer.Option(help="Rows of one catalogue, by its stem: basic …")] = None,
    set_: Annotated[str | None, typer.Option("--set", help="Rows of one set of catalogues: base, standard …")] = None,
    field: Annotated[str | None, typer.Option(help="Rows of one field of fields.toml.")] = None,
    principle: Annotated[str | None, typer.Option(help="Rows that are public for this: 以公开促落实 …")] = None,
    level: Annotated[str | None, typer.Option(help="Rows of one level: 市 区 街镇 村居.")] = None,
    dept: Annotated[str | None, typer.Option(help="Rows that this department may publish.")] = None,
    tree: Annotated[bool, typer.Option(help="Draw which catalogue lists under which.")] = False,
    pack: PackPath = EXAMPLE,
    as_json: AsJson = False,
) -> None:
    """Show the catalogue's rows; each option leaves fewer."""
    city = usable_pack(pack)
    asked = dict(zip(FILTERS, (group, catalogue, set_, field, principle, level), strict=True))
    rows = chosen(city, asked, dept)
    if as_json:
        for row in rows:
            _print_json(row.model_dump(mode="json", by_alias=True))
    elif tree:
        _out.print(as_tree(city, rows))
    else:
        _out.print(as_table(rows))
        _out.print(f"{len(rows)} rows")


@app.command("import")
def import_catalogue(
    files: Annotated[list[Path], typer.Argument(exists=True, help=".xlsx or .csv files, or a folder of them.")],
    *,
    into: Into = EXAMPLE,
    as_: Annotated[str, typer.Option("--as", help="Stem of the catalogue; of a folder, the folder it becomes.")] = "",
    name: Annotated[str, typer.Option(help="The catalogue's name, for its table in catalogues.toml.")] = "",
    set_: Annotated[str, typer.Option("--set", help="base, key-fields, key-items, area, standard …")] = "",
    dept: Annotated[str, typer.Option(help="The department whose catalogue it is, by its code.")] = "",
    parent: Annotated[str, typer.Option(help="Stem of the catalogue that it inherits from.")] = "",
    basis: Annotated[str, typer.Option(help="What the catalogue stands on.")] = "",
    default: Annotated[list[str] | None, typer.Option(help="COLUMN=VALUE of a machine column, where empty.")] = None,
    prefix: Annotated[str, typer.Option(help="Before a 序号 that is a mere number: 05- makes 7 05-07.")] = "",
    sheet: Annotated[str, typer.Option(help="The one sheet to read.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and compare; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import catalogues from spreadsheets: a new version of each, or every problem with its row and nothing written."""
    started = time.perf_counter()
    spreadsheets = spreadsheets_in(files, as_)
    wishes = Wishes(_defaults(default or []), prefix, sheet, Described(name, set_, dept, parent, basis))
    try:
        outcome = import_spreadsheets(pack_files(into), spreadsheets, wishes)
    except PackError as error:
        raise typer.BadParameter(
            f"“{into}”不是可用的城市包，请看 `gongkai city check {into}`。\n{into} is no usable pack: {error.brief}"
        ) from error
    if not outcome.problems and not dry_run:
        write_all(into, outcome.files)
    seconds = round(time.perf_counter() - started, 2)
    _print_json(_as_json(outcome, seconds)) if as_json else _tell(outcome, seconds, dry_run)
    raise typer.Exit(FINDINGS if outcome.problems else 0)


@app.command("export")
def export_catalogue(
    stem: Annotated[str, typer.Argument(help="Stem of the catalogue: basic, standard/05-tax …")],
    to: Annotated[Path, typer.Option(help="The .xlsx or .csv file to write.", dir_okay=False)],
    machine: Annotated[bool, typer.Option("--machine", help="The machine's columns too.")] = False,
    pack: PackPath = EXAMPLE,
) -> None:
    """Write a catalogue as a spreadsheet of the ten standard columns."""
    city = usable_pack(pack)
    rows = [row for row in city.rows if row.catalogue == file_of(stem)]
    if not rows:
        there = ", ".join(dict.fromkeys(stem_of(row.catalogue) for row in city.rows))
        raise typer.BadParameter(f"没有目录“{stem}”，有：{there}。\nno catalogue {stem!r}; there are: {there}")
    columns = MACHINE if machine else ()
    title = city.catalogue[stem].name if stem in city.catalogue else ""
    if to.suffix.lower() not in {".xlsx", ".csv"}:
        raise typer.BadParameter(f"“{to}”的后缀应为.xlsx或.csv。\n{to} must end in .xlsx or .csv")
    is_csv = to.suffix.lower() == ".csv"
    to.write_bytes(to_csv(rows, columns) if is_csv else to_xlsx(rows, title, columns))
    typer.echo(f"{to}: {len(rows)} rows")


@app.command("diff")
def diff_catalogues(
    a: Annotated[Path, typer.Argument(exists=True, help="A pack's folder, or one of its catalogue files.")],
    b: Annotated[Path, typer.Argument(exists=True, help="The later one.")],
    as_json: AsJson = False,
) -> None:
    """Compare two states of a catalogue: rows added and removed, and each cell that changed."""
    changes = diff(rows_in(a), rows_in(b))
    if as_json:
        _print_json(_changes(changes))
        return
    for line in _lines(changes):
        typer.echo(line)
    typer.echo(_counts(changes))


def _defaults(given: Iterable[str]) -> dict[str, str]:
    found = {}
    for one in given:
        column, equals, value = one.partition("=")
        if not equals or column not in MACHINE:
            said = " ".join(MACHINE)
            raise typer.BadParameter(
                f"--default 要写成“列=值”，列为：{said}。\n--default is COLUMN=VALUE, a column of: {said}"
            )
        found[column] = value
    return found


def _tell(outcome: Outcome, seconds: float, dry_run: bool) -> None:
    for problem in outcome.problems:
        typer.echo(str(problem))
    for note in outcome.notes:
        typer.echo(f"note: {note}")
    if outcome.problems:
        typer.echo(
            f"{len(outcome.problems)}处问题，未写入任何文件。 {len(outcome.problems)} problems; nothing written."
        )
        return
    for one in outcome.catalogues:
        for line in _lines(one.changes):
            typer.echo(line)
        typer.echo(f"{one.stem}: version {one.version}, {len(one.rows)} rows; {_counts(one.changes)}")
    rows = sum(len(one.rows) for one in outcome.catalogues)
    written = "dry run, nothing written" if dry_run else f"{len(outcome.files)} written"
    typer.echo(f"{len(outcome.catalogues)} catalogues, {rows} rows, {seconds} seconds, {written}")


def _lines(changes: CatalogueDiff) -> Iterable[str]:
    for row in changes.removed:
        yield f"- {row.code} {row.level1} / {row.level2}"
    for row in changes.added:
        yield f"+ {row.code} {row.level1} / {row.level2}"
    for change in changes.changed:
        for cell in change.cells:
            yield f"~ {change.new.code} {cell.column}: {cell.old or '（空）'} → {cell.new or '（空）'}"


def _counts(changes: CatalogueDiff) -> str:
    if changes.is_empty:
        return "nothing changed"
    return f"{len(changes.added)} added, {len(changes.removed)} removed, {len(changes.changed)} changed"


def _changes(changes: CatalogueDiff) -> dict[str, object]:
    return {
        "added": [row.code for row in changes.added],
        "removed": [row.code for row in changes.removed],
        "changed": [
            {"code": one.new.code, "cells": [cell.model_dump() for cell in one.cells]} for one in changes.changed
        ],
    }  # fmt: skip


def _as_json(outcome: Outcome, seconds: float) -> dict[str, object]:
    def of(one: Imported) -> dict[str, object]:
        return {"stem": one.stem, "version": one.version, "rows": len(one.rows), **_changes(one.changes)}

    return {
        "problems": [
            {"file": one.file, "row": one.row, "column": one.column, "code": one.code, "message": one.message}
            for one in outcome.problems
        ],
        "notes": outcome.notes, "catalogues": [of(one) for one in outcome.catalogues],
        "written": [] if outcome.problems else sorted(outcome.files), "seconds": seconds,
    }  # fmt: skip


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
