"""What the judge says of an event, in a word, whatever happens to it. Pure."""

from __future__ import annotations

from datetime import datetime

from producers.cases import Judge
from schemas.city import Pack
from schemas.envelope import Envelope
from schemas.reasons import Reason


def said_of(pack: Pack, judge: Judge, event: Envelope, arrival: datetime) -> str:
    """Accepted or rejected, or `ENGINE-FAULT` where the judge itself fails."""
    try:
        return judge(pack, event, arrival).outcome
    except Exception:  # noqa: BLE001 - as in the stream: a fault of ours is a dead letter
        return Reason.ENGINE_FAULT
