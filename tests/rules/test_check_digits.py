"""Check digits of credit codes and identity numbers: no slip of a single character or of two neighbours passes."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rules.texts.numbers import is_id
from schemas.city.uscc import ALPHABET, org_check, uscc_check, uscc_fault

WEIGHTS = "10X98765432"
KINDS = ("11", "12", "13", "51", "52", "53", "91", "92", "93")


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    """A right one of any place."""
    place = draw(st.text("0123456789", min_size=6, max_size=6))
    organ = draw(st.text(ALPHABET, min_size=8, max_size=8))
    first = draw(st.sampled_from(KINDS)) + place + organ + org_check(organ)
    return first + uscc_check(first)


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    """A right one of no place: synthetic ones begin with 99."""
    day = draw(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
    first = f"99{draw(st.integers(0, 9999)):04}{day:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return first + WEIGHTS[sum(int(digit) << (17 - at) for at, digit in enumerate(first)) % 11]


@given(credit_codes())
def test_a_right_credit_code_and_its_check_sum_up_to_nothing(code: str) -> None:
    assert uscc_fault(code) is None
    total = sum(ALPHABET.index(character) * 3**at for at, character in enumerate(code[:17]))
    assert (total + ALPHABET.index(code[17])) % 31 == 0


@given(credit_codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_no_credit_code_with_one_character_wrong_passes(code: str, at: int, other: str) -> None:
    if other != code[at]:
        assert uscc_fault(code[:at] + other + code[at + 1 :]) is not None


@given(credit_codes(), st.integers(0, 16))
def test_no_credit_code_with_two_neighbours_swapped_passes(code: str, at: int) -> None:
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if swapped != code:
        assert uscc_fault(swapped) is not None


@given(identity_numbers())
def test_a_right_identity_number_is_one(number: str) -> None:
    assert is_id(number)
    assert is_id(number.lower())


@given(identity_numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_no_identity_number_with_one_character_wrong_is_one(number: str, at: int, other: str) -> None:
    if other != number[at]:
        assert not is_id(number[:at] + other + number[at + 1 :])


@given(identity_numbers(), st.integers(0, 16))
def test_no_identity_number_with_two_neighbours_swapped_is_one(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if swapped != number:
        assert not is_id(swapped)
