"""Answers that a reader need not fetch twice (RFC 9110 conditional requests), with a cache that always asks."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from fastapi import Request, Response

CACHE = "no-cache"
"""Keep it, but ask each time: a withdrawn item must be gone at once."""


def reply(
    request: Request, content: str | bytes, media_type: str, changed: datetime | None = None, status: int = 200
) -> Response:
    """`content`, or 304 where the reader holds the same."""
    raw = content.encode() if isinstance(content, str) else content
    headers = {"ETag": f'"{blake2b(raw, digest_size=12).hexdigest()}"', "Cache-Control": CACHE, "Vary": "Accept"}
    if changed is not None:
        headers["Last-Modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    if status == 200 and _is_held(request, headers["ETag"], changed):
        return Response(status_code=304, headers=headers)
    return Response(raw, status, headers, media_type)


def _is_held(request: Request, etag: str, changed: datetime | None) -> bool:
    """If-None-Match decides alone where it is given (RFC 9110 §13.1.3)."""
    if (tags := request.headers.get("if-none-match")) is not None:
        return tags.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    since = request.headers.get("if-modified-since")
    if since is None or changed is None:
        return False
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
