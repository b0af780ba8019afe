"""The catalogue as the catalogue office keeps it: read from its spreadsheets, written back, compared."""

from __future__ import annotations

from rules.catalogue.diff import CatalogueDiff, CellChange, RowChange, diff

__all__ = ["CatalogueDiff", "CellChange", "RowChange", "diff"]
