"""A WeChat official account over its official API: draft, mass send, deletion. Only the base address ever differs.

A draft is found again by its articles' links, which name item and version; a mass send by `clientmsgid`, for the
platform answers 45065 with the first send's id instead of sending twice.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Set
from typing import Any, NoReturn

from consumers.newmedia.accounts import Credentials
from consumers.newmedia.http import Caller
from consumers.newmedia.platform import (
    Batch,
    Confirmation,
    HandleGone,
    Misconfigured,
    NoQuota,
    NotDone,
    Refused,
    UnknownOutcome,
)
from consumers.newmedia.texts import Article
from consumers.newmedia.token import Token

STALE_TOKEN = frozenset({40001, 40014, 42001})
BUSY = {45009: 600.0, 45011: 60.0, 45066: 60.0}
"""Surely not done, and for how many seconds to leave the platform alone."""
CONFIGURATION = frozenset({40002, 40013, 40125, 40164, 41001, 48001, 48004, 50001, 50002, 61004})
SENT_BEFORE = 45065
COVER = "gongkai-cover.png"
PAGE = 20


class WeChat:
    """One official account."""

    prepares = True
    replaces = False

    def __init__(self, base: str, credentials: Credentials) -> None:
        self._caller = Caller(base)
        self._credentials = credentials
        self._token = Token(self._ask_token, _raise, "errcode", STALE_TOKEN)
        self._cover = ""

    def prepare(self, batch: Batch) -> str:
        """A draft with every article of the batch."""
        cover = self._cover_id()
        answer = self._act("draft/add", {"articles": [_draft(each, cover) for each in batch.articles]})
        return str(answer["media_id"])

    def find_prepared(self, batch: Batch) -> str | None:
        """The draft whose articles have the links and titles of the batch's, in their order."""
        wanted = [(article.url, article.title) for article in batch.articles]
        for item in self._pages("draft/batchget", {"no_content": 1}):
            news = item.get("content", {}).get("news_item", [])
            if [(each.get("content_source_url"), each.get("title")) for each in news] == wanted:
                return str(item["media_id"])
        return None

    def submit(self, batch: Batch, handle: str) -> str:
        """The draft goes to all followers; a repeat of a send already done gives that send's id."""
        body = {
            "filter": {"is_to_all": True},
            "mpnews": {"media_id": handle},
            "msgtype": "mpnews",
            "send_ignore_reprint": 0,
            "clientmsgid": batch.client_id,
        }
        answer = self._call("message/mass/sendall", body)
        if answer.get("errcode", 0) not in (0, SENT_BEFORE):
            _raise(answer)
        if "msg_id" not in answer:
            raise UnknownOutcome("NO-ID", "message/mass/sendall")
        return str(answer["msg_id"])

    def look_up(self, batch: Batch, handle: str, known: Set[str]) -> str | None:  # noqa: ARG002
        """The same call again: by its `clientmsgid` the platform itself knows whether it was done."""
        return self.submit(batch, handle)

    def confirm(self, sent: str) -> Confirmation:
        """The send's state on the platform."""
        state = self._act("message/mass/get", {"msg_id": int(sent)}).get("msg_status")
        if state == "SENDING":
            return "pending"
        return "failed" if state == "SEND_FAIL" else "sent"

    def discard(self, handle: str) -> None:
        """Delete the draft."""
        answer = self._call("draft/delete", {"media_id": handle})
        if answer.get("errcode", 0) not in (0, 40007):
            _raise(answer)

    def remove(self, post: str) -> None:
        """Delete one article of a send."""
        sent, _, index = post.partition("/")
        answer = self._call("message/mass/delete", {"msg_id": int(sent), "article_idx": int(index)})
        if answer.get("errcode", 0) not in (0, 40059):
            _raise(answer)

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def post_id(self, sent: str, position: int) -> str:
        """`<msg_id>/<article_idx>`, the index from 1 as the platform counts."""
        return f"{sent}/{position + 1}"

    def _cover_id(self) -> str:
        """The cover every article needs: found by its name, or uploaded once."""
        if not self._cover:
            items = self._pages("material/batchget_material", {"type": "image"})
            found = next((item for item in items if item.get("name") == COVER), None)
            self._cover = str(found["media_id"]) if found else self._upload_cover()
        return self._cover

    def _upload_cover(self) -> str:
        file = {"media": (COVER, plain_png(900, 383, (158, 30, 30)), "image/png")}
        answer = self._with_token("POST", "material/add_material", params={"type": "image"}, files=file)
        if answer.get("errcode", 0):
            _raise(answer)
        return str(answer["media_id"])

    def _pages(self, path: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Every item of a listing, page by page."""
        offset = 0
        while True:
            answer = self._act(path, {**body, "offset": offset, "count": PAGE})
            yield from answer.get("item", [])
            offset += PAGE
            if offset >= answer.get("total_count", 0):
                return

    def _act(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._call(path, body)
        if answer.get("errcode", 0):
            _raise(answer)
        return answer

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._with_token("POST", path, json=body)

    def _with_token(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """The call under the account's token."""
        params = request.pop("params", {})
        return self._token.under(
            lambda token: self._caller.call(
                method, f"/cgi-bin/{path}", params={**params, "access_token": token}, **request
            )
        )

    def _ask_token(self) -> dict[str, Any]:
        body = {
            "grant_type": "client_credential",
            "appid": self._credentials.key,
            "secret": self._credentials.secret,
        }
        return self._caller.call("POST", "/cgi-bin/stable_token", json=body)


def plain_png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A PNG of one colour (ISO/IEC 15948), for accounts need a cover and departments send none."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def _draft(article: Article, cover: str) -> dict[str, Any]:
    return {
        "title": article.title,
        "author": article.author,
        "digest": article.digest,
        "content": article.text,
        "content_source_url": article.url,
        "thumb_media_id": cover,
        "need_open_comment": 0,
    }


def _raise(answer: dict[str, Any]) -> NoReturn:
    """The platform's error code as one of ours."""
    code, text = int(answer.get("errcode", 0)), str(answer.get("errmsg", ""))[:200]
    if code == -1:  # 系统繁忙: whether it was done is not said
        raise UnknownOutcome(code, text)
    if code in BUSY:
        raise NotDone(code, text, BUSY[code])
    if code == 45028:
        raise NoQuota(code, text)
    if code == 40007:
        raise HandleGone(code, text)
    if code in CONFIGURATION or code in STALE_TOKEN:
        raise Misconfigured(code, text)
    raise Refused(code, text)
