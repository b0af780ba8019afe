"""Text checks: what a title, a text, an element or an attachment's text must not hold (RULES §4).

`texts_right` and `attachments_right` are the judge's rules, `check_text` is for a bare text, `check_passage` for one
that stands elsewhere, `check_published` for what is public already.
`scanner` has the one pass; the other modules look closer where it met a word of theirs.
"""

from __future__ import annotations

from rules.texts.attachments import attachments_right
from rules.texts.passage import About
from rules.texts.published import Published, check_published
from rules.texts.texts import check_passage, check_text, texts_right

__all__ = [
    "About", "Published", "attachments_right", "check_passage", "check_published", "check_text", "texts_right",
]  # fmt: skip
