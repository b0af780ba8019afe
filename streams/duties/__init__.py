"""Everything due is one kind of row: opened and changed by steps, told of when its day comes (RULES §2.4, DESIGN §2).

Read the code in this order: `tables`, `entry`, `notices`, `recording` (what a step does to duties), `watermark`,
`ticker` (what the clock does to them), `standing` (what is owed each period).
"""

from __future__ import annotations

from streams.duties.notices import Stamp, notice_of
from streams.duties.recording import Stepped, consumed, recall, record
from streams.duties.tables import metadata

__all__ = ["Stamp", "Stepped", "consumed", "metadata", "notice_of", "recall", "record"]
