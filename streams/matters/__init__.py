"""Matters: judges every step of a case against the case as it stands, and follows what was published.

Reads:    reviews, consultations, complaints, foi-requests, matters, and its own links; the router's verdicts and the
          portal's receipts, for what follows from publications; city, whole.
Writes:   one verdict for every record of the first six; rejections; dead-letters; links; duties; portal-feed.
Keeps:    matters, steps seen, steps that wait, publications, duties, with the offsets and an outbox, in one store.
Fails to: exit code 3, nothing acknowledged: a broker or a database beyond its deadline, a log that does not go on
          where the store stands (`gongkai rebuild matters`), judging broken for all.

Started by `faust -A streams.matters worker -l info`, by `python -m streams.matters` and by `gongkai up`.
Read the code in this order: `judging`, `room`, `publications`, `outputs`, `shelf`, `desk`, `stage`, `program`.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """`app`, built when Faust's command asks for it and not when somebody imports this package."""
    if name != "app":
        raise AttributeError(name)
    from bus.settings import Settings  # noqa: PLC0415
    from streams.matters.program import build_app  # noqa: PLC0415

    built = globals()["app"] = build_app(Settings())
    return built
