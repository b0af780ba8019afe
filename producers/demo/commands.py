"""`gongkai demo`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from bus.settings import Settings
from producers.demo import run

app = typer.Typer()


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Publish, wait until all has arrived, count, stop.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what an earlier demonstration left.")] = False,
) -> None:
    """Start every part on this machine, publish the example city, and count what arrived."""
    raise typer.Exit(run.demo(Settings(), Console(stderr=True), once=once, fresh=fresh))
