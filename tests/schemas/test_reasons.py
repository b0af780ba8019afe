"""Every reason has its basis and a sentence that says what to do, in both languages."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reasons import TEXTS, Reason, finding, mask

WESTERN = re.compile("[\u4e00-\u9fff}][,;:?!]|[,;:?!][\u4e00-\u9fff{]")
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_is_whole(reason: Reason) -> None:
    text = TEXTS[reason]
    assert re.fullmatch("[A-Z0-9]+(-[A-Z0-9]+)*", reason.value)
    assert text.basis
    assert all(HAN.search(sentence) and sentence.endswith("。") for sentence in (text.zh, text.remedy_zh))
    assert all(sentence.endswith(".") for sentence in (text.en, text.remedy_en))
    assert not WESTERN.search(text.zh + text.remedy_zh), "Chinese takes its own punctuation"


@pytest.mark.parametrize("reason", list(Reason))
def test_a_finding_is_made_with_no_value_given(reason: Reason) -> None:
    made = finding(reason, "/data")
    assert (made.rule, made.severity) == (reason.value, TEXTS[reason].severity)
    assert "{" not in made.message.zh + made.message.en + made.remedy.zh + made.remedy.en


def test_values_are_never_taken_for_templates() -> None:
    made = finding(Reason.REJ_NOITEM, item="{day.__class__}{0}", day="%s")
    assert "{day.__class__}{0}" in made.message.zh


def test_no_template_reaches_into_a_value() -> None:
    for text in TEXTS.values():
        for sentence in (text.zh, text.en, text.remedy_zh, text.remedy_en):
            names = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
            assert all(name.isidentifier() for name in names), sentence


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678。", "电话138****5678。"), ("138 1234 5678", "138******5678"),
        ("11010519491231002X", "110***********002X"), ("6222 0299 9999 9999 992", "622****************" + " 992"),
        ("示政发〔2026〕5号 2026-03-01", "示政发〔2026〕5号 2026-03-01"), ("12345", "12345"),
    ],
)  # fmt: skip
def test_long_numbers_lose_their_middle(text: str, masked: str) -> None:
    assert mask(text) == masked


@given(st.text(max_size=2_000))
def test_what_is_shown_is_short_and_holds_no_long_number(text: str) -> None:
    shown = mask(text)
    assert len(shown) <= 200
    assert not re.search("[0-9]{11}", shown)
