"""Rows and events made ready to show: the same view for pages, feeds and the JSON API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, cast

from markupsafe import Markup

from consumers.portal import render
from consumers.portal.queries import Change, Found
from consumers.portal.shelf import SHANGHAI, instant
from consumers.portal.site import Site, item_path, row_path
from consumers.portal.tables import Row
from schemas.city import Column
from schemas.decode import decode
from schemas.events.publications import Publication

_SHORT = 40
"""Characters of an element that a list has room for."""


@dataclass(frozen=True)
class Line:
    """An item as a list shows it."""

    row: Row
    site: Site

    @property
    def path(self) -> str:
        """Of its page."""
        return item_path(self.row.subject)

    @property
    def url(self) -> str:
        """Of its page, whole."""
        return self.site.item_url(self.row.subject)

    @property
    def dept_name(self) -> str:
        """Who published it."""
        return self.site.department_name(self.row.dept)

    @property
    def dept_short(self) -> str:
        """Who published it, where there is little room."""
        known = self.site.departments.get(self.row.dept)
        return known.short_name if known else str(self.row.dept)

    @property
    def column(self) -> Column:
        """Where it stands."""
        return self.site.columns.get(self.row.column) or self.site.columns["other"]

    @property
    def released(self) -> datetime:
        """When it became public: the actual time, or the original day of what was public before this site."""
        return instant(self.row.listed_at)

    @property
    def changed(self) -> datetime:
        """When it last changed for readers."""
        return instant(self.row.changed_at)

    @property
    def was_updated(self) -> bool:
        """Whether a later version took the place of the first."""
        return bool(self.row.state == "live" and self.row.changed_at > (self.row.released_at or 0))


class ItemView(Line):
    """An item as its own page shows it."""

    def __init__(self, found: Found, site: Site, history: Sequence[Change], links: Sequence[Row]) -> None:
        super().__init__(found.row, site)
        self.found = found
        self.history = history
        self.links = links

    @cached_property
    def publication(self) -> Publication:
        """The version shown."""
        return publication_of(self.found.value)

    @cached_property
    def body(self) -> Markup:
        """Its text as safe HTML."""
        return render.body(self.publication.body)

    @property
    def keywords(self) -> str:
        """What it is about, for its meta tag."""
        row = self.site.pack.row.get(self.row.row)
        return ",".join(dict.fromkeys([self.column.name, *([row.level1, row.level2] if row else [])]))

    def _row_link(self) -> Markup:
        code = str(self.row.row)
        return Markup('<a href="{}">{}</a>').format(row_path(code), self.site.row_name(code))

    def block(self, today: date) -> list[tuple[str, str]]:
        """The display block (RULES §1.10), in its order."""
        data, dates = self.publication, cast("Mapping[str, date]", self.publication.dates)
        formed = dates.get("formed") or dates.get("signed")
        issuers = [other.dept for other in data.co_issuers]
        return [
            ("索引号", self.row.index_no or "—"),
            ("主题分类", data.topic or "—"),
            ("体裁分类", self.site.kind_label(data.kind)),
            ("发布机构", "、".join((self.dept_name, *map(self.site.department_name, issuers)))),
            ("发文字号", data.docno or "—"),
            ("成文日期", formed.isoformat() if formed else "—"),
            ("发布日期", f"{self.released:%Y-%m-%d}"),
            ("公开方式", data.disclosure_attr),
            ("有效性", validity(dates, today)),
            ("目录事项", self._row_link()),
            ("内容概述", data.summary or self.row.title),
        ]


def elements_of(value: bytes) -> list[tuple[str, str]]:
    """The elements of a publication as a list has room for them: long ones are cut, in its order."""
    elements = publication_of(value).elements.items()
    return [(name, text if len(text) <= _SHORT else f"{text[:_SHORT]}…") for name, text in elements if text]


def publication_of(value: bytes | None) -> Publication:
    """The data of a publication's event; attributes only, it may be a struct of the same names."""
    event: Any = decode(value)
    return cast("Publication", event.data)


def validity(dates: Mapping[str, date], today: date) -> str:
    """有效性 by the two days that bound it."""
    expires, effective = dates.get("expires"), dates.get("effective")
    if expires is not None and expires < today:
        return "失效"
    return "尚未施行" if effective is not None and effective > today else "有效"


def today_of(now: datetime) -> date:
    """The day in China."""
    return now.astimezone(SHANGHAI).date()
