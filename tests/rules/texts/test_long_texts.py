"""Texts of one thing alone, as long as an event may be: each is looked through once, not once for every hit.

Looked through again at every hit these take minutes; the time limit tells the one from the other and measures nothing.
"""

from __future__ import annotations

from datetime import date

import pytest

from rules.texts import check_text
from tests.rules.making import changed, example, judged, pack, signed

DAY = date(2026, 3, 10)


@pytest.mark.timeout(45)
@pytest.mark.parametrize(
    "text",
    [
        "去年，" * 100_000 + "2024年",
        "13912345678 " * 40_000,
        "\n".join(["机密"] * 200_000),
        "甄示例，" * 100_000,
        "一" * 12 + "甲乙丙丁戊己庚辛" * 20_000 + "\n" + "\n".join(["一" * 12 + "子丑寅卯" * 12] * 3_000),
    ],
    ids=["years", "numbers", "marks", "leaders", "beginnings"],
)
def test_a_long_text_of_one_thing_is_answered(text: str) -> None:
    assert len(check_text(pack(), text, DAY)) <= 200


@pytest.mark.timeout(45)
def test_a_body_of_empty_lines_is_answered() -> None:
    event = signed(changed(example(), body="\n" * 200_000 + "x此件"))
    assert judged(event).outcome in {"accepted", "rejected"}
