"""The base of every model that travels, and the few scalar types they share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MAX_EVENT_BYTES = 1_000_000
"""An event at any door is at most this long (DESIGN: sizes); topics allow 4 MiB for derived records."""


class Model(BaseModel):
    """Frozen, and blind to what it does not know: within v1 only optional fields are added."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="iso8601")


Instant = AwareDatetime
"""An RFC 3339 time with its offset."""

Code = Annotated[str, Field(min_length=1, max_length=100)]
"""A short code of ours or of the pack: a department, a catalogue row, an outlet."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""

Subject = Annotated[str, Field(pattern=r"^[!-.0-~]+/[!-~]+$", max_length=200)]
"""`<issuer code at birth>/<local id>`, printable ASCII without blanks; it is the Kafka key."""
