"""`gongkai erase` and `gongkai master-key rotate`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bus.settings import Settings
from producers.calling import AsJson, Key, Url, client_of
from producers.personal import master

app = typer.Typer()
master_app = typer.Typer(no_args_is_help=True, help="The master key, under which matters' keys are wrapped.")
app.add_typer(master_app, name="master-key")


@app.command("erase")
def erase(
    matter: Annotated[str, typer.Argument(metavar="KEY", help="A matter's key, or a receipt's number.")],
    why: Annotated[str, typer.Option(help="The reason, which is kept.")] = "",
    key: Key = "",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Destroy the key of a matter's personal data, with the lead office's key: its ids answer 410 from then on."""
    if len(why.strip()) < 2:
        raise typer.BadParameter("请用 --why 写明删除的理由，供审计。\ngive the reason with --why, for the audit")
    with client_of(key, url) as client:
        done = client.erase(matter, why.strip())
    if as_json:
        typer.echo(json.dumps(done, ensure_ascii=False))
        return
    typer.echo(f"erased {done['key']}: {done['keys']} keys, {done['files']} files")


@master_app.command("rotate")
def rotate() -> None:
    """Put a new master key before the old; the gateway wraps every key anew at its next start, then drops the old."""
    path = Settings().master_key
    typer.echo(f"{path}: {master.rotate(path)} keys; start the gateway again, and back the file up")
