"""The files of an import and a comparison: found, read, and written all or none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import typer

from rules.catalogue.importing import Spreadsheet
from rules.catalogue.versions import TABLES
from rules.packs import usable_pack
from schemas.city import CatalogueRow, PackError
from schemas.city.catalogue import read_catalogue
from schemas.city.tables import Reader

SUFFIXES = {".xlsx", ".csv"}
_STEM = re.compile(r"[^\W_][\w.-]*(/[^\W_][\w.-]*)*")


def spreadsheets_in(paths: Sequence[Path], stem: str) -> list[Spreadsheet]:
    """Every file of `paths`, and of those that are folders, with the catalogue that each becomes.

    Raises:
        BadParameter: there is none, or a stem is no name for a catalogue, or stands for two files.
    """
    found = [one for path in paths for one in (_in_folder(path, stem) if path.is_dir() else [_one(path, stem)])]
    if not found:
        raise typer.BadParameter("文件夹里没有.xlsx或.csv文件。\nno .xlsx or .csv in the folder")
    for name, n in Counter(one.stem for one in found).items():
        if not _STEM.fullmatch(name) or ".." in name:
            raise typer.BadParameter(f"“{name}”不能作目录名，请用 --as 另起。\n{name!r} is no stem; give --as")
        if n > 1:
            raise typer.BadParameter(f"有{n}个文件都叫“{name}”。\n{n} files would become {name!r}")
    return found


def rows_in(path: Path) -> list[CatalogueRow]:
    """The rows of a pack's folder, or of one of its catalogue files.

    Raises:
        BadParameter: it is neither.
    """
    if path.is_dir():
        return list(usable_pack(path).rows)
    reader = Reader({path.name: path.read_bytes()})
    rows = [row for _, row in read_catalogue(reader, path.name)]
    if reader.problems:
        raise typer.BadParameter(
            f"“{path}”不是城市包里的目录文件；电子表格请用 `gongkai catalogue import --dry-run` 比较。\n"
            f"{path} is no catalogue file of a pack ({PackError(reader.problems).brief}); "
            "compare a spreadsheet with `catalogue import --dry-run`"
        )
    return rows


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put `files` into `folder`: each is there whole or as it was, and all are written before the first is put.

    What breaks off between leaves a pack that loads, and the same import again ends it: a new catalogue lacks its
    table yet, or the table of a changed one has counted up a version whose rows are to come. Rows in force under an
    older version's number there are never.
    """
    made = [(_beside(folder / name), folder / name, value) for name, value in sorted(files.items(), key=_turn(folder))]
    try:
        for temporary, path, value in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(value)
        for temporary, path, _ in made:
            temporary.replace(path)
    finally:
        for temporary, _, _ in made:
            temporary.unlink(missing_ok=True)


def _turn(folder: Path) -> Callable[[tuple[str, bytes]], int]:
    """What is new, then the table of catalogues, then what changes."""
    return lambda named: 1 if named[0] == TABLES else 2 if (folder / named[0]).exists() else 0


def _beside(path: Path) -> Path:
    """Hidden, so that nobody who reads the pack meanwhile takes it for a part of it."""
    return path.with_name(f".{path.name}.new")


def _in_folder(folder: Path, under: str) -> list[Spreadsheet]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    shown = [path.relative_to(folder) for path in paths if not path.name.startswith((".", "~$"))]
    return [
        Spreadsheet(one.as_posix(), (folder / one).read_bytes(), str(PurePosixPath(under) / one.with_suffix("")))
        for one in shown
    ]


def _one(path: Path, stem: str) -> Spreadsheet:
    return Spreadsheet(path.name, path.read_bytes(), stem or path.stem)
