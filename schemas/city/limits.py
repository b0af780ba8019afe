"""`limits.toml`: how often something may be tried at the counter; against machines, never against people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from schemas.base import Code
from schemas.city.models import Part

if TYPE_CHECKING:
    from schemas.city.tables import Reader

FILE = "limits.toml"
LimitName = Literal["forms", "submissions", "matter", "queries", "receipt"]
"""Forms given out to one address, forms handed in from one, forms handed in to one matter from everywhere, wrong codes
from one address, and wrong codes for one number, whether there is such a number or not."""


class CounterLimit(Part):
    """So many in so long."""

    id: LimitName
    name: Code
    most: Annotated[int, Field(ge=1, le=1_000_000)]
    minutes: Annotated[int, Field(ge=1, le=1_440)]
    basis: Code
    status: Literal["F", "D"] = "D"
    """Found in a document, or a default of ours."""


_OURS = "本平台规则"
GENERAL: dict[LimitName, CounterLimit] = {
    one.id: one
    for one in (
        CounterLimit(id="forms", name="同一地址领取表单", most=120, minutes=60, basis=_OURS),
        CounterLimit(id="submissions", name="同一地址提交", most=20, minutes=60, basis=_OURS),
        CounterLimit(id="matter", name="同一事项收到", most=3_000, minutes=60, basis=_OURS),
        CounterLimit(id="queries", name="同一地址查询码输错", most=30, minutes=60, basis=_OURS),
        CounterLimit(id="receipt", name="同一编号查询码输错", most=10, minutes=60, basis=_OURS),
    )
}
"""Where a pack says nothing: no counter stands open without limits."""


def read_limits(reader: Reader) -> tuple[CounterLimit, ...]:
    """The limits of a pack, a table each; the general ones where it has none."""
    own = {one.id: one for one in reader.parts(FILE, CounterLimit, "id").values()} if reader.has(FILE) else {}
    return tuple((GENERAL | own).values())
