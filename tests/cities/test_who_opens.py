"""Which roles open what is sealed, and what a scan fills in: names that a lifecycle lacks are refused."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from schemas.city.matters import Lifecycle
from tests.rules.making import ROOT


def of(name: str, **changed: Any) -> Lifecycle:
    """A lifecycle of the example with something changed."""
    text = (ROOT / f"cities/example/matters/{name}.toml").read_text(encoding="utf-8")
    return Lifecycle.model_validate({"id": name, **tomllib.loads(text), **changed})


def test_a_role_that_opens_is_one_of_the_lifecycle_s() -> None:
    assert of("letter").opens == ("handler", "co")
    with pytest.raises(ValueError, match="opens: nobody is no role of the lifecycle"):
        of("letter", opens=["handler", "nobody"])


@pytest.mark.parametrize(("changed", "told"), [
    ({"dept": "whose"}, "findings: whose is no field of a first step"),
    ({"place": "change"}, "findings: change is no field of a first step"),
    ({"weights": {"error": "特急"}}, "findings: severity can't be 特急"),
    ({"weights": {"fatal": "严重"}}, "weights.fatal"),
])  # fmt: skip
def test_what_a_scan_fills_in_is_a_field_of_the_first_step(changed: dict[str, Any], told: str) -> None:
    asked = of("work-order").findings
    assert asked is not None
    with pytest.raises(ValueError, match=told):
        of("work-order", findings={**asked.model_dump(), **changed})
