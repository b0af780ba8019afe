"""A text without its typography: full-width digits and marks made half-width, blanks left out, every place kept."""

from __future__ import annotations

from dataclasses import dataclass

_HALF = str.maketrans("０１２３４５６７８９，；（）．：○", "0123456789,;().:〇")


@dataclass(frozen=True, slots=True)
class Squeezed:
    """What the grammar reads, and where each of its characters stands in the text as given."""

    text: str
    places: tuple[int, ...]
    length: int
    """Of the text as given."""

    def place(self, position: int) -> int:
        """The place in the text as given of a position here; its end, where the position is the end."""
        return self.places[position] if 0 <= position < len(self.places) else self.length


def squeeze(text: str) -> Squeezed:
    """`text` as the grammar reads it; every mark is replaced by one, so places stay true."""
    kept = [(place, mark) for place, mark in enumerate(text.translate(_HALF)) if not mark.isspace()]
    return Squeezed("".join(mark for _, mark in kept), tuple(place for place, _ in kept), len(text))
