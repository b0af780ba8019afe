"""What a record gives: by its contract, complete, and the same bytes each time."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.record import Outgoing, Record
from rules import Judgement
from schemas import headers as h
from schemas.city import load_pack
from schemas.events import EVENTS
from schemas.ids import feed_id, judged_id
from schemas.records import Finding, RejectionIssued, Routed, Sentence, VerdictGiven
from schemas.topics import BY_NAME, DEAD_LETTERS, NEWMEDIA_FEED, PORTAL_FEED, REJECTIONS, VERDICTS
from streams.judging import Judging, run
from streams.telling import HEAD_BYTES, VERDICT_BYTES

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "schemas/examples").glob("*.json"))
PACK = load_pack(ROOT / "cities/example")
JUDGING = Judging(PACK)


def record(value: bytes | None, *, offset: int = 7, headers: h.Headers = (), at: datetime | None = None) -> Record:
    arrival = at or datetime(2026, 3, 2, 1, 0, 1, tzinfo=UTC)
    return Record("publications", 3, offset, int(arrival.timestamp() * 1000), b"D01/k", value, headers)


def example(name: str) -> tuple[bytes, Record]:
    value = (ROOT / f"schemas/examples/cn.gongkai.{name}.v1.json").read_bytes()
    event = json.loads(value)
    at = datetime.fromisoformat(event["time"]) + timedelta(seconds=1)
    one = record(value, at=at)
    return value, Record(one.topic, 3, 7, one.timestamp, event["subject"].encode(), value)


def verdict_of(outputs: list[Outgoing]) -> VerdictGiven:
    (one,) = (out for out in outputs if out.topic == VERDICTS.name)
    return VerdictGiven.model_validate_json(one.value or b"")


def test_an_accepted_publication_gives_a_record_for_each_outlet_and_one_verdict() -> None:
    value, came = example("publication.submitted")
    outputs = run(JUDGING, [came])
    verdict = verdict_of(outputs)
    event = json.loads(value)
    feeds = [out for out in outputs if out.topic.endswith("-feed")]
    assert [Routed.model_validate_json(h.get(out.headers, h.OUTLET) or "") for out in feeds] == list(
        verdict.data.outlets
    )
    assert feeds
    for out, routed in zip(feeds, verdict.data.outlets, strict=True):
        assert (out.key, out.value, out.partition, out.timestamp) == (came.key, value, 3, came.timestamp)
        assert h.get(out.headers, h.ID) == feed_id(event["source"], event["id"], routed.outlet)
        assert h.get(out.headers, h.VERDICT) == verdict.id == judged_id("publications", 3, 7, "verdict")
        assert h.get(out.headers, h.ORIGIN) == "publications/3/7"
        assert h.get(out.headers, h.PACK) == PACK.release
    assert verdict.data.outcome == "accepted"
    assert verdict.data.value_sha256 == hashlib.sha256(value).hexdigest()
    assert event["data"]["body"] not in verdict.model_dump_json()


def test_the_same_record_gives_the_same_bytes() -> None:
    records = [example(path.name.removeprefix("cn.gongkai.").removesuffix(".v1.json"))[1] for path in EXAMPLES]
    assert run(JUDGING, records) == run(Judging(load_pack(ROOT / "cities/example")), records)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_has_exactly_one_verdict_by_the_contract(path: Path) -> None:
    _, came = example(path.name.removeprefix("cn.gongkai.").removesuffix(".v1.json"))
    outputs = run(JUDGING, [came])
    verdict = verdict_of(outputs)
    kind = json.loads(path.read_bytes())["type"]
    assert verdict.data.outcome == ("accepted" if kind in EVENTS else "rejected"), verdict
    assert {out.topic for out in outputs} <= set(BY_NAME)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "NULL-VALUE"), (b"x" * 1_000_001, "SIZE"), (b"\xff", "UTF8"), (b"{", "JSON"), (b"[" * 10_000, "JSON"),
        (b"[]", "NOT-CLOUDEVENT"), (b'{"specversion":"1.0"}', "UNKNOWN-TYPE"),
        (b'{"specversion":"1.0","type":"cn.gongkai.publication.submitted.v9","id":"1","source":"/departments/D","subject":"D/1"}',
         "UNKNOWN-VERSION"),
        (b'{"specversion":"1.0","type":"cn.gongkai.publication.submitted.v1","id":"1"}', "INVALID"),
    ],
)  # fmt: skip
def test_what_can_not_be_judged_is_a_dead_letter_and_a_verdict(value: bytes | None, code: str) -> None:
    letter, said = run(JUDGING, [record(value)])
    assert (letter.topic, h.get(letter.headers, h.ERROR)) == (DEAD_LETTERS.name, code)
    assert letter.key == b"D01/k"
    verdict = verdict_of([said])
    assert (verdict.data.outcome, verdict.data.error) == ("dead", code)
    if code == "SIZE" and value is not None:
        assert letter.value == value[:HEAD_BYTES]
        assert h.get(letter.headers, h.LENGTH) == "1000001"
        assert h.get(letter.headers, h.SHA256) == hashlib.sha256(value).hexdigest()
    else:
        assert letter.value == value


def test_an_invalid_event_whose_sender_can_be_read_is_a_rejection() -> None:
    value, _ = example("publication.submitted")
    event = json.loads(value)
    del event["data"]["title"]
    outputs = run(JUDGING, [record(json.dumps(event).encode())])
    rejection = RejectionIssued.model_validate_json(next(o.value for o in outputs if o.topic == REJECTIONS.name) or b"")
    assert [finding.rule for finding in rejection.data.findings] == ["INVALID"]
    assert rejection.data.by == "router"
    assert verdict_of(outputs).data.outcome == "rejected"


def test_a_rejection_of_an_overlong_sender_keeps_to_the_contract() -> None:
    """A source may have 200 characters, a department's code 100; the rejection names as much as fits."""
    value, _ = example("publication.withdrawn")
    event = json.loads(value) | {"source": "/departments/" + "x" * 150}
    outputs = run(JUDGING, [record(json.dumps(event).encode())])
    (rejection,) = [
        RejectionIssued.model_validate_json(out.value or b"") for out in outputs if out.topic == REJECTIONS.name
    ]
    assert rejection.data.dept == "x" * 100


