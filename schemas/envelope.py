"""The CloudEvents 1.0 envelope in which everything travels, structured JSON on Kafka.

Source: CloudEvents specification 1.0.2, JSON event format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Instant, Model, Subject

TYPE_PREFIX = "cn.gongkai."

Text200 = Annotated[str, Field(min_length=1, max_length=200)]


class Envelope(Model):
    """What every event has, whatever its data: `(source, id)` names it, `subject` is its Kafka key."""

    specversion: Literal["1.0"]
    id: Text200
    source: Text200
    type: Text200
    subject: Subject
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type taken apart: `cn.gongkai.<family>.<verb>.v<version>`."""

    family: str
    verb: str
    version: int

    @classmethod
    def parse(cls, name: str) -> TypeName | None:
        """The parts of `name`, or None where it is not of our form."""
        parts = name.removeprefix(TYPE_PREFIX).split(".")
        if not name.startswith(TYPE_PREFIX) or len(parts) != 3 or not parts[2][1:].isdecimal() or parts[2][:1] != "v":
            return None
        return cls(parts[0], parts[1], int(parts[2][1:]))

    def __str__(self) -> str:
        return f"{TYPE_PREFIX}{self.family}.{self.verb}.v{self.version}"


def issuer_of(subject: str) -> str:
    """The department code that a subject (and so a Kafka key) begins with."""
    return subject.partition("/")[0]


def department_of(source: str) -> str | None:
    """The department that a source `/departments/<code>` names, else None."""
    prefix, _, code = source.rpartition("/")
    return code if prefix == "/departments" and code else None
