"""Links in the text: their form, and whether their host may be linked; not whether it answers (TX-14)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.case import Fault
from rules.texts.passage import Passage
from schemas.city.textual import Links
from schemas.reasons import Reason

LINK_WORDS = ("http:", "https:", "http：", "https：", "HTTP:", "HTTPS:", "Http:", "Https:")

_LONGEST = 500
_LINK = re.compile(r"https?[:：][^\s\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’\"'<>\\^`{|}]*", re.IGNORECASE)
_FORM = re.compile(
    r"https?://(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9])(?::\d{1,5})?(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_ANNEX = re.compile(r"(?m:^)[ \u3000]*附件(?:\d{1,2}|[一二三四五六七八九十]{1,2})?[:：]")


class LinkLook:
    """Looks closer where a link begins."""

    def __init__(self, links: Links, domain: str) -> None:
        own = domain.removeprefix("www.")
        self._hosts = tuple(host.lower().lstrip(".") for host in (*links.suffixes, *links.hosts, own))

    def __call__(self, passage: Passage, start: int, end: int) -> Iterator[Fault]:
        """A link without form, or to a host that needs a reason."""
        found = _LINK.match(passage.text, start, start + _LONGEST)
        if found is None:
            return
        link = found[0].rstrip(".,;:!?)]")
        form = _FORM.fullmatch(link)
        if form is None:
            told = ("网址格式不对", "it has no form of an address")
            yield passage.fault(Reason.TX_14, start, start + max(len(link), end - start), why=told)
        elif not self._may_be_linked(form["host"].lower()):
            told = ("不是gov.cn网站，也不在允许名单", "its host is neither gov.cn nor listed")
            yield passage.fault(Reason.TX_14, start, start + len(link), severity="warn", why=told)

    def _may_be_linked(self, host: str) -> bool:
        return any(host == one or host.endswith("." + one) for one in self._hosts)


def missing_attachments(passage: Passage) -> Iterator[Fault]:
    """The text lists attachments, and none comes with it."""
    found = _ANNEX.search(passage.text) if passage.about.attachments == 0 and "附件" in passage.text else None
    if found is not None:
        first = found.end() - len(found[0].lstrip(" \u3000"))
        told = ("列出了附件而没有附件", "attachments are listed and none is with it")
        yield passage.fault(Reason.TX_14, first, found.end(), why=told)
