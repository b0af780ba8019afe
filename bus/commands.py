"""Commands of the road itself: topics, contracts, and all parts together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bus import contracts, starting, topics
from bus.city import known_pack
from bus.city.commands import app as city_app
from bus.errors import EXIT_FINDINGS
from bus.settings import Settings
from bus.status import Part
from bus.supervise import Supervisor, addresses
from schemas.city import load_pack
from schemas.city.naming import unknown_department

app = typer.Typer()
topics_app = typer.Typer(no_args_is_help=True, help="Topics on the broker.")
contracts_app = typer.Typer(no_args_is_help=True, help="What may travel, as files for others.")
app.add_typer(topics_app, name="topics")
app.add_typer(contracts_app, name="contracts")
app.add_typer(city_app, name="city")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]

_out = Console()


@topics_app.command("create")
def create_topics(
    inbox: Annotated[list[str] | None, typer.Option(help="Make inbox.CODE for this department too.")] = None,
) -> None:
    """Create the topics that are missing; refuse ones that differ from the list."""
    settings = Settings()
    for dept in inbox or ():
        if unknown := unknown_department(known_pack(settings), dept):
            raise typer.BadParameter(unknown)
    made = topics.create(settings, inbox or ())
    _out.print(f"created {len(made)}: {', '.join(made)}" if made else "every topic is there")


@topics_app.command("check")
def check_topics(as_json: AsJson = False) -> None:
    """Compare the topics on the broker with the list; 1 where anything differs."""
    differences = topics.check(Settings())
    if as_json:
        _print_json([{"topic": d.topic, "what": d.what, "wanted": d.wanted, "found": d.found} for d in differences])
    else:
        for difference in differences:
            _out.print(str(difference), markup=False)
        _out.print(f"{len(differences)} differences" if differences else "every topic is as it must be")
    raise typer.Exit(EXIT_FINDINGS if differences else 0)


@topics_app.command("describe")
def describe_topics(
    acls: Annotated[bool, typer.Option("--acls", help="Print kafka-acls commands instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the list of topics: what travels, who writes, who reads."""
    settings = Settings()
    if acls:
        for line in topics.acls(settings):
            typer.echo(line)
    elif as_json:
        _print_json(topics.describe(settings))
    else:
        _out.print(_topic_table(topics.describe(settings)))


@contracts_app.command("export")
def export_contracts(folder: Annotated[Path, typer.Argument(help="Folder to write into.")]) -> None:
    """Write JSON Schema of every event and record, AsyncAPI 3.0 and OpenAPI into FOLDER."""
    for file in contracts.export(Settings(), folder):
        typer.echo(file)


@app.command()
def up() -> None:
    """Start every part on this machine, and leave them running."""
    settings = Settings()
    load_pack(settings.city)  # said at once, not by each part in its log
    with starting.shown(_out) as progress:
        Supervisor(settings).start(detached=True, progress=progress.fetched, waiting=progress.waiting)
    for name, address in addresses(settings).items():
        _out.print(f"{name:<12}{address}", highlight=False)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show every part: running, well, how far behind; 1 where one is not well."""
    parts = Supervisor(Settings()).status()
    if as_json:
        _print_json([_plain(part) for part in parts])
    else:
        _out.print(_part_table(parts))
    raise typer.Exit(0 if all(part.ok for part in parts) else EXIT_FINDINGS)


@app.command()
def down() -> None:
    """Stop every part and the embedded broker, the door first."""
    _out.print("stopped" if Supervisor(Settings()).stop() else "nothing was running")


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def _plain(part: Part) -> dict[str, object]:
    return {
        "name": part.name,
        "ok": part.ok,
        "state": part.state,
        "pid": part.pid,
        "lag": part.lag,
        "health": part.health,
    }


def _part_table(parts: Iterable[Part]) -> Table:
    table = Table("part", "state", "health", "lag", "pid", box=None, header_style="bold")
    for part in parts:
        colour = "green" if part.ok else "red"
        health = "" if part.health is None else "well" if part.health.get("ok") else _unwell(part.health)
        lag = "" if part.lag is None else str(part.lag)
        table.add_row(part.name, f"[{colour}]{part.state}[/]", escape(health), lag, str(part.pid or ""))
    return table


def _unwell(health: Mapping[str, object]) -> str:
    """Which of its services are not well, or what it said instead."""
    services = health.get("services")
    named = services.items() if isinstance(services, dict) else ()
    return ", ".join(name for name, said in named if not said.get("ok", True)) or str(health.get("error", "not well"))


def _topic_table(rows: Iterable[dict[str, object]]) -> Table:
    table = Table("topic", "partitions", "written by", "read by", "what", box=None, header_style="bold")
    for row in rows:
        table.add_row(
            str(row["name"]),
            str(row["partitions"]),
            _words(row["writers"]),
            _words(row["readers"]),
            str(row["summary"]),
        )
    return table


def _words(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
