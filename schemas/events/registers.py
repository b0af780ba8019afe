"""Registers: versioned records of any list that a department keeps (powers, services, accounts).

The subject of all of them is `<department>/<register>`, so that what may contradict itself meets in one partition,
in order. Many records go in one `loaded` event, which is taken whole or not at all.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

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


class LoadedRecord(Model):
    """One record of many."""

    record: Code
    version: Version = 1
    fields: dict[str, str]
    effective_on: date | None = None


class RegisterLoad(Model):
    """Records of one register that come together."""

    register_name: Code
    records: Annotated[tuple[LoadedRecord, ...], Field(min_length=1, max_length=1_000)]


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


class RegisterLoaded(Envelope):
    """Records added or changed, all of them or none."""

    type: Literal["cn.gongkai.register.loaded.v1"]
    data: RegisterLoad


class RegisterRemoved(Envelope):
    """A record taken out."""

    type: Literal["cn.gongkai.register.removed.v1"]
    data: RegisterRemoval
