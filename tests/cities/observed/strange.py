"""A word that no pack has: a list that takes it in has one rule more, and the questions about it say so."""

STRANGE = "甪龘词"
