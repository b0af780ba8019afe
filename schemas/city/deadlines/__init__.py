"""公开时限 as a language: `parse` reads what cities write, `text_of` writes the normal form (RULES §1.9)."""

from __future__ import annotations

from schemas.city.deadlines.errors import DeadlineError, Said
from schemas.city.deadlines.forms import FORMS, Form
from schemas.city.deadlines.parser import Reading, parse, read
from schemas.city.deadlines.phrases import GENERAL, Phrases, Silent, Trigger, Word, read_phrases
from schemas.city.deadlines.printing import clock_text, text_of

__all__ = [
    "FORMS", "GENERAL", "DeadlineError", "Form", "Phrases", "Reading", "Said", "Silent", "Trigger", "Word",
    "clock_text", "parse", "read", "read_phrases", "text_of",
]  # fmt: skip
