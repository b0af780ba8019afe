"""What could stand at a place, in words, and which known form a text looks most like."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from schemas.city.deadlines.errors import Said
from schemas.city.deadlines.forms import FORMS
from schemas.city.deadlines.phrases import Phrases

_WORDS = {
    "TRIGGER": Said("起算的事项（如“信息形成或者变更”）", "the event it counts from"),
    "NUMBER": Said("数字", "a number"),
    "UNIT": Said("“个工作日”“日”“小时”“个月”", "a unit: 个工作日, 日, 小时, 个月"),
    "WORD": Said("“及时”等词", "a word such as 及时"),
    "PERIOD": Said("“每年”“每季度”“每月”", "每年, 每季度, 每月"),
    "_SINCE": Said("“之日起”或“后”", "之日起 or 后"),
    "_BEFORE": Said("“前”", "前"),
    "_WITHIN": Said("“内”", "内"),
    "_VERB": Said("“公开”“公示”等", "公开, 公示 and kin"),
    "_MONTH": Said("“月”", "月"),
    "_DAY": Said("“日”", "日"),
    "_ENDED": Said("“结束后”", "结束后"),
    "_COMMA": Said("逗号", "a comma"),
    "RPAR": Said("右括号", "a closing bracket"),
    "$END": Said("结束", "the end"),
}
"""In the order in which they are told."""


def expected_words(names: Iterable[str]) -> tuple[Said, ...]:
    """The terminals that could stand there, the most telling first."""
    found = set(names)
    return tuple(said for name, said in _WORDS.items() if name in found)


def nearest_form(text: str, phrases: Phrases) -> str:
    """The known form most like `text`, the city's own events among them; empty where none is."""
    known = [form.text for form in FORMS] + [f"自{phrase}之日起20个工作日内" for phrase in phrases.trigger_of]
    likeness = [(SequenceMatcher(None, form, text, autojunk=False).ratio(), form) for form in known]
    best, form = max(likeness, key=lambda pair: pair[0])
    return form if best >= 0.5 else ""
