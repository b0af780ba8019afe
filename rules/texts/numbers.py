"""Numbers that are somebody's: identity, telephone, bank card (RULES §4.2); looked at only where seven digits stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from rules.case import Fault
from rules.texts.passage import Passage
from rules.texts.patterns import on_contact_line
from schemas.city.textual import Numbers
from schemas.city.uscc import uscc_fault
from schemas.reasons import Reason

SEVEN = re.compile("[0-9][0-9 -]{5,}[0-9]")
"""What sets these rules to work: digits, perhaps in groups; the simplest expression that misses none."""

_RUN = re.compile(r"[0-9](?:[ -]?[0-9]){6,}[Xx]?")
"""Seven digits or more."""
_ID = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}[ -]?(?:18|19|20)\d{2}[ -]?(?:0[1-9]|1[0-2])[ -]?(?:0[1-9]|[12]\d|3[01])"
    r"[ -]?\d{3}[\dXx](?![0-9A-Za-z])"
)
_OLD_ID = re.compile(r"(?<![0-9A-Za-z])\d{6}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])(?:\d{16,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?)(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-?[2-9]\d{6,7}(?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OLD_CENTURY = "19"
_GROUPED = str.maketrans("", "", " -")


def numbers_in(passage: Passage, numbers: Numbers) -> Iterator[Fault]:
    """What is found in the passage's runs of digits; each digit counts for one finding at most."""
    for run in _RUN.finditer(passage.text):
        taken: set[int] = set()
        for finder in (_ids, _cards, _old_ids, _mobiles, _landlines):
            for fault, span in finder(passage, numbers, *run.span()):
                if taken.isdisjoint(range(*span)):
                    taken.update(range(*span))
                    yield fault


Found = Iterator[tuple[Fault, tuple[int, int]]]


def is_id(number: str) -> bool:
    """Whether 18 characters are an identity number: a real day and the right check character (GB 11643-1999)."""
    if not _ID.fullmatch(number) or not _is_day(number[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == number[17].upper()


def has_mobile(text: str) -> bool:
    """Whether a mobile telephone's number stands in `text`, whatever it is said to be; a masked one is none."""
    return _MOBILE.search(unicodedata.normalize("NFKC", text)) is not None


def luhn(number: str) -> bool:
    """Whether the digits pass the check of bank cards."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _ids(passage: Passage, numbers: Numbers, start: int, end: int) -> Found:
    for found in _ID.finditer(passage.text, start, end):
        if is_id(found[0].translate(_GROUPED)):
            severity = numbers.severity.get("id")
            yield passage.fault(Reason.TX_04, *found.span(), severity=severity), found.span()


def _old_ids(passage: Passage, numbers: Numbers, start: int, end: int) -> Found:
    for found in _OLD_ID.finditer(passage.text, start, end):
        if _is_day(_OLD_CENTURY + found[0][6:12]):
            severity = numbers.severity.get("old-id", "warn")
            yield passage.fault(Reason.TX_04, *found.span(), severity=severity), found.span()


def _cards(passage: Passage, numbers: Numbers, start: int, end: int) -> Found:
    for found in _CARD.finditer(passage.text, start, end):
        number = found[0].translate(_GROUPED)
        is_company = len(number) == 18 and uscc_fault(number) is None
        if number.startswith(numbers.cards) and not is_company and luhn(number):
            shown = "*" * (len(number) - 4) + number[-4:]
            fault = passage.fault(Reason.TX_06, *found.span(), severity=numbers.severity.get("card"), excerpt=shown)
            yield fault, found.span()


def _mobiles(passage: Passage, numbers: Numbers, start: int, end: int) -> Found:
    for found in _MOBILE.finditer(passage.text, start, end):
        if on_contact_line(passage, *found.span(), numbers.contact):
            severity = numbers.severity.get("contact", "warn")
            told = ("联系电话是手机号码", "an office's number is a mobile one")
        else:
            severity = numbers.severity.get("mobile", "block")
            told = ("不是写明的联系电话", "nothing says that it is an office's")
        yield passage.fault(Reason.TX_05, *found.span(), severity=severity, why=told), found.span()


def _landlines(passage: Passage, numbers: Numbers, start: int, end: int) -> Found:
    severity = numbers.severity.get("landline", "warn")
    for found in _LANDLINE.finditer(passage.text, start, end):
        told = ("请确认是公务电话", "make sure that it is an office's")
        yield passage.fault(Reason.TX_05, *found.span(), severity=severity, why=told), found.span()


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
