"""A part that can't even be imported, for a reason of its own."""

raise ValueError("a setting of mine is nonsense")
