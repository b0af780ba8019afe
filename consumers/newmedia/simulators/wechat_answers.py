"""WeChat's own error codes and the form of its answers; the sentences are from memory, not re-read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

ERRORS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40059: "invalid msg id",
    40125: "invalid appsecret",
    41001: "access_token missing",
    41005: "media data missing",
    42001: "access_token expired",
    44002: "empty post data",
    44003: "empty news data",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45005: "url size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45028: "has no masssend quota",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast",
    45067: "clientmsgid size out of limit",
    45110: "author size out of limit",
    47001: "data format error",
    53503: "draft not pass check",
    53504: "go to mp official website to use draft",
    53505: "save draft manually first",
    53600: "invalid article id",
}


class Refused(Exception):
    """The platform's own error; `extra` stands beside errcode in the answer."""

    def __init__(self, code: int, **extra: object) -> None:
        super().__init__(ERRORS[code])
        self.code, self.extra = code, extra


def refusal(code: int, _path: str = "") -> dict[str, Any]:
    """The body of an error answer."""
    return {"errcode": code, "errmsg": ERRORS.get(code, "error")}


def accepted() -> dict[str, Any]:
    """The plain good answer."""
    return {"errcode": 0, "errmsg": "ok"}


def check_image(content: bytes, most: int) -> None:
    """Refuse what is no JPG or PNG, or too large."""
    if not content.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        raise Refused(40007)
    if len(content) >= most:
        raise Refused(45001)


def page_of(items: list[dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
    """One page of a listing, as `offset` and `count` ask for it."""
    offset, count = int(body.get("offset", 0)), int(body.get("count", 20))
    if not 1 <= count <= 20 or offset < 0:
        raise Refused(47001)
    page = items[offset : offset + count]
    return {"total_count": len(items), "item_count": len(page), "item": page}


def shown(articles: list[dict[str, Any]], body: dict[str, Any]) -> list[dict[str, Any]]:
    """Articles with or without their content."""
    if not body.get("no_content"):
        return articles
    return [{name: article[name] for name in article if name != "content"} for article in articles]


def time_of(thing: dict[str, Any]) -> datetime:
    """When a thing was accepted."""
    return datetime.fromisoformat(thing["at"])


def url_of(how: str, post: dict[str, Any], index: int) -> str:
    """Address of an article on the platform."""
    return f"https://mp.weixin.qq.com/s/simulated-{how}{post['id']}-{index + 1}"
