"""Consultations: a draft put to the public, its comments and its steps."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, Instant, Model
from schemas.envelope import Envelope
from schemas.events.common import Link, Sealed, Step, Title


class Consultation(Model):
    """What 征求意见 must say from its first day (RULES DEC-02, §2.3)."""

    lifecycle: Code = "consultation"
    title: Title
    explanation: str
    starts_on: date
    ends_on: date
    ways: Annotated[tuple[Code, ...], Field(min_length=1)]
    short_reason: Annotated[str, Field(max_length=2_000)] | None = None
    """Why the period is shorter than the law's ordinary one."""
    links: tuple[Link, ...] = ()
    fields: dict[str, str] = {}
    """What else the lifecycle asks for."""


class Comment(Model):
    """One comment; its text and its author's details are sealed."""

    comment: Code
    channel: Code
    at: Instant
    anonymous: bool = False
    personal: Sealed | None = None


class ConsultationOpened(Envelope):
    """A consultation announced."""

    type: Literal["cn.gongkai.consultation.opened.v1"]
    data: Consultation


class ConsultationCommented(Envelope):
    """A comment received."""

    type: Literal["cn.gongkai.consultation.commented.v1"]
    data: Comment


class ConsultationStepped(Envelope):
    """A step of the consultation: closed, extended, feedback published."""

    type: Literal["cn.gongkai.consultation.stepped.v1"]
    data: Step
