"""A part whose commands end in each kind of our errors."""

from __future__ import annotations

import typer

from bus.errors import Fatal, Invalid, Retriable
from schemas.city.errors import PackError, Problem

app = typer.Typer()

SAID = {"invalid": "缺少标题", "fatal": "the disk is full", "retriable": "Kafka is away"}


@app.command("raise")
def fail(kind: str) -> None:
    """Fail in the way named."""
    if kind == "invalid":
        raise Invalid("X-1", SAID[kind], "no title")
    if kind == "fatal":
        raise Fatal(SAID[kind])
    if kind == "retriable":
        raise Retriable(SAID[kind])
    if kind == "pack":
        raise PackError([Problem("city.toml", 0, "name", "PACK-VALUE", "it is missing")])


@app.command()
def other() -> None:
    """Do nothing."""
