"""A part whose commands end in each kind of our errors."""

from __future__ import annotations

import errno

import typer

from bus.errors import Fatal, Invalid, Retriable
from schemas.city.errors import PackError, Problem

app = typer.Typer()

SAID = {
    "invalid": "缺少标题",
    "fatal": "the disk is full",
    "retriable": "Kafka is away",
    "usage": "an unheard-of sentence",
    "bug": "no such key",
}


@app.command("raise")
def fail(kind: str) -> None:
    """Fail in the way named."""
    if kind == "invalid":
        raise Invalid("X-1", SAID[kind], "no title")
    if kind == "fatal":
        raise Fatal(SAID[kind])
    if kind == "retriable":
        raise Retriable(SAID[kind])
    if kind == "usage":
        raise typer.BadParameter(SAID[kind])
    if kind == "bug":
        raise KeyError(SAID[kind])
    if kind == "disk":
        raise OSError(errno.ENOSPC, "No space left on device", "stores/keys.sqlite")
    if kind == "pack":
        raise PackError([Problem("city.toml", 0, "name", "PACK-VALUE", "it is missing")])


@app.command()
def other() -> None:
    """Do nothing."""
