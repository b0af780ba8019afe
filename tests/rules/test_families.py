"""The other families are judged for form and authority alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rules.making import changed, envelope, example, judged, rules_of

OWN = [
    "register.recorded",
    "register.removed",
    "review.signed",
    "review.returned",
    "consultation.opened",
    "matter.opened",
]
STEPS = ["consultation.stepped", "complaint.stepped", "foi-request.stepped", "matter.stepped"]
CITIZENS = ["complaint.submitted", "foi-request.submitted", "consultation.commented"]


@pytest.mark.parametrize("name", [*OWN, *STEPS, *CITIZENS])
def test_the_examples_are_accepted(name: str) -> None:
    given = judged(example(name))
    assert (given.outcome, given.findings, given.dues) == ("accepted", (), ())


@pytest.mark.parametrize("name", OWN)
def test_only_the_issuer_or_its_successor_sends_what_is_its_own(name: str) -> None:
    assert rules_of(judged(envelope(example(name), {"source": "/departments/czj"}))) == ["REJ-AUTHORITY"]
    assert rules_of(judged(envelope(example(name), {"source": "/portal"}))) == ["REJ-AUTHORITY"]


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_its_own_actors(name: str) -> None:
    event = example(name)
    assert rules_of(judged(envelope(event, {"source": "/departments/czj"}))) == ["REJ-AUTHORITY"]
    assert rules_of(judged(changed(event, actor_dept="czj"))) == ["REJ-AUTHORITY"]
    assert rules_of(judged(envelope(event, {"subject": "nobody/1"}))) == ["REJ-AUTHORITY"]


@pytest.mark.parametrize("name", CITIZENS)
def test_what_citizens_send_comes_by_the_citys_own_ways(name: str) -> None:
    event = example(name)
    for source in ("/accounts/wechat-city", "/platforms/service-net"):
        assert rules_of(judged(envelope(event, {"source": source}))) == []
    for source in ("/portals", "/departments/nobody", "elsewhere"):
        assert rules_of(judged(envelope(event, {"source": source}))) == ["REJ-AUTHORITY"]


def test_a_citizens_letter_has_a_subject_of_the_lead_office() -> None:
    for name in ("complaint.submitted", "foi-request.submitted"):
        assert rules_of(judged(envelope(example(name), {"subject": "mzj/1"}))) == ["REJ-AUTHORITY"]


def test_no_family_may_be_dated_at_will() -> None:
    assert rules_of(judged(example("matter.opened"), timedelta(days=2))) == ["REJ-TIME"]


@pytest.mark.parametrize("name", STEPS)
def test_citizens_take_steps_as_themselves_in_cases_of_the_city(name: str) -> None:
    event = envelope(example(name), {"source": "/portal", "subject": "zfb/1"})
    assert rules_of(judged(event)) == []
    elsewhere = rules_of(judged(envelope(event, {"subject": "mzj/1"})))
    assert elsewhere == ([] if name.startswith(("consultation.", "matter.")) else ["REJ-AUTHORITY"])
    assert rules_of(judged(envelope(event, {"subject": "nobody/1"}))) == ["REJ-AUTHORITY"]
