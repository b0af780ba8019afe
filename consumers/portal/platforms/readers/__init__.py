"""Outside portals that may read the feed: a name and a token, shown once and kept as a hash.

They have a store of their own (`portal-readers`), which the command writes and the portal only reads: the portal's
own store belongs to its sink alone, and is held by it.
"""

from __future__ import annotations

from consumers.portal.platforms.readers.keys import PART, Readers, Roll

__all__ = ["PART", "Readers", "Roll"]
