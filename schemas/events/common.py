"""Parts that events of several families share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, Instant, Model, Sha256

Version = Annotated[int, Field(ge=1, le=1_000_000)]
Title = Annotated[str, Field(min_length=1, max_length=500)]
Reason = Annotated[str, Field(min_length=1, max_length=2_000)]

FiveOpen = Literal["决策", "执行", "管理", "服务", "结果"]
"""五公开, exactly one a publication (RULES POL-02)."""

Disclosure = Literal["主动公开", "依申请公开", "不予公开"]
"""公开属性 (RULES POL-01)."""

Audience = Literal["全社会", "特定群体"]
"""公开对象 of the standard catalogues (RULES §1.9)."""


class Sealed(Model):
    """Personal data, sealed by the door with a key per matter; nothing outside the door sees it open.

    A sender writes an object of texts in its place, which the door measures and seals (decision 25).
    """

    key_id: Code
    sealed: str
    masked_findings: tuple[str, ...] = ()
    facts: dict[str, str] = {}
    """What the door measured before it sealed: lengths, whether there is a contact; nothing that tells who."""


class Attachment(Model):
    """A file named by digest; the bytes went to `POST /v1/files` or lay beside the event."""

    sha256: Sha256
    name: Annotated[str, Field(min_length=1, max_length=255)]
    type: Annotated[str, Field(min_length=1, max_length=100)]
    size: Annotated[int, Field(ge=0)]
    """Bytes."""
    text_sha256: Sha256 | None = None
    """Digest of the text extracted from the file, where it has any."""


class Link(Model):
    """A link to another publication or matter: `rel` is a word of the pack (interprets, repeals, draft-of)."""

    rel: Code
    target: Annotated[str, Field(min_length=1, max_length=500)]


class Override(Model):
    """A finding of severity `error` that somebody answers for (RULES §4)."""

    rule: Code
    excerpt_sha256: Sha256
    reason: Reason
    by: Code


class Step(Model):
    """A step of a matter: which one, by whom, when and on what ground; `fields` is what the step records."""

    step: Code
    lifecycle: Code | None = None
    """Of a step that may open its matter; an opening event says it anyway."""
    actor_dept: Code
    actor_role: Code
    at: Instant
    basis: Annotated[str, Field(max_length=500)] = ""
    reason: Annotated[str, Field(max_length=2_000)] = ""
    fields: dict[str, str] = {}
    links: tuple[Link, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    personal: Sealed | None = None
