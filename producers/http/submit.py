"""From the event loop to the writer's thread and back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from anyio import to_thread

from bus.errors import Fatal, Retriable
from producers.answers import Answer
from producers.checks import Principal
from producers.forms import Given
from producers.writer import Writer


async def submit(writer: Writer, who: Principal, values: Sequence[Given]) -> list[Answer]:
    """The answers to `values`, once committed; parsing and judging happen in a worker thread.

    Raises:
        Retriable: nothing was taken; the sender is to try again.
    """
    if not values:
        return []
    try:
        return await asyncio.wrap_future(await to_thread.run_sync(writer.submit, who, values))
    except Fatal as error:
        raise Retriable("this door ends; another takes its place") from error
