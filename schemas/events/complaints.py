"""Complaints: letters to a mailbox, hotline orders, and their steps."""

from __future__ import annotations

from typing import Literal

from schemas.base import Code, Instant, Model
from schemas.envelope import Envelope
from schemas.events.common import Sealed, Step


class Complaint(Model):
    """A letter as it came; its words are sealed, its kind is not."""

    lifecycle: Code = "letter"
    mailbox: Code
    kind: Literal["咨询", "求助", "建议", "投诉", "举报"]
    urgent: bool = False
    submitted_at: Instant
    channel: Code
    topic: Code | None = None
    against: tuple[Code, ...] = ()
    """Departments that a report is about; it never reaches them."""
    personal: Sealed | None = None


class ComplaintSubmitted(Envelope):
    """A letter came in."""

    type: Literal["cn.gongkai.complaint.submitted.v1"]
    data: Complaint


class ComplaintStepped(Envelope):
    """A step: accepted, assigned, replied, rated."""

    type: Literal["cn.gongkai.complaint.stepped.v1"]
    data: Step
