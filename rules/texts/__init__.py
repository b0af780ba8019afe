"""Text checks: what a title, a text, an element or an attachment's text must not hold (RULES §4).

`texts_right` is the judge's rule, `check_text` is for a bare text, `check_passage` for what was extracted from a file.
`scanner` has the one pass; the other modules look closer where it met a word of theirs.
"""

from __future__ import annotations

from rules.texts.passage import About
from rules.texts.texts import check_passage, check_text, texts_right

__all__ = ["About", "check_passage", "check_text", "texts_right"]
