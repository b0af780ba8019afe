"""`gongkai redrive`: operators send dead letters again, once it is mended what killed them."""

from __future__ import annotations

import getpass
import json
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bus.city import City
from bus.errors import EXIT_FINDINGS, EXIT_OK
from bus.settings import Settings
from bus.store import Store
from producers.answers import instant
from producers.redrive.letters import letters
from producers.redrive.planning import Chosen, Planned, Planner
from producers.redrive.sending import Redriver
from producers.tables import PART as DOOR
from producers.tables import metadata as door_metadata
from producers.uploads import texts_of
from rules import judge
from schemas.reasons.findings import mask

app = typer.Typer()
_out = Console()

MOST = 1_000
"""Letters that one command takes, for their values are held in memory."""


@app.command("redrive")
def redrive(  # noqa: PLR0917 - one an option
    code: Annotated[str | None, typer.Option(help="Letters of one code, such as ENGINE-FAULT.")] = None,
    dept: Annotated[str | None, typer.Option(help="Letters of one department.")] = None,
    id_: Annotated[str | None, typer.Option("--id", help="One event, or one letter, by its id.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="Every letter.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of each; send nothing.")] = False,
    history: Annotated[bool, typer.Option("--history", help="Show every redrive there ever was.")] = False,
    why: Annotated[str, typer.Option(help="The reason, for the audit.")] = "",
    by: Annotated[str, typer.Option(help="Who, for the audit; else the system's user.")] = "",
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for verdicts.")] = 30.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Send dead letters again, unchanged; 1 where one is not sent or has no verdict. Values are never shown."""
    settings = Settings()
    if not history:
        _check(code, dept, id_, why, whole=whole, dry_run=dry_run)
    with ExitStack() as stack:
        redriver = Redriver(settings)
        stack.callback(redriver.close)
        door = stack.enter_context(Store.reader(settings, DOOR, door_metadata))
        if history:
            redriver.look_for_outcomes(door)
            _show_history(redriver, as_json=as_json)
            return
        packs = City.as_it_is(settings)
        judging = partial(judge, texts=texts_of(settings))
        planner = Planner(packs, judging, door, redriver.store, settings.redrive_limit)
        planned = _plan(settings, planner, Chosen(code, dept, id_))
        chosen = [one for one in planned if one.fate == "send"]
        outcomes: dict[str, str | None] = {}
        if not dry_run:
            numbers = redriver.write_down(
                chosen, by=by or getpass.getuser(), why=why, release=packs.current().pack.release
            )
            redriver.send()
            redriver.await_outcomes(door, numbers, wait)
            outcomes = {one.letter: one.outcome for one in redriver.history() if one.seq in numbers}
    _show(planned, outcomes, as_json=as_json)
    unanswered = any(outcome not in {"accepted", "rejected"} for outcome in outcomes.values())
    bad = unanswered or any(one.fate not in {"send", "settled"} for one in planned)
    raise typer.Exit(EXIT_FINDINGS if bad else EXIT_OK)


def _check(code: str | None, dept: str | None, id_: str | None, why: str, *, whole: bool, dry_run: bool) -> None:
    if not whole and code is None and dept is None and id_ is None:
        raise typer.BadParameter(
            "请用 --code、--dept 或 --id 选定死信；全部重投请加 --all。\n"
            "choose letters with --code, --dept or --id, or take --all"
        )
    if not why.strip() and not dry_run:
        raise typer.BadParameter("请用 --why 写明重投的原因，供审计。\ngive the reason with --why, for the audit")


def _plan(settings: Settings, planner: Planner, chosen: Chosen) -> list[Planned]:
    """What would become of the letters chosen; of several letters of one value, the newest stands for all."""
    newest = {}
    for letter in letters(settings):
        if planner.chooses(chosen, letter):
            newest[letter.sha256] = letter
        if len(newest) > MOST:
            raise typer.BadParameter(
                f"选中的死信超过{MOST}件，请分批。\nmore than {MOST} letters are chosen: take them in parts"
            )
    return [planner.plan(letter) for letter in newest.values()]


def _show(planned: list[Planned], outcomes: dict[str, str | None], *, as_json: bool) -> None:
    rows = [_fields(one, outcomes) for one in planned]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(*("letter", "code", "dept", "event", "arrival", "bytes", "tries", "fate", "said", "outcome"))
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row.values()))
    _out.print(table)
    _out.print(f"{len(rows)} letters")


def _fields(one: Planned, outcomes: dict[str, str | None]) -> dict[str, Any]:
    """A letter as it is listed: ids masked like any text, and nothing of what it holds."""
    letter = one.letter
    return {
        "letter": letter.id, "code": letter.code, "dept": mask(letter.dept), "event": one.ref and mask(one.ref.id),
        "arrival": instant(letter.arrival).isoformat(), "bytes": letter.length, "tries": one.tries, "fate": one.fate,
        "said": one.said, "outcome": outcomes.get(letter.id),
    }  # fmt: skip


def _show_history(redriver: Redriver, *, as_json: bool) -> None:
    rows = [entry.fields() | {"event_id": mask(entry.event_id)} for entry in redriver.history()]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(*("n", "letter", "code", "dept", "event", "by", "why", "at", "release", "said", "outcome"))
    for row in rows:
        cells = [value for name, value in row.items() if name != "source"]
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in cells))
    _out.print(table)
