"""`gongkai audit rejudge`: whether judging again says what the log says."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from bus.errors import EXIT_FINDINGS
from bus.settings import Settings
from bus.usage import instant
from schemas.city.released import milliseconds
from streams.rejudging import Rejudged, rejudge

app = typer.Typer()
audit_app = typer.Typer(no_args_is_help=True, help="Proofs over the log.")
app.add_typer(audit_app, name="audit")


@app.callback()
def _streams() -> None:
    """Commands of the stream processors."""


@audit_app.command("rejudge")
def rejudge_command(
    *,
    since: Annotated[str | None, typer.Option(help="Only what arrived from then on, RFC 3339.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Judge at most so many records.")] = None,
    shown: Annotated[int, typer.Option(min=0, help="Show so many differences in full; all are counted.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Judge the log again by each verdict's own release and arrival; 1 where another verdict comes of it."""
    from_ = milliseconds(instant(since)) if since else 0
    columns = (SpinnerColumn(), TextColumn("{task.completed} judged"))
    with Progress(*columns, console=Console(stderr=True), disable=as_json) as progress:
        task = progress.add_task("judging", total=None)
        found = rejudge(
            Settings(), since=from_, limit=limit, shown=shown,
            progress=lambda judged: progress.update(task, completed=judged),
        )  # fmt: skip
    typer.echo(json.dumps(_as_json(found), ensure_ascii=False)) if as_json else _print(found)
    if found.differing:
        raise typer.Exit(EXIT_FINDINGS)


def _as_json(found: Rejudged) -> dict[str, object]:
    differences = [
        {"origin": one.origin, "release": one.release,
         "members": [{"name": name, "log": log, "now": now} for name, log, now in one.members]}
        for one in found.differences
    ]  # fmt: skip
    return {**asdict(found), "by_release": dict(found.by_release), "differences": differences}


def _print(found: Rejudged) -> None:
    for one in found.differences:
        typer.echo(f"{one.origin} (release {one.release})")
        for name, log, now in one.members:
            typer.echo(f"  {name}: {log or '(nothing)'} → {now or '(nothing)'}")
    if found.differing > len(found.differences):
        typer.echo(f"… {found.differing - len(found.differences)} more")
    releases = ", ".join(f"release {number}: {count}" for number, count in sorted(found.by_release.items()))
    typer.echo(f"{found.judged} judged again ({releases or 'none'}), {found.differing} differ")
    if found.without_verdict or found.crashed:
        typer.echo(f"not judged: {found.without_verdict} have no verdict yet, {found.crashed} ended a worker")
