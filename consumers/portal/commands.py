"""`gongkai portal-readers …`: tokens of outside portals."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bus.clock import now
from bus.errors import EXIT_FINDINGS
from bus.settings import Settings
from consumers.portal.platforms.readers import Roll

app = typer.Typer(name="portal-readers", help="Outside portals that may read the portal feed.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Of the outside portal: a-z, 0-9 and hyphens.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


@app.command("issue")
def issue(name: Name, as_json: AsJson = False) -> None:
    """Issue a token, shown once; an earlier one of the same name opens nothing any more."""
    token = Roll(Settings()).issue(name, now())
    typer.echo(json.dumps({"name": name, "token": token}) if as_json else token)


@app.command("revoke")
def revoke(name: Name) -> None:
    """Shut a reader out, at once."""
    if not Roll(Settings()).revoke(name, now()):
        typer.echo(f"no reader {name!r} with a valid token", err=True)
        raise typer.Exit(EXIT_FINDINGS)


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """List readers, never their tokens."""
    for row in Roll(Settings()).listed():
        entry = {"name": row.name, "issued_at": row.issued_at.isoformat()}
        entry["revoked_at"] = row.revoked_at.isoformat() if row.revoked_at else None
        typer.echo(json.dumps(entry) if as_json else "  ".join(str(value or "-") for value in entry.values()))
