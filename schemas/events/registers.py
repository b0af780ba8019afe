"""Registers: versioned records of any list that a department keeps (powers, services, accounts)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from schemas.base import Code, Model
from schemas.envelope import Envelope
from schemas.events.common import Reason, Sealed, Version


class RegisterRecord(Model):
    """One record of one register, whole; `fields` are named by the register's schema in the pack."""

    register_name: Code
    record: Code
    version: Version
    fields: dict[str, str]
    effective_on: date | None = None
    personal: Sealed | None = None


class RegisterRemoval(Model):
    """A record that no longer holds from `effective_on`."""

    register_name: Code
    record: Code
    version: Version
    reason: Reason
    effective_on: date | None = None


class RegisterRecorded(Envelope):
    """A record added or changed."""

    type: Literal["cn.gongkai.register.recorded.v1"]
    data: RegisterRecord


class RegisterRemoved(Envelope):
    """A record taken out."""

    type: Literal["cn.gongkai.register.removed.v1"]
    data: RegisterRemoval
