"""The portal as any machine reads it: live items page by page, each item whole, and its attachments.

Reads:    the portal's JSON API, and attachments by the addresses that it gives.
Writes:   nothing but an attachment's bytes, for as long as they are examined.
Keeps:    nothing.
Fails to: Retriable, where the portal does not answer or answers what is no portal's.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from bus.errors import Retriable
from bus.extracting import examined
from consumers.portal.shelf import SHANGHAI
from consumers.portal.web.resources import ColumnList, DepartmentList, File, ItemLine, ItemList, WholeItem
from schemas.extracts import Extract, from_bytes

BATCH = 100
"""Items to a page, which is the most that the API gives."""
MOST_BYTES = 200_000_000
"""Of an attachment; no door takes more."""
_GONE = frozenset({404, 410})


_M = TypeVar("_M", bound=BaseModel)


class Wanted(NamedTuple):
    """Which items are read; an empty field asks nothing."""

    dept: str = ""
    column: str = ""
    since: date | None = None
    """Those that were published or changed on that day or later."""


class Site:
    """A portal, by its address."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def count(self, wanted: Wanted) -> int | None:
        """How many live items there are to look through; None where the portal does not count them so."""
        if wanted.dept and wanted.column:
            return None
        if wanted.column:
            columns = self._model(ColumnList, "/api/v1/columns").columns
            return sum(one.items for one in columns if one.id == wanted.column)
        departments = self._model(DepartmentList, "/api/v1/departments").departments
        return sum(one.items for one in departments if wanted.dept in {"", one.code})

    def lines(self, wanted: Wanted) -> Iterator[ItemLine]:
        """Live items, newest first."""
        asked = {"dept": wanted.dept, "column": wanted.column, "limit": str(BATCH), "after": ""}
        while True:
            page = self._model(ItemList, "/api/v1/items", asked)
            yield from page.items
            if page.next is None:
                return
            asked["after"] = page.next

    def item(self, subject: str) -> WholeItem | None:
        """One item; None where it was taken down meanwhile."""
        answer = self._get(f"/api/v1/items/{quote(subject, safe='/')}", {})
        return None if answer.status_code in _GONE else _parsed(WholeItem, answer)

    def text(self, file: File) -> Extract | None:
        """What stands in an attachment; None where its bytes can't be had as they were."""
        with tempfile.NamedTemporaryFile(prefix="gongkai-rescan-") as copy:
            if self._fetch(httpx.URL(file.url).raw_path.decode("ascii"), Path(copy.name)) != file.sha256:
                return None
            return from_bytes(examined(Path(copy.name)))

    def _fetch(self, path: str, into: Path) -> str | None:
        """Load a file; its SHA-256."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._http.stream("GET", path) as answer, into.open("wb") as out:
                if answer.status_code != httpx.codes.OK:
                    return None
                for chunk in answer.iter_bytes():
                    size += len(chunk)
                    if size > MOST_BYTES:
                        return None
                    digest.update(chunk)
                    out.write(chunk)
        except httpx.HTTPError as error:
            raise _silent(self._http, error) from error
        return digest.hexdigest()

    def _get(self, path: str, asked: dict[str, str]) -> httpx.Response:
        try:
            return self._http.get(path, params={name: value for name, value in asked.items() if value})
        except httpx.HTTPError as error:
            raise _silent(self._http, error) from error

    def _model(self, model: type[_M], path: str, asked: dict[str, str] | None = None) -> _M:
        return _parsed(model, self._get(path, asked or {}))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()


def changed_since(line: ItemLine, since: date | None) -> bool:
    """Whether an item was published or changed on that day or later, as days are in the city."""
    if since is None:
        return True
    return max(line.published_at, line.updated_at).astimezone(SHANGHAI).date() >= since


def _parsed(model: type[_M], answer: httpx.Response) -> _M:
    try:
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"status {answer.status_code}")
        return model.model_validate_json(answer.content)
    except (ValidationError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise Retriable(f"{answer.url} gave no answer of a portal: {first}") from error


def _silent(http: httpx.Client, error: httpx.HTTPError) -> Retriable:
    return Retriable(f"the portal at {http.base_url} does not answer: {error}")
