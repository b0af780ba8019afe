"""Pages: one base template and one style sheet for all of ours."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined

SHANGHAI = ZoneInfo("Asia/Shanghai")


@cache
def environment(package: str = "") -> Environment:
    """Templates of `package` (its folder `templates`) over the shared ones; all text is escaped, nothing undefined."""
    loaders: list[BaseLoader] = [PackageLoader("bus.web")]
    if package:
        loaders.insert(0, PackageLoader(package))
    made = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["day"] = lambda moment: _local(moment, "%Y-%m-%d")
    made.filters["minute"] = lambda moment: _local(moment, "%Y-%m-%d %H:%M")
    return made


def _local(moment: datetime, form: str) -> str:
    """As a clock in the city shows it."""
    return moment.astimezone(SHANGHAI).strftime(form)
