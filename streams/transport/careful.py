"""Judging with care: one record at a time in a child process, with a time limit; whatever kills the child is named.

A crash of the interpreter, an endless loop or a regular expression that never comes back ends the child alone.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

from bus.errors import Retriable
from bus.record import Outgoing, Record

Judge = Callable[[Record], Sequence[Outgoing]]
Build = Callable[[], Judge]
"""Makes the judge anew in the child, so it must be a function of a module (or a partial of one)."""

LIMIT = 10.0
"""Seconds one record may take; a fair one takes microseconds."""
START = 60.0
"""Seconds the child may take to import and load its pack."""


class Crashed(Exception):
    """The child died or hung over this record."""


class Child:
    """A child process that judges; started when first needed, again after each death."""

    def __init__(self, recipe: Callable[[], Build], limit: float = LIMIT) -> None:
        """`recipe` is asked at each start for what the child is to build."""
        self._recipe = recipe
        self._limit = limit
        self._process: Any = None
        self._pipe: Connection | None = None

    def judge(self, record: Record) -> Sequence[Outgoing]:
        """The outputs of `record`.

        Raises:
            Crashed: the child died or took longer than the limit.
            Exception: what the judge itself raised.
        """
        pipe = self._pipe or self._start()
        try:
            pipe.send(record)
            if not pipe.poll(self._limit):
                raise Crashed(f"no answer within {self._limit:g} s")
            answer = pipe.recv()
        except (EOFError, OSError) as error:
            raise Crashed(f"the child process ended: {self._exit_code()}") from error
        finally:
            if not self._alive():
                self.stop()
        if isinstance(answer, Exception):
            raise answer
        outputs: Sequence[Outgoing] = answer
        return outputs

    def stop(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._recipe()), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe = ours
        if not ours.poll(START) or ours.recv() != "ready":
            self.stop()
            raise RuntimeError("the child process that judges with care did not start")
        return ours

    def _alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def _exit_code(self) -> int | None:
        self._process.join(1.0)
        code: int | None = self._process.exitcode
        return code


def judge_all(
    child: Child, records: Iterable[Record], crash: Callable[[Record, str], Sequence[Outgoing]]
) -> Iterator[tuple[Record, Sequence[Outgoing] | Exception]]:
    """Every record with its outputs, or with the exception its judging raised; `crash` speaks for the culprits."""
    for record in records:
        try:
            yield record, child.judge(record)
        except Crashed as crashed:
            child.stop()
            yield record, crash(record, str(crashed))
        except Exception as error:  # noqa: BLE001 - ours, from the rules; the stage counts it
            yield record, error


def _serve(pipe: Connection, build: Build) -> None:
    judge = build()
    pipe.send("ready")
    while True:
        try:
            record = pipe.recv()
        except EOFError:
            return
        try:
            answer: object = list(judge(record))
        except Retriable as error:
            answer = error
        except Exception as error:  # noqa: BLE001 - handed to the parent, which counts it
            answer = RuntimeError(f"{type(error).__name__}: {error}")
        pipe.send(answer)
