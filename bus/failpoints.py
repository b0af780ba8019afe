"""Failpoints: named places where a fault test may kill, stop or break this process. For tests alone.

Off unless GONGKAI_FAILPOINTS is set when the process starts; then `reach` and `broken` read it, otherwise they are
empty functions. It is a comma-separated list of `place=action`, each taken up at the n-th time with `action:n`:

    relay.sent-before-mark=kill:3     SIGKILL this process the third time it comes here
    sink.before-commit=raise          raise `Broken` each time (with `:n` the n-th time only)
    sink.before-commit=pause:2        SIGSTOP this process the second time; somebody else wakes it
    inbox=break                       take this safeguard away, to prove that the test which guards it can fail
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from threading import Lock, get_ident

PLACES = {
    "sink.before-slice": "records were polled, no transaction is begun",
    "sink.before-commit": "the slice is applied, its SQL transaction not committed",
    "sink.before-kafka-commit": "the SQL transaction is committed, Kafka does not know",
    "relay.sent-before-mark": "the broker has acknowledged rows that are not marked as sent",
    "newmedia.before-call": "the intent of a call to a platform is committed, the call not made",
    "newmedia.after-call-before-commit": "the platform has answered, its answer is not committed",
    "notices.before-call": "a try to tell somebody is counted and committed, and not made",
    "notices.after-call-before-commit": "somebody was told, and that is not committed",
    "platform.told-before-commit": "an appeal's platform was told of a step, and that is not committed",
    "matters.before-commit": "the slices are applied, their SQL transaction not committed",
    "matters.before-acknowledgement": "the SQL transaction is committed, nothing is acknowledged",
    "router.output-before-commit": "outputs are acknowledged, the input's offset is not committed",
}
"""Every failpoint, and what is true there."""

SAFEGUARDS = {
    "inbox": "a sink applies a repeated gk-id again",
    "fence": "a sink writes without looking at epoch and offset",
    "relay-order": "a relay sends each batch in reverse",
    "look-up": "newmedia makes a call of unknown outcome again without looking it up",
    "ack-chain": "the router commits past a slice that was not acknowledged",
}
"""Every safeguard that can be taken away, and what happens without it."""

ACTIONS = ("kill", "raise", "pause", "break")


class Broken(Exception):
    """What `raise` raises."""


class Plan:
    """What GONGKAI_FAILPOINTS asks for."""

    def __init__(self, text: str) -> None:
        """Read it.

        Raises:
            ValueError: an unknown place, safeguard or action; a misspelt one would test nothing.
        """
        self._actions: dict[str, tuple[str, int]] = {}
        self._reached: Counter[str] = Counter()
        self._lock = Lock()
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, action = part.partition("=")
            action, _, number = action.partition(":")
            if action not in ACTIONS or name not in (SAFEGUARDS if action == "break" else PLACES):
                raise ValueError(f"GONGKAI_FAILPOINTS: {part!r} names no failpoint and action")
            self._actions[name] = (action, int(number or 0))

    def reach(self, place: str) -> None:
        """Come by `place`: do there what was asked for."""
        action, number = self._actions.get(place, ("", 0))
        if not action:
            return
        with self._lock:
            self._reached[place] += 1
            due = number in (0, self._reached[place])
        if due:
            _act(action, place)

    def broken(self, safeguard: str) -> bool:
        """Whether a test took `safeguard` away."""
        return safeguard in self._actions


def _act(action: str, place: str) -> None:
    if action == "raise":
        raise Broken(place)
    # sent to this very thread: one sent to the process waits for its main thread, and this one would go on meanwhile
    signal.pthread_kill(get_ident(), signal.SIGKILL if action == "kill" else signal.SIGSTOP)


def _nothing(place: str) -> None:
    """Where no failpoint is set."""


def _whole(safeguard: str) -> bool:  # noqa: ARG001
    return False


_asked = os.environ.get("GONGKAI_FAILPOINTS", "")
_plan = Plan(_asked) if _asked else None
reach = _plan.reach if _plan else _nothing
broken = _plan.broken if _plan else _whole
