"""Releases of the city pack over Kafka: written by operators, followed by every part.

Start with `packs` (what a part asks), then `following` (how it knows), `releasing` (how a release is written).
"""

from bus.city.following import City
from bus.city.packs import Fixed, Kept, Packs, Standing, fixed
from bus.city.reading import known_pack, read_releases
from bus.city.releasing import Plan, Refusal, plan, release, release_first

__all__ = [
    "City",
    "Fixed",
    "Kept",
    "Packs",
    "Plan",
    "Refusal",
    "Standing",
    "fixed",
    "known_pack",
    "plan",
    "read_releases",
    "release",
    "release_first",
]
