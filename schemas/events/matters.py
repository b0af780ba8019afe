"""Matters: any other ongoing case whose lifecycle stands in the pack."""

from __future__ import annotations

from typing import Literal

from schemas.base import Code, Instant, Model
from schemas.envelope import Envelope
from schemas.events.common import Attachment, Link, Sealed, Step, Title


class Matter(Model):
    """A case begins: a decision, a hot spot, a meeting."""

    lifecycle: Code
    title: Title
    lead_dept: Code
    co_depts: tuple[Code, ...] = ()
    at: Instant
    fields: dict[str, str] = {}
    links: tuple[Link, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    personal: Sealed | None = None


class MatterOpened(Envelope):
    """A case opened."""

    type: Literal["cn.gongkai.matter.opened.v1"]
    data: Matter


class MatterStepped(Envelope):
    """A step of a case."""

    type: Literal["cn.gongkai.matter.stepped.v1"]
    data: Step
