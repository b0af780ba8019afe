"""Publications: a whole version of an item of the catalogue, or its withdrawal."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, Instant, Model
from schemas.envelope import Envelope
from schemas.events.common import (
    Attachment,
    Audience,
    Disclosure,
    FiveOpen,
    Link,
    Override,
    Reason,
    Sealed,
    Title,
    Version,
)

DateName = Literal["formed", "changed", "approved", "decided", "obtained", "signed", "effective", "expires"]
"""Days a clock may start from (`time_limit.trigger`), and the two of validity."""


class SignOff(Model):
    """One of the six sign-offs of 三审三校, over the content's hash (RULES §2.1)."""

    level: Annotated[int, Field(ge=1, le=3)]
    role: Literal["审", "校"]
    person: Code
    """The signer's staff code; a name never travels."""
    at: Instant
    content_sha256: Annotated[str, Field(min_length=64, max_length=64)]
    """Compared with the content's own, so a pattern here would only cost (six regular expressions an event)."""


class SecrecyReview(Model):
    """The record of 保密审查 without which nothing is published (条例 Art. 17)."""

    reviewer: Code
    dept: Code
    result: Literal["公开", "部分公开", "不公开", "报请确定"]
    ground: Annotated[str, Field(max_length=500)] = ""
    at: Instant


class Confirmation(Model):
    """Another department's word on a joint or consulted publication (条例 Art. 10, 11)."""

    dept: Code
    confirmed_at: Instant | None = None


class Publication(Model):
    """A whole version: text, what the catalogue asks of it, and everybody who answers for it."""

    item: Code
    """Catalogue row, `序号`."""
    kind: Code
    version: Version
    title: Title
    short_title: Annotated[str, Field(max_length=100)] | None = None
    summary: Annotated[str, Field(max_length=500)] | None = None
    body: str
    responsible_dept: Code
    """The organ that made it, or the lead of a joint one (条例 Art. 10)."""
    co_issuers: tuple[Confirmation, ...] = ()
    coordination: tuple[Confirmation, ...] = ()
    disclosure_attr: Disclosure
    annotation: Annotated[str, Field(max_length=50)] | None = None
    """附注, as printed: `此件公开发布`."""
    five_open: FiveOpen
    audience: Audience = "全社会"
    channels: Annotated[tuple[Code, ...], Field(min_length=1)]
    """公开渠道和载体, by the catalogue's own words: 政府网站, 政府公报, 两微一端 …"""
    elements: dict[str, str] = {}
    """公开内容(要素): name to text."""
    dates: dict[DateName, date] = {}
    docno: Annotated[str, Field(max_length=100)] | None = None
    """发文字号."""
    index_no: Annotated[str, Field(max_length=100)] | None = None
    """索引号; the portal assigns one at first release where this is empty."""
    topic: Annotated[str, Field(max_length=100)] | None = None
    """主题分类."""
    sign_offs: tuple[SignOff, ...] = ()
    secrecy_review: SecrecyReview | None = None
    attachments: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] = ()
    overrides: tuple[Override, ...] = ()
    late_reason: Annotated[str, Field(max_length=500)] | None = None
    corrects: Annotated[str, Field(max_length=200)] | None = None
    """Id of the rejected event that this one mends."""
    backfill: bool = False
    """历史迁移: published before the department's go-live; taken with the lead office's key alone."""
    published_on: date | None = None
    """With backfill: the day it was first public."""
    release_at: Instant | None = None
    """Held by the door until this minute."""
    personal: Sealed | None = None


class Withdrawal(Model):
    """All versions up to `version` are withdrawn; the page stays as a tombstone."""

    item: Code
    version: Version
    reason: Reason
    notice: Title
    """The sentence shown in its place."""
    substitute: Annotated[str, Field(max_length=500)] | None = None
    corrects: Annotated[str, Field(max_length=200)] | None = None


class Scheduled(Model):
    """A version that the door holds until its minute, or held and let go of; nothing of what it says."""

    event: Annotated[str, Field(min_length=1, max_length=200)]
    """Id of the event that is held, of the same source."""
    item: Code
    kind: Code
    version: Version
    release_at: Instant
    cancelled: bool = False
    """Withdrawn before its minute: it will never come."""


class PublicationSubmitted(Envelope):
    """Version 1 of an item."""

    type: Literal["cn.gongkai.publication.submitted.v1"]
    data: Publication


class PublicationUpdated(Envelope):
    """A later version, whole."""

    type: Literal["cn.gongkai.publication.updated.v1"]
    data: Publication


class PublicationWithdrawn(Envelope):
    """撤回."""

    type: Literal["cn.gongkai.publication.withdrawn.v1"]
    data: Withdrawal


class PublicationScheduled(Envelope):
    """定时发布: what is to come, and when; by the door, in the name of its department."""

    type: Literal["cn.gongkai.publication.scheduled.v1"]
    data: Scheduled
