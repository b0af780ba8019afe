"""What a person sees while parts come up: a spinner with what is waited for, and a bar while something is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

NAMED = 3
"""Parts that are named; of more there is the number."""


class Starting:
    """Told by the supervisor how far it is."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._waiting = bar.add_task("starting every part", total=None)
        self._fetching = bar.add_task("fetching Apache Kafka", visible=False)

    def fetched(self, done: int, total: int) -> None:
        """So many bytes of Kafka are there."""
        self._bar.update(self._fetching, completed=done, total=total, visible=done < total)

    def waiting(self, parts: Sequence[str]) -> None:
        """These parts do not answer yet."""
        more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
        named = f"waiting for {', '.join(parts[:NAMED])}{more}"
        self._bar.update(self._waiting, description=named)


@contextmanager
def shown(console: Console) -> Iterator[Starting]:
    """Show it for the time of a block, then leave nothing of it."""
    counted = (_WhereCounted(BarColumn()), _WhereCounted(DownloadColumn()))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), *counted, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield Starting(bar)


class _WhereCounted(ProgressColumn):
    """A column that is empty as long as there is nothing to count."""

    def __init__(self, column: ProgressColumn) -> None:
        super().__init__()
        self._column = column

    def render(self, task: Task) -> Text:
        return Text() if task.total is None else self._column(task)  # type: ignore[return-value]  # any renderable will do
