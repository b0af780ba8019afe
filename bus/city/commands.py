"""`gongkai city release` and `show`: what is released, and what was."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bus.city.changes import Changes, changes
from bus.city.reading import read_releases
from bus.city.releasing import Plan, Refusal, plan, release
from bus.clock import now
from bus.errors import EXIT_FINDINGS
from bus.settings import Settings
from bus.usage import instant
from schemas.city import PackError
from schemas.city.released import Release, milliseconds
from schemas.city.releases import Releases
from schemas.city.sources import pack_files

app = typer.Typer(no_args_is_help=True, help="City packs.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]

_out = Console()


@app.command("release")
def release_city(
    pack: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of the city pack.")],
    *,
    note: Annotated[str, typer.Option(help="What changes and why, in a sentence; the portal shows it.")] = "",
    by: Annotated[str, typer.Option(help="Department that releases it; else the lead office.")] = "",
    at: Annotated[
        str | None, typer.Option(help="First arrival it judges, RFC 3339; else some minutes from now.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and release nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Release a city pack: from that instant on every part judges by it; 1 where it is refused."""
    settings = Settings()
    made = now()
    since = instant(at) if at else timedelta(seconds=settings.release_lead)
    try:
        planned = plan(settings, pack_files(pack), at=since, now=made, note=note, by=by)
        if not dry_run:
            planned = release(settings, planned)
    except PackError as error:
        for problem in error.problems:
            typer.echo(json.dumps(asdict(problem), ensure_ascii=False) if as_json else str(problem))
        raise typer.Exit(EXIT_FINDINGS) from error
    except Refusal as refusal:
        _refuse(refusal, as_json=as_json)
        raise typer.Exit(EXIT_FINDINGS) from refusal
    _tell(planned, released=not dry_run, as_json=as_json)


@app.command("show")
def show_city(
    at: Annotated[str | None, typer.Option(help="The release for what arrives then, RFC 3339; else now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show which release is in force, and all there are; 1 where there is none."""
    releases = read_releases(Settings())
    moment = instant(at) if at else now()
    if not releases.all:
        typer.echo("还没有发布过城市包。 no release of the city pack yet: gongkai city release PACK", err=True)
        raise typer.Exit(EXIT_FINDINGS)
    in_force = releases.span(milliseconds(moment)).release
    if as_json:
        typer.echo(json.dumps(_shown(releases, in_force, moment), ensure_ascii=False))
        return
    _out.print(_table(releases, in_force))
    for reason in releases.ignored:
        _out.print(f"counts for nothing: {reason}", markup=False)


def _refuse(refusal: Refusal, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"refused": {"zh": refusal.zh, "en": refusal.en}}, ensure_ascii=False))
    else:
        typer.echo(f"{refusal.zh}\n{refusal.en}", err=True)


def _tell(planned: Plan, *, released: bool, as_json: bool) -> None:
    found = changes(planned)
    if as_json:
        said = planned.said.data.model_dump(mode="json", exclude={"files"})
        typer.echo(json.dumps({**said, "released": released, **found.as_json()}, ensure_ascii=False))
        return
    _out.print(_changes_table(found))
    number, since = planned.said.data.release, planned.said.data.released_at.isoformat(timespec="seconds")
    done = "已发布" if released else "未发布（试算）"
    _out.print(f"第{number}号城市包{done}，自 {since} 起到达的事件按它裁定。", highlight=False)
    _out.print(f"release {number} {'released' if released else 'not released'}: from {since} on", highlight=False)


def _changes_table(found: Changes) -> Table:
    table = Table("what", "new", "changed", "gone", box=None, header_style="bold")
    for name, counted in found.parts.items():
        table.add_row(name, *(str(len(each)) for each in (counted.new, counted.changed, counted.gone)))
    return table


def _shown(releases: Releases, in_force: Release, moment: datetime) -> dict[str, Any]:
    return {
        "at": moment.isoformat(),
        "release": in_force.said.release,
        "releases": [each.said.model_dump(mode="json", exclude={"files"}) for each in releases.all],
        "ignored": list(releases.ignored),
    }


def _table(releases: Releases, in_force: Release) -> Table:
    table = Table("", "release", "in force from", "by", "files", "note", box=None, header_style="bold")
    for each in releases.all:
        said, mark = each.said, "→" if each is in_force else ""
        since = said.released_at.isoformat(timespec="seconds")
        table.add_row(mark, said.release, since, escape(said.by), str(len(said.files)), escape(said.note))
    return table
