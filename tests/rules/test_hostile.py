"""Whatever can be decoded can be judged: no exception, an answer within bounds, and a route where accepted."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import judge, route
from schemas.decode import Unreadable, decode
from tests.rules.making import Event, changed, envelope, example, judged, normative, pack, rules_of
from tests.schemas.test_decode import mutated

NOW = datetime(2026, 3, 10, 1, 30, 1, tzinfo=UTC)
INSTANTS = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
DAYS = ["0001-01-01", "9999-12-31", "1948-12-31", "2200-01-01", "2026-03-09"]
WORDS = st.one_of(
    st.sampled_from(["", " ", "{0}", "{x.__class__}", "%s", "\x00", "x" * 90, "政府网站"]), st.text(max_size=30)
)


@st.composite
def publications(draw: st.DrawFn) -> Event:
    """A publication that fits its model, whatever it says."""
    event = copy.deepcopy(draw(st.sampled_from([example(), normative(), example("publication.updated")])))
    code = st.sampled_from(["mzj", "zfb", "fpb", "dhq-gy", "nobody", "{a}"])
    days = st.dictionaries(
        st.sampled_from(["formed", "changed", "approved", "decided", "obtained", "signed", "effective", "expires"]),
        st.sampled_from(DAYS),
    )
    choices = {
        "item": st.sampled_from([*pack().row, "99-99", "{item}"]), "kind": st.sampled_from([*pack().kind, "x"]),
        "responsible_dept": code, "dates": days, "elements": st.dictionaries(WORDS, WORDS, max_size=4),
        "channels": st.lists(WORDS.filter(bool), min_size=1, max_size=4), "docno": WORDS, "title": WORDS.filter(bool),
        "backfill": st.booleans(), "published_on": st.sampled_from([None, *DAYS]), "version": st.integers(1, 3),
        "links": st.lists(st.fixed_dictionaries(dict.fromkeys(["rel", "target"], WORDS.filter(bool))), max_size=40),
        "sign_offs": st.lists(st.sampled_from(event["data"]["sign_offs"]).flatmap(
            lambda one: st.sampled_from(INSTANTS).map(lambda at: one | {"at": at})), max_size=7),
        "co_issuers": st.lists(st.fixed_dictionaries({"dept": WORDS.filter(bool)}), max_size=30),
    }  # fmt: skip
    for name in draw(st.sets(st.sampled_from(sorted(choices)), min_size=1, max_size=5)):
        event["data"][name] = draw(choices[name])
    event["time"] = draw(st.sampled_from([event["time"], *INSTANTS]))
    event["source"] = f"/departments/{draw(code)}"
    return event


def answer(event: Event) -> None:
    try:
        made = decode(json.dumps(event).encode())
    except Unreadable:
        return
    given = judge(pack(), made, NOW)
    assert given.dept is None or given.dept in pack().department
    assert sum(len(one.model_dump_json().encode()) for one in given.findings) < 32_000
    assert len(given.links) <= 30
    if given.outcome == "accepted":
        assert all(one.severity == "warn" or one.overridden for one in given.findings)
        assert all(len(one.title) > 0 for one in route(pack(), made))


@settings(max_examples=500, deadline=None)
@given(publications())
def test_a_publication_that_says_anything_is_answered(event: Event) -> None:
    answer(event)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_a_mutated_example_of_any_type_is_answered(event: Event) -> None:
    answer(event)


@pytest.mark.parametrize("time", INSTANTS)
@pytest.mark.parametrize(
    "name", ["publication.submitted", "publication.withdrawn", "matter.opened", "complaint.stepped"]
)
def test_a_time_at_the_end_of_the_calendar_is_refused_and_harms_nothing(name: str, time: str) -> None:
    event = envelope(example(name), {"time": time})
    given = judge(pack(), decode(json.dumps(event).encode()), NOW)
    assert "REJ-TIME" in rules_of(given)


@pytest.mark.parametrize("day", DAYS[:4])
@pytest.mark.parametrize("item", ["07-01", "06-01", "01-09", "09-01"])
def test_a_day_at_the_end_of_the_calendar_is_answered(item: str, day: str) -> None:
    names = ("formed", "approved", "obtained", "changed")
    event = changed(example(), item=item, kind=pack().row[item].kinds[0], dates=dict.fromkeys(names, day))
    assert judged(event, timedelta(seconds=1)).outcome == "rejected"
