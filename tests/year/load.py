"""How much a city does in a year; every number comes back as a count of events."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Load:
    """A year's work, by the numbers that cities report."""

    requests: int = 9_532
    """Requests for information that are handled."""
    responses: int = 2_344
    """Hot spots that are responded to."""
    supervised: int = 677
    """Letters and hot spots that are supervised."""
    cases: int = 3_413
    """Cases solved, each linked to a letter."""
    letters: int = 6_000
    """Letters that are answered."""
    orders: int = 400
    """Findings that are mended."""
    consultations: int = 24
    meetings: int = 30
    """Each with its press release."""
    topics: int = 142
    sheets: int = 64
    """Papers on topics of meetings that are made public."""
    conferences: int = 24
    units: int = 41
    """Departments that take part in press conferences."""
    symposia: int = 8
    raised: int = 104
    """Requests raised at symposia."""
    plants: int = 12
    """Silences of each sort."""

    def part(self, share: int) -> Load:
        """One in so many of what there are thousands of; meetings stay as many as they are."""
        some = {name: -(-getattr(self, name) // share) for name in _SCALED}
        return replace(self, **some)


_SCALED = ("requests", "responses", "supervised", "cases", "letters", "orders", "plants")
