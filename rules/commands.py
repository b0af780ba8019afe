"""Commands of the rules: check a city pack, show its catalogue, hash what is to be signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rules import content, offline
from rules.book.commands import app as rules_app
from rules.catalogue.commands import app as catalogue_app
from rules.due_command import app as due_app
from rules.lifecycle.commands import app as walk_app
from schemas.city import PackError, load_pack
from schemas.decode import Unreadable
from schemas.reasons import Reason, finding

FINDINGS, USAGE = 1, 2
"""Exit codes; `bus.errors` has the same, which rules do not import."""

app = typer.Typer()
city_app = typer.Typer(no_args_is_help=True, help="City packs.")
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(city_app, name="city")
app.add_typer(rules_app)
app.add_typer(due_app)
app.add_typer(walk_app)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]

_out = Console()


@app.command("hash")
def hash_files(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help=".json, .ndjson or .txt files.")],
    title: Annotated[str | None, typer.Option(help="Title of a .txt without a .meta.toml.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the SHA-256 that the six sign-offs of a publication are given over."""
    for file in files:
        try:
            digests = _hashes(file, title)
        except Unreadable as error:
            raise typer.BadParameter(_no_hash(file, error)) from error
        for digest in digests:
            _print_json({"file": str(file), "content_sha256": digest}) if as_json else typer.echo(digest)


def _hashes(file: Path, title: str | None) -> list[str]:
    suffix = file.suffix.lower()
    if suffix == ".txt":
        return [offline.hash_of_text(file, title)]
    if suffix not in {".json", ".ndjson"}:
        raise Unreadable("FILE-UNKNOWN", file.name)
    digests = [offline.hash_of(value) for value in offline.events_in(file) if value.strip()]
    if not digests:
        raise Unreadable("FILE-EMPTY", file.name)
    return digests


def _no_hash(file: Path, error: Unreadable) -> str:
    if error.code == "INVALID":
        return f"“{file}”算不出摘要：里面没有带标题和正文的发布件。\n{file}: {error}"
    said = finding(Reason(error.code), detail=error.detail, name=file.stem)
    return f"“{file}”算不出摘要：{said.message.zh}{said.remedy.zh}\n{file}: {error}"


@app.command("docno")
def read_number(
    numbers: Annotated[list[str], typer.Argument(help="发文字号 or 令 numbers, as they were written.")],
    year: Annotated[int, typer.Option(min=1949, max=9999, help="The latest year that a number may have.")] = 9999,
    as_json: AsJson = False,
) -> None:
    """Take document numbers apart: organ, year, number, right form; 1 where one is not right."""
    found = [offline.number_of(number, year) for number in numbers]
    for one in found:
        _print_json(one) if as_json else typer.echo(_number_text(one))
    raise typer.Exit(FINDINGS if any("fault" in one for one in found) else 0)


def _number_text(one: dict[str, Any]) -> str:
    if "fault" in one:
        zh, en = content.DOCNO_FAULTS[one["fault"]]
        return f"{one['given']}：{zh}。 {en}"
    return f"{one['text']}  机关 {one['organ']}  年份 {one['year'] or '—'}  序号 {one['number']}"


@city_app.command("check")
def check_city(
    pack: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of the city pack.")],
    as_json: AsJson = False,
) -> None:
    """Check a city pack; every problem with file, line and column, and 1 where there is one."""
    try:
        city = load_pack(pack)
    except PackError as error:
        for problem in error.problems:
            typer.echo(json.dumps(_fields(problem), ensure_ascii=False) if as_json else str(problem))
        raise typer.Exit(FINDINGS) from error
    counts = {
        name: len(getattr(city, name)) for name in ("departments", "rows", "kinds", "outlets", "columns", "years")
    }
    if as_json:
        _print_json({"release": city.release, **counts})
    else:
        _out.print(f"release {city.release}: " + ", ".join(f"{n} {name}" for name, n in counts.items()))


def _fields(problem: object) -> dict[str, object]:
    return {name: getattr(problem, name) for name in ("file", "row", "column", "code", "message")}


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
