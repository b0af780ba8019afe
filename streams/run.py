"""Runs a stage's app as a program, with uvloop where the machine has it; Faust's own command does the same."""

from __future__ import annotations

import asyncio
import sys

import faust

from streams.app import StageApp

SWITCH_SECONDS = 0.0005
"""How long the judge may keep the fetching thread from the interpreter: with Python's 5 ms, 7 % less is done."""


def loop() -> asyncio.AbstractEventLoop:
    """A new event loop, the fast one where it can be had."""
    try:
        import uvloop  # noqa: PLC0415 - not on every system
    except ImportError:
        return asyncio.new_event_loop()
    new: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return new


def run(app: StageApp, loglevel: str = "WARN") -> int:
    """Work until SIGTERM or SIGINT; the exit code."""
    sys.setswitchinterval(SWITCH_SECONDS)
    own = loop()
    asyncio.set_event_loop(own)
    worker = faust.Worker(app, loglevel=loglevel, loop=own)
    worker.spinner = None  # it would turn for every word of every logger, and have them all speak at DEBUG
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
