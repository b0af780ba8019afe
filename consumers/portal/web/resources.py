"""What the JSON API answers with: the shapes in `/openapi.json`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from schemas.base import Model
from schemas.records import Sentence, Severity


class Wanted(Model):
    """What a list of items is asked for."""

    q: Annotated[str, Field(max_length=100)] = ""
    """Part of a title or of a document number."""
    five_open: Annotated[str, Field(max_length=10)] = ""
    """决策 执行 管理 服务 结果."""
    principle: Annotated[str, Field(max_length=10)] = ""
    """以公开促落实 and its three kin, which a catalogue row may name."""
    kind: Annotated[str, Field(max_length=40)] = ""
    after: Annotated[str, Field(max_length=400)] = ""
    """`next` of the page before."""

    def chosen(self) -> dict[str, str]:
        """What was asked, but for the place in the list."""
        return {"q": self.q, "five_open": self.five_open, "principle": self.principle, "kind": self.kind}


class Asked(Wanted):
    """What the API is asked for."""

    dept: Annotated[str, Field(max_length=100)] = ""
    column: Annotated[str, Field(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class Named(Model):
    """A department or a column, by code and name."""

    code: str
    name: str


class ItemLine(Model):
    """An item in a list."""

    subject: str
    url: str
    title: str
    department: Named
    column: Named
    kind: str
    five_open: str
    docno: str | None
    index_no: str | None
    version: int
    published_at: datetime
    updated_at: datetime
    backfill: bool
    published_on: str | None


class ItemList(Model):
    """A page of items; `next` goes on behind the last, null at the end."""

    items: list[ItemLine]
    next: str | None


class File(Model):
    """An attachment."""

    name: str
    type: str
    size: int
    sha256: str
    url: str


class VersionChange(Model):
    """A version that was public."""

    version: int
    public_at: datetime
    changes: list[str]


class Overridden(Model):
    """A finding that the department answered for: the rule, and the SHA-256 of the words it spoke of."""

    rule: str
    excerpt_sha256: str


class WholeItem(ItemLine):
    """An item with its text."""

    body: str
    summary: str | None
    elements: dict[str, str]
    dates: dict[str, date]
    topic: str | None
    disclosure_attr: str
    validity: str
    attachments: list[File]
    overrides: list[Overridden] = []
    history: list[VersionChange]


class Tombstone(Model):
    """What is left of an item that was taken down; answered with 410."""

    subject: str
    title: str
    state: str
    index_no: str | None
    gone_at: datetime
    reason: str | None
    notice: str | None
    substitute: str | None


class DepartmentEntry(Model):
    """A department and how many items it has public."""

    code: str
    name: str
    short_name: str
    level: str
    uscc: str
    parent: str | None
    successor: str | None
    url: str
    items: int


class ColumnEntry(Model):
    """A column and how many items stand in it."""

    id: str
    name: str
    type: str
    parent: str | None
    url: str
    items: int


class DepartmentList(Model):
    """Every department."""

    departments: list[DepartmentEntry]


class ColumnList(Model):
    """Every column."""

    columns: list[ColumnEntry]


class RuleEntry(Model):
    """A rule: what it says, on what it stands, how to mend what breaks it."""

    id: str
    url: str
    group: str
    title: str
    severity: Severity | None
    basis: str
    message: Sentence | None
    remedy: Sentence | None
    facts: dict[str, str]
    example: str


class RuleList(Model):
    """Every rule."""

    rules: list[RuleEntry]
