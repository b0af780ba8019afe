"""What a pack holds against texts, told of each class: how many words, which phrases, which thresholds (RULES §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from schemas.city.textual import TextChecks

Facts = Iterator[tuple[str, str]]


def text_facts(checks: TextChecks, code: str) -> Facts:
    """What belongs to class `code`; nothing where the pack says nothing of it."""
    patterns = [pattern for pattern in checks.patterns if pattern.rule == code]
    words = {word for pattern in patterns for word in pattern.words}
    if words:
        yield "词条", f"{len(words)}个，{len(patterns)}组"
    if code in _OF_CLASS:
        yield from _OF_CLASS[code](checks)


def _numbers(checks: TextChecks) -> Facts:
    if checks.numbers is not None and checks.numbers.contact:
        yield "联系方式用词", "、".join(checks.numbers.contact)


def _typos(checks: TextChecks) -> Facts:
    wrong = sum(len(words) for words in checks.typos.values())
    yield "错词", f"{wrong}个，对应{len(checks.typos)}个正确的词"
    yield "排除", f"{sum(len(words) for words in checks.allow.values())}个含有错词的长词"


def _names(checks: TextChecks) -> Facts:
    if checks.names is not None:
        yield "名称", f"{len(checks.names.known)}个，另有本市和各部门的名称"


def _phrases(checks: TextChecks) -> Facts:
    yield from ((phrase.name, "、".join(phrase.members)) for phrase in checks.phrases)


def _roster(checks: TextChecks) -> Facts:
    if checks.roster:
        yield "名册", f"{len(checks.roster)}条任职记录"


def _relative(checks: TextChecks) -> Facts:
    words = [word for each in checks.relative for word in each.words]
    if words:
        yield "相对日期", "、".join(words)


def _gaps(checks: TextChecks) -> Facts:
    if checks.gaps is not None:
        yield "重复", f"{checks.gaps.shortest}字以上的段落，相同部分达到{checks.gaps.share:.0%}"


def _links(checks: TextChecks) -> Facts:
    if checks.links is not None:
        yield "可链接的域名", "、".join((*checks.links.suffixes, *checks.links.hosts))


def _titles(checks: TextChecks) -> Facts:
    if checks.titles is not None:
        yield "标题", f"不超过{checks.titles.longest}字"
        yield "文种", "、".join(checks.titles.genres)


def _scripts(checks: TextChecks) -> Facts:
    if checks.scripts is not None:
        yield "繁体字", f"不超过{checks.scripts.traditional:.0%}"


_OF_CLASS: dict[str, Callable[[TextChecks], Facts]] = {
    "TX-05": _numbers, "TX-08": _typos, "TX-09": _names, "TX-10": _phrases, "TX-11": _roster, "TX-12": _relative,
    "TX-13": _gaps, "TX-14": _links, "TX-16": _titles, "TX-17": _scripts,
}  # fmt: skip
