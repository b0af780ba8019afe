"""The consumers' commands: each part's own, and what speaks of all of them: `reconcile`, `rebuild` and `trace`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from bus.city import City
from bus.errors import EXIT_FINDINGS
from bus.settings import Settings
from bus.store import Projection, Store, digest, rebuild
from consumers.assessment.ledger import Ledger
from consumers.gazette import program as gazette
from consumers.newmedia import program as newmedia
from consumers.notices import commands as notices_commands
from consumers.notices import program as notices
from consumers.portal import commands as portal_commands
from consumers.portal import program as portal
from consumers.portal.rescan.commands import app as rescan_app
from consumers.reconcile import Balance, reconcile
from consumers.trace import Step, trace

app = typer.Typer()
app.add_typer(portal_commands.app)
app.add_typer(rescan_app)
app.add_typer(notices_commands.app, name="notices")

AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


class Part(StrEnum):
    """Consumers whose store can be made anew from the log."""

    PORTAL = "portal"
    NEWMEDIA = "newmedia"
    GAZETTE = "gazette"
    ASSESSMENT = "assessment"
    NOTICES = "notices"
    MATTERS = "matters"


PROJECTIONS: dict[Part, Callable[[Settings], Projection]] = {
    Part.PORTAL: portal.projection_of,
    Part.NEWMEDIA: lambda settings: newmedia.build_projection(settings, City.as_it_is(settings)),
    Part.GAZETTE: gazette.projection_of,
    Part.NOTICES: notices.projection_of,
    Part.ASSESSMENT: lambda settings: Ledger(),  # noqa: ARG005 - one shape for all
}


@app.command("reconcile")
def reconcile_command(as_json: AsJson = False) -> None:
    """Prove that nothing was lost or doubled between the door and the receipts; exit code 1 on any gap."""
    settings = Settings()
    with _progress(as_json) as progress:
        task = progress.add_task("reading topics", total=None)
        found = reconcile(settings, lambda read, whole: progress.update(task, completed=read, total=whole))
    typer.echo(json.dumps(_as_json(found), ensure_ascii=False)) if as_json else _print(found)
    if found.gap:
        raise typer.Exit(EXIT_FINDINGS)


@app.command("rebuild")
def rebuild_command(
    part: Annotated[Part, typer.Argument(help="The part; it must not run.")], as_json: AsJson = False
) -> None:
    """Make a part's store anew from the log; nothing is sent, published or posted twice."""
    said = _rebuilt_elsewhere(part) if part not in PROJECTIONS else _rebuilt(part)
    if as_json:
        typer.echo(json.dumps(said))
        return
    same = "the same" if said["before"] == said["after"] else "different"
    typer.echo(
        f"{part.value}: {said['applied']} records applied, {said['known']} sent before, {said['to_send']} to send"
    )
    typer.echo(f"digest before {said['before']}\ndigest after  {said['after']} ({same})")


def _rebuilt_elsewhere(part: Part) -> dict[str, Any]:
    """By the part's own program: the stations know nothing of one another."""
    made = subprocess.run(
        [sys.executable, "-m", f"streams.{part.value}.rebuilding"], stdout=subprocess.PIPE, check=False
    )
    if made.returncode:
        raise typer.Exit(made.returncode)
    said: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return said


def _rebuilt(part: Part) -> dict[str, Any]:
    settings = Settings()
    projection = PROJECTIONS[part](settings)
    with Store(settings, projection.name, projection.metadata) as store:
        store.migrate()
        before = digest(store)
        done = rebuild(settings, store, projection)
    return {"part": part.value, "before": before, "after": done.digest, **asdict(done)}


@app.command("trace")
def trace_command(
    key: Annotated[str, typer.Argument(help="An item's subject, an event's id, or a record's gk-id.")],
    as_json: AsJson = False,
) -> None:
    """Show one item's way: door, event, verdicts, feeds, receipts."""
    if not key.strip():
        raise typer.BadParameter(
            "请写上发布件的subject、事件的id或记录的gk-id。\ngive an item's subject, an event's id or a record's gk-id"
        )
    steps = trace(Settings(), key)
    if as_json:
        typer.echo(json.dumps([{**asdict(step), "at": step.at.isoformat()} for step in steps], ensure_ascii=False))
    elif steps:
        Console().print(_way(steps))
    if not steps:
        typer.echo(f"没有找到“{key}”的任何记录。 nothing is known of {key}", err=True)
        raise typer.Exit(EXIT_FINDINGS)


def _way(steps: Iterable[Step]) -> Table:
    """The steps as a table without lines, which is what an event's long id has room in."""
    table = Table(box=None, pad_edge=False)
    for name, unbroken in (
        ("time (UTC)", True),
        ("where", False),
        ("what", False),
        ("event", False),
        ("detail", False),
    ):
        table.add_column(name, overflow="fold", no_wrap=unbroken)
    for step in steps:
        cells = (step.at.strftime("%m-%d %H:%M:%S.%f")[:-3], step.where, step.what, step.event, step.detail)
        table.add_row(*(escape(cell) for cell in cells))
    return table


def _progress(quiet: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet)


def _as_json(found: Balance) -> dict[str, Any]:
    names = ("submitted", "accepted", "rejected", "dead", "repeated", "in_flight", "gap", "lost", "resent", "conflicts")
    return {
        **{name: getattr(found, name) for name in names},
        "waiting": found.waiting,
        "parts": {part: asdict(outlets) for part, outlets in found.parts.items()},
        "gaps": [asdict(gap) for gap in found.gaps],
    }


def _print(found: Balance) -> None:
    out = Console()
    counts = Table("submitted", "accepted", "rejected", "dead", "repeated", "in flight", "gap")
    names = ("submitted", "accepted", "rejected", "dead", "repeated", "in_flight", "gap")
    counts.add_row(*(str(getattr(found, name)) for name in names))
    out.print(counts)
    parts = Table("part", "feed records", "waiting", "receipts")
    for part, outlets in found.parts.items():
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(outlets.receipts.items()))
        parts.add_row(part, str(outlets.feed), str(outlets.waiting), kinds)
    out.print(parts)
    for gap in found.gaps:
        out.print(f"[red]{gap.count}[/red] × {escape(gap.law)}:")
        for place in gap.first:
            out.print(f"    {place}", highlight=False, markup=False)
