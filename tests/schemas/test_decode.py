"""Bytes to events: the fast decoder accepts nothing that the model refuses, and nothing but `Unreadable` escapes."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from schemas import decode as decoding
from schemas.base import MAX_EVENT_BYTES
from schemas.decode import Unreadable, decode
from schemas.events import EVENTS
from tests.rules.making import EXAMPLES, Event

EXAMPLE = {name: json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8")) for name in EVENTS}

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10), st.integers(), st.floats(allow_nan=False),
    st.sampled_from([
        "", "1", "true", "2026-03-10", "2026-02-30", "2026-03-10T09:30:00+08:00",
        "2026-03-10T09:30:00", "2026-03-10T09:30Z", "2026-03-10 09:30:00+08:00",
        "2026-03-10T24:00:00Z", "2026-03-10T09:30:00.123456789Z", "2026-03-10T09:30:60Z",
        "1773106200", "mzj/1", "mzj/a b", "mzj", "mzj/1\n", "a" * 64, "A" * 64, "a" * 64 + "\n",
        "主动公开", "0" * 501, "20260310", "2026-3-1", "2026-03-10T00:00:00", "0000-01-01",
        "+002026-03-10", "2026-03-10T09:30:00+24:00", "2026-03-10T09:30:00-08", "1.0", "２",
        "２０２６-03-10",
    ]),
    st.text(max_size=20),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda one: st.one_of(st.lists(one, max_size=3), st.dictionaries(st.text(max_size=5), one, max_size=3)),
    max_leaves=5,
)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place inside `value`, outermost first."""
    inside: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [path, *(place for name, one in inside for place in places(one, (*path, name)))]


def put(event: Event, path: tuple[str | int, ...], value: object) -> None:
    holder: Any = event
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value


@st.composite
def mutated(draw: st.DrawFn) -> Event:
    """An example of any type with one to three places given another value, or an optional field of its model filled."""
    name = draw(st.sampled_from(sorted(EVENTS)))
    event = copy.deepcopy(EXAMPLE[name])
    for _ in range(draw(st.integers(1, 3))):
        target = draw(st.sampled_from(["place", "field"]))
        if target == "field":
            fields = sorted(EVENTS[name].model_fields["data"].annotation.model_fields)  # type: ignore[union-attr]
            holder = event.get("data")
            if isinstance(holder, dict):
                holder[draw(st.sampled_from(fields))] = draw(VALUES)
            continue
        path = draw(st.sampled_from(places(event)[1:]))
        try:
            put(event, path, draw(VALUES))
        except (IndexError, KeyError, TypeError):
            continue
    return event


def plain(value: Any) -> Any:
    """A decoded event, struct or model, as plain Python."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, msgspec.Struct):
        named = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
        return named | ({"type": value.type} if value.__struct_config__.tag_field else {})  # type: ignore[attr-defined]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (tuple, list)) else value


def alike(fast: Any, slow: Any) -> bool:
    """Whether the two are equal, but for instants below the microsecond: one decoder rounds, the other truncates."""
    if isinstance(fast, dict) and isinstance(slow, dict):
        return fast.keys() == slow.keys() and all(alike(fast[name], slow[name]) for name in fast)
    if isinstance(fast, list) and isinstance(slow, list):
        return len(fast) == len(slow) and all(map(alike, fast, slow))
    if isinstance(fast, datetime) and isinstance(slow, datetime):
        return abs(fast - slow) <= timedelta(microseconds=1) and fast.utcoffset() == slow.utcoffset()
    return type(fast) is type(slow) and bool(fast == slow)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_the_examples_decode_fast_and_alike(name: str) -> None:
    value = (EXAMPLES / f"{name}.json").read_bytes()
    fast = decoding._ANY_EVENT.decode(value)
    assert plain(fast) == plain(EVENTS[name].model_validate_json(value))
    assert decode(value).type == name


@settings(max_examples=600, deadline=None)
@given(mutated())
def test_what_the_fast_decoder_accepts_the_model_accepts_with_the_same_values(event: Event) -> None:
    value = json.dumps(event, ensure_ascii=True).encode()
    try:
        fast = decoding._ANY_EVENT.decode(value)
    except msgspec.MsgspecError:
        return
    try:
        slow = EVENTS[event["type"]].model_validate_json(value)
    except ValidationError as error:
        pytest.fail(f"the fast decoder accepted what the model refuses: {error}")
    assert alike(plain(fast), plain(slow))


def readable(value: bytes | None) -> str:
    """The type of what `value` decodes to, or the code of why it does not; anything else escapes."""
    try:
        return decode(value).type
    except Unreadable as error:
        return error.code


CODES = {"SIZE", "UTF8", "JSON", "NOT-CLOUDEVENT", "UNKNOWN-TYPE", "UNKNOWN-VERSION", "INVALID"}


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_escape(value: bytes) -> None:
    assert readable(value) in CODES


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(EVENTS)), st.data())
def test_no_spoilt_example_escapes(name: str, data: st.DataObject) -> None:
    value = bytearray((EXAMPLES / f"{name}.json").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(value) - 1))
        spoil = data.draw(st.sampled_from(["set", "cut", "double"]))
        if spoil == "set":
            value[place] = data.draw(st.integers(0, 255))
        elif spoil == "cut":
            del value[place : place + data.draw(st.integers(1, 40))]
        else:
            value[place:place] = value[place : place + data.draw(st.integers(1, 40))]
        if not value:
            return
    assert readable(bytes(value)) in CODES | {name}


def renamed(**members: object) -> bytes:
    return json.dumps(EXAMPLE["cn.gongkai.publication.submitted.v1"] | members).encode()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "NULL-VALUE"),
        (b" " * (MAX_EVENT_BYTES + 1), "SIZE"),
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"[" * 10_000 + b"]" * 10_000, "JSON"),
        (b'{"specversion":"1.0","data":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "JSON"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "JSON"),
        (b'"\xff"', "UTF8"),
        (renamed().replace(b'"1.0"', b'"\xc3\x28"'), "UTF8"),
        (b"[]", "NOT-CLOUDEVENT"),
        (b'{"id":"1"}', "NOT-CLOUDEVENT"),
        (b"1e400", "NOT-CLOUDEVENT"),
        (b"1" * 5_000, "JSON"),
        (renamed(type="com.example.thing"), "UNKNOWN-TYPE"),
        (renamed(type=7), "UNKNOWN-TYPE"),
        (renamed(type="cn.gongkai.publication.burnt.v1"), "UNKNOWN-TYPE"),
        (renamed(type="cn.gongkai.publication.submitted.v2"), "UNKNOWN-VERSION"),
        (renamed(specversion="0.3"), "INVALID"),
        (renamed(data=None), "INVALID"),
        (renamed(subject="没有/1"), "INVALID"),
        (renamed(time="2026-03-10T09:30:00"), "INVALID"),
    ],
    ids=range(21),
)
def test_what_cannot_be_read_is_named(value: bytes | None, code: str) -> None:
    assert readable(value) == code


def test_an_unreadable_event_still_tells_its_head() -> None:
    with pytest.raises(Unreadable) as caught:
        decode(renamed(data={}))
    assert caught.value.head["id"] == "mzj-20260310-0001"
    assert "item" in caught.value.detail