def test_traceparent_is_copied_and_an_absurd_one_is_not() -> None:
    value, came = example("publication.submitted")
    for trace, copied in ((b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01", True), (b"x" * 5_000, False)):
        outputs = run(
            JUDGING, [Record("publications", 3, 7, came.timestamp, came.key, value, ((h.TRACEPARENT, trace),))]
        )
        assert {h.get(out.headers, h.TRACEPARENT) is not None for out in outputs} == {copied}


def test_a_verdict_is_cut_and_counted_and_never_left_out() -> None:
    many = Finding(
        rule="R", severity="warn", basis="b" * 200, place="/data", message=Sentence(zh="长" * 300, en="x"),
        remedy=Sentence(zh="改", en="y"),
    )  # fmt: skip
    judging = Judging(PACK, judge=lambda *_: Judgement("accepted", (many,) * 500), route=lambda *_: ())
    _, came = example("publication.submitted")
    (out,) = run(judging, [came])
    verdict = verdict_of([out])
    assert len(out.value or b"") <= VERDICT_BYTES
    assert verdict.data.cut["findings"] + len(verdict.data.findings) == 500
    assert verdict.data.findings


def test_our_own_faults_are_dead_letters_with_a_verdict() -> None:
    letter, said = JUDGING.dead(record(b"anything"), "ENGINE-FAULT", "KeyError")
    assert h.get(letter.headers, h.ERROR) == "ENGINE-FAULT"
    assert verdict_of([said]).data.error == "ENGINE-FAULT"


@given(value=st.binary(max_size=200) | st.text(max_size=100).map(str.encode), key=st.none() | st.binary(max_size=300))
def test_hostile_bytes_never_escape(value: bytes, key: bytes | None) -> None:
    outputs = run(JUDGING, [Record("publications", 0, 0, 0, key, value)])
    assert verdict_of(outputs).data.outcome == "dead"


@given(
    head=st.fixed_dictionaries(
        {"specversion": st.just("1.0")},
        optional={name: st.text(max_size=250) | st.integers() | st.sampled_from(["\ud800", "D01/1", "/departments/D01"])
                  for name in ("id", "source", "subject", "type", "time")},
    )
)  # fmt: skip
def test_hostile_envelopes_never_escape(head: dict[str, object]) -> None:
    outputs = run(JUDGING, [record(json.dumps(head).encode())])
    assert verdict_of(outputs).data.outcome in {"dead", "rejected"}


def test_outputs_go_where_their_outlets_say() -> None:
    outputs = run(JUDGING, [example("publication.submitted")[1]])
    assert {out.topic for out in outputs} >= {PORTAL_FEED.name, NEWMEDIA_FEED.name, VERDICTS.name}
