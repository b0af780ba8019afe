"""`gongkai walk`: take the steps in a file one after another, as the bus would, and say what becomes of each.

Reads:    .json and .ndjson; every event arrives at its own time.
Writes:   nothing.
Fails to: exit 1 where a step is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from rules import offline
from rules.calendar import day_of
from rules.lifecycle.advance import Advance, Told, advance
from rules.lifecycle.matter import Matter
from rules.lifecycle.moves import ENGINE, Move, move_of
from rules.packs import usable_pack
from schemas.city import Pack
from schemas.decode import Unreadable, decode
from schemas.records import Finding

FINDINGS = 1
app = typer.Typer()

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help=".json .ndjson")]
PackPath = Annotated[Path, typer.Option("--pack", help="Folder of the city pack.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@app.command()
def walk(files: Files, pack: PackPath, as_json: AsJson = False) -> None:
    """Take the steps of matters offline, in the order given; 1 where one is refused."""
    city = usable_pack(pack)
    matters: dict[str, Matter] = {}
    refused = False
    for value in (value for file in files for value in offline.events_in(file)):
        name, given = _of_event(city, matters, value)
        refused = refused or given is None or given.outcome == "rejected"
        typer.echo(_line(name, given) if as_json else _sentence(name, given))
    raise typer.Exit(FINDINGS if refused else 0)


def _of_event(city: Pack, matters: dict[str, Matter], value: bytes) -> tuple[str, Advance | None]:
    """The event's id and what became of it; None where it is no step."""
    try:
        event = decode(value)
    except Unreadable as error:
        return str(error.head.get("id")), None
    return event.id, _take(city, matters, move_of(event, event.time))


def _take(city: Pack, matters: dict[str, Matter], move: Move) -> Advance:
    given = advance(city, matters.get(move.subject), move)
    if given.matter is not None:
        matters[move.subject] = given.matter
    for told in given.told:
        _take(city, matters, _told(city, move, told))
    return given


def _told(city: Pack, cause: Move, told: Told) -> Move:
    """A step that follows from one taken, by the engine at the same time."""
    opened = city.lifecycle.get(told.lifecycle or "")
    return cause._replace(
        subject=told.target, family=opened.family if opened else cause.family, step=told.step,
        source=f"{ENGINE}matters", lifecycle=told.lifecycle, sender=None, actor=None, title="", fields=told.fields,
        reason="", links=told.links, attachments=(), personal=False, facts={},
    )  # fmt: skip


def _line(name: str, given: Advance | None) -> str:
    matter = given.matter if given else None
    return json.dumps({
        "id": name, "outcome": given.outcome if given else "unreadable",
        "findings": [{"rule": one.rule, "severity": one.severity, "zh": one.message.zh} for one in _found(given)],
        "state": matter.state if matter else None,
        "due": dict(_due(matter)),
    }, ensure_ascii=False)  # fmt: skip


def _due(matter: Matter | None) -> Iterator[tuple[str, str]]:
    """Each clock that runs, and the last day it leaves."""
    for clock, duty in matter.duties.items() if matter else ():
        if duty.is_open:
            yield clock, day_of(duty.due).isoformat()


def _found(given: Advance | None) -> tuple[Finding, ...]:
    return given.findings if given else ()


def _sentence(name: str, given: Advance | None) -> str:
    told = " ".join(f"{one.rule} {one.message.zh}{one.remedy.zh}" for one in _found(given))
    state = given.matter.state if given and given.matter else ""
    return f"{name}: {given.outcome if given else 'unreadable'} {state} {told}".rstrip()
