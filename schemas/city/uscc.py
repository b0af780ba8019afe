"""统一社会信用代码 (GB 32100-2015) and the organisation code within (GB 11714): check digits (RULES §1.10).

It stands with the models because a pack is checked by it, as publications and registers are.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters, without I, O, S, V, Z; a character's value is its position."""

_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def uscc_check(first17: str) -> str:
    """The 18th character over the 17 before it."""
    total = sum(_VALUES[character] * weight for character, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def org_check(first8: str) -> str:
    """The check character of an organisation code over its eight."""
    total = sum(int(character, 36) * weight for character, weight in zip(first8, _ORG_WEIGHTS, strict=True))
    return {10: "X", 11: "0"}.get(value := 11 - total % 11, str(value))


def uscc_fault(code: str) -> str | None:
    """What is wrong with `code`, or None."""
    if len(code) != 18:
        return f"{code!r} has {len(code)} characters, a unified social credit code 18"
    if strange := [character for character in code if character not in _VALUES]:
        return f"{code!r} has {strange[0]!r}, which the alphabet (no I, O, S, V, Z) lacks"
    if code[16] != org_check(code[8:16]):
        return f"{code!r} ends its organisation code with {code[16]!r}, its check digit is {org_check(code[8:16])!r}"
    if code[17] != uscc_check(code[:17]):
        return f"{code!r} ends with {code[17]!r}, its check digit is {uscc_check(code[:17])!r}"
    return None
