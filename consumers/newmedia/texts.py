"""What an account says: the words of the source, the portal's link and the index number (NM-05); pure.

Nothing is cut in the middle of a title. A text too long for a platform is shown up to a whole paragraph and says
so (节选), for wording that differs from the source must be marked.
"""

from __future__ import annotations

import html

import msgspec

from schemas.city.models import Limits

WEIBO_SHARE = 140
"""Characters that the share API takes, the link among them, whatever longer posts the account may write by hand."""
EXCERPT = "（以上为节选，全文请点击“阅读原文”。）"


class Content(msgspec.Struct, frozen=True):
    """What a version gives the accounts, as the feed brought it."""

    title: str
    """As routed: the short title where the account needs one."""
    body: str
    summary: str = ""
    author: str = ""
    docno: str = ""


class Article(msgspec.Struct, frozen=True):
    """One item as one platform is told it; for Weibo `text` is everything."""

    title: str
    url: str
    """The portal's page."""
    author: str = ""
    digest: str = ""
    text: str = ""


class TooLong(Exception):
    """It can't be said within the platform's limits."""


def wechat_article(content: Content, version: int, url: str, index_no: str, limits: Limits) -> Article:
    """An article for WeChat; the page's link names the version behind `#`, which a browser keeps to itself."""
    title = content.title.strip()
    if limits.title is not None and len(title) > limits.title:
        raise TooLong(f"title of {len(title)} characters, at most {limits.title}")
    source = f"{url}#v{version}"
    if limits.url_bytes is not None and len(source.encode()) > limits.url_bytes:
        raise TooLong(f"link of {len(source.encode())} bytes, at most {limits.url_bytes}")
    author = content.author if len(content.author) <= (limits.author or len(content.author)) else ""
    return Article(
        title, source, author, shorten(content.summary, limits.digest or 128), _html(content, index_no, limits)
    )


def weibo_text(content: Content, url: str, index_no: str, limits: Limits) -> Article:
    """A post for Weibo: title, as much of the summary as fits, index number and link."""
    most = min(limits.body or WEIBO_SHARE, WEIBO_SHARE)
    title = _plain(content.title)
    head, tail = f"【{title}】", (f" 索引号：{index_no}" if index_no else "") + f" {url}"
    if len(head) + len(tail) > most:
        raise TooLong(f"title, index number and link of {len(head) + len(tail)} characters, at most {most}")
    room = most - len(head) - len(tail)
    return Article(title, url, text=head + shorten(_plain(content.summary), room) + tail)


def shorten(text: str, most: int) -> str:
    """`text` itself, or its beginning with an ellipsis, within `most` characters; empty where that says nothing."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return f"{text[: most - 1]}…" if most >= 10 else ""


def _plain(text: str) -> str:
    """One line without `#`, which would make a topic of the words between two of them."""
    return " ".join(text.replace("#", "＃").split())


def _html(content: Content, index_no: str, limits: Limits) -> str:
    """Paragraphs, all markup of the source shown as text; what doesn't fit is left out whole, and said."""
    facts = (("发文字号", content.docno), ("索引号", index_no))
    foot = "".join(f"<p>{label}：{html.escape(fact)}</p>" for label, fact in facts if fact)
    paragraphs = [f"<p>{html.escape(line.strip())}</p>" for line in content.body.splitlines() if line.strip()]
    whole = "".join(paragraphs) + foot
    if _fits(whole, limits):
        return whole
    kept: list[str] = []
    end = f"<p>{EXCERPT}</p>{foot}"
    size, size_bytes = len(end), len(end.encode())
    for paragraph in paragraphs:
        size, size_bytes = size + len(paragraph), size_bytes + len(paragraph.encode())
        if size > (limits.body or size) or size_bytes > (limits.body_bytes or size_bytes):
            break
        kept.append(paragraph)
    return "".join(kept) + end


def _fits(text: str, limits: Limits) -> bool:
    chars, size = limits.body, limits.body_bytes
    return (chars is None or len(text) <= chars) and (size is None or len(text.encode()) <= size)
