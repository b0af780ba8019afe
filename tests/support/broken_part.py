"""A part that can't be imported: what it needs is not installed."""

from __future__ import annotations

import no_such_distribution  # type: ignore[import-not-found]

app = no_such_distribution.app
