"""Parse, print, parse: the normal form of any time limit reads as that time limit, and any text reads or is refused."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.city.deadlines import FORMS, DeadlineError, parse, text_of
from schemas.city.models import TimeLimit, Unit
from tests.rules.making import pack

PHRASES = pack().phrases
SEARCH = settings(max_examples=300, deadline=None, derandomize=True)

lengths = st.tuples(st.integers(1, 1000), st.sampled_from(["WD", "CD", "H", "M"]))
displays = st.one_of(st.none(), lengths)
heads = st.sampled_from(["*", "Q1", "Q2", "Q3", "H1", "H4", "H6", "01", "02", "06", "12"])
crons = st.builds("{}{}-{:02}".format, st.sampled_from(["", "+", "="]), heads, st.integers(1, 28))


@st.composite
def time_limits(draw: st.DrawFn) -> TimeLimit:
    """A time limit that law could write; what the language can't say, such as a vague day by name, is left out."""
    n, unit = draw(lengths)
    common = {"min_display": draw(displays), "lasting": draw(st.booleans()), "raw": ""}
    shape = draw(st.sampled_from(["after", "after", "vague", "at once", "before", "named", "behind named"]))
    trigger = draw(st.sampled_from(sorted(PHRASES.phrase_of)))
    made: dict[str, dict[str, object]] = {
        "after": {"trigger": trigger, "n": n, "unit": unit},
        "vague": {"trigger": trigger, "n": n, "unit": unit, "vague": True},
        "at once": {"trigger": trigger, "n": 0},
        "before": {"trigger": trigger, "n": n, "unit": unit, "way": "before"},
        "named": {"trigger": "cron", "cron": draw(crons)},
        "behind named": {"trigger": "cron", "cron": draw(crons), "n": n, "unit": unit},
    }
    return TimeLimit.model_validate(common | made[shape])


@SEARCH
@given(time_limits())
def test_the_normal_form_reads_as_what_it_was_printed_from(limit: TimeLimit) -> None:
    printed = text_of(limit, PHRASES)
    again = parse(printed, PHRASES)
    assert again == limit.model_copy(update={"raw": printed})
    assert text_of(again, PHRASES) == printed


_UNITS: dict[Unit, tuple[str, ...]] = {
    "WD": ("个工作日", "工作日", "个工作天"), "CD": ("日", "天", "个自然日"),
    "H": ("小时", "个小时"), "M": ("个月", "月"),
}  # fmt: skip


@SEARCH
@given(
    st.sampled_from(["自{}之日起", "{}后", "自{}之日", "{}之时起", "{}之日起，", "在{}后"]),
    st.sampled_from(sorted(PHRASES.trigger_of)),
    lengths, st.integers(0, 2), st.sampled_from(["内", "以内", "之内", "内公开", "内予以公布", ""]),
)  # fmt: skip
def test_the_ways_to_write_one_time_limit_all_mean_it(
    frame: str, phrase: str, length: tuple[int, Unit], variant: int, end: str
) -> None:
    n, unit = length
    word = _UNITS[unit][variant % len(_UNITS[unit])]
    limit = parse(f"{frame.format(phrase)}{n}{word}{end}", PHRASES)
    assert (limit.trigger, limit.n, limit.unit) == (PHRASES.trigger_of[phrase], n, unit)
    assert parse(text_of(limit, PHRASES), PHRASES).model_copy(update={"raw": limit.raw}) == limit


_MARKS = "".join({mark for form in FORMS for mark in form.text}) + " 　\x00\n(（〔0９x\U0001f600"


@SEARCH
@given(st.one_of(st.text(max_size=60), st.text(_MARKS, max_size=60)))
def test_any_text_reads_or_is_refused_at_a_place_within_it(text: str) -> None:
    try:
        limit = parse(text, PHRASES)
    except DeadlineError as error:
        assert 0 <= error.position <= len(text)
        assert error.zh
        assert error.en
    else:
        assert parse(text_of(limit, PHRASES), PHRASES).model_copy(update={"raw": text}) == limit
