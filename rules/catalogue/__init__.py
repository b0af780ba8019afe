"""The catalogue as the catalogue office keeps it: read from its spreadsheets, written back, compared."""

from __future__ import annotations

from rules.catalogue.diff import CatalogueDiff, CellChange, RowChange, diff
from rules.catalogue.export import to_csv, to_xlsx

__all__ = ["CatalogueDiff", "CellChange", "RowChange", "diff", "to_csv", "to_xlsx"]
