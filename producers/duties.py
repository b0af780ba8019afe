"""`gongkai duties`: what a department has to do, the overdue first, from a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from bus.settings import Settings
from bus.web.pages import SHANGHAI
from producers.calling import AsJson, Key, Url, check_known, client_of, day_in, table_of
from schemas.city import PackError, load_pack

app = typer.Typer(no_args_is_help=True, help="What is due, by when and on what ground.")
STATES = ("open", "paused", "closed", "exempt")
_HEADINGS = ("due", "overdue", "duty", "matter", "title", "dept", "basis")
_out = Console()


@app.callback()
def _group() -> None:
    """A group, also with one command."""


@app.command("list")
def list_duties(  # noqa: PLR0917 - one an option
    key: Key = "",
    url: Url = None,
    dept: Annotated[str | None, typer.Option("--dept", help="For the lead office: another department, or all.")] = None,
    until: Annotated[str | None, typer.Option(help="Due on that day or before, YYYY-MM-DD.")] = None,
    state: Annotated[str, typer.Option(help="open, paused, closed or exempt.")] = "open",
    lifecycle: Annotated[str | None, typer.Option(help="Those of one kind of matters, such as letter.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what is due, the soonest first and so the overdue before all; with --json one array."""
    if state not in STATES:
        raise typer.BadParameter(f"“{state}”不是 {'、'.join(STATES)} 之一。\n{state!r} is none of {', '.join(STATES)}")
    asked = {"dept": dept, "until": day_in(until), "state": state, "lifecycle": lifecycle}
    rows = _duties(key, url, asked)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    _out.print(table_of(_HEADINGS, map(_row, rows)))


def _duties(key: str, url: str | None, asked: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Every duty that is wanted, page after page."""
    rows: list[dict[str, Any]] = []
    after: str | None = None
    with client_of(key, url) as client:
        while True:
            page = client.duties(after, asked)
            rows += page["items"]
            after = page["next"]
            if after is None:
                break
    dept = asked["dept"]
    if dept not in (None, "all") and not rows:
        with suppress(PackError):  # far from the city's pack, an empty list is all that is known
            check_known(load_pack(Settings().city), dept)
    return rows


def _row(row: dict[str, Any]) -> list[str]:
    duty = row["duty"]
    at = duty.get("due_at")
    due = datetime.fromisoformat(at).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else duty["due"]
    late = "逾期" if row["overdue"] else ""
    return [due, late, duty["name"], duty["subject"], duty["title"], "、".join(row["owed_by"]), duty["basis"]]
