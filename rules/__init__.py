"""What is allowed: pure functions of a city pack, an event and a given time; no Kafka, no SQL, no HTTP, no clock.

`judge` says whether a department may publish this, so; `route` which outlets carry it. Same event, arrival and pack
give the same answer in any process. `commands` is the edge that reads files and prints.
"""

from __future__ import annotations

from rules.judge import Judgement, judge
from rules.routing import route

__all__ = ["Judgement", "judge", "route"]
