"""Which release is in force when: a complete one, by its number and its instant, whatever else is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas.city import load_pack
from schemas.city.released import MAX_FILE_BYTES, CityRecord, Ignored, milliseconds, read
from schemas.city.releases import Releases
from schemas.city.sources import pack_files
from tests.support.releasing import EXAMPLE, example_files, records, replaced

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def taken(*given: CityRecord) -> Releases:
    """What is known after these records."""
    releases = Releases()
    for record in given:
        releases.add(record)
    return releases


def in_force(releases: Releases, arrival: datetime) -> int:
    """The number that judges what arrived then."""
    return releases.span(milliseconds(arrival)).release.number


def test_a_pack_from_memory_is_the_pack_from_its_folder() -> None:
    folder, memory = load_pack(EXAMPLE), load_pack(pack_files(EXAMPLE))
    assert folder.__dict__ == memory.__dict__


def test_the_first_release_judges_what_came_before_it_and_the_next_from_its_instant_on() -> None:
    releases = taken(
        *records(example_files(1), 1, NOON), *records(example_files(2), 2, NOON + 2 * HOUR, written=NOON + HOUR)
    )
    minute = timedelta(milliseconds=1)
    assert [in_force(releases, at) for at in (NOON - 999 * HOUR, NOON, NOON + 2 * HOUR - minute)] == [1, 1, 1]
    assert [in_force(releases, at) for at in (NOON + 2 * HOUR, NOON + 999 * HOUR)] == [2, 2]
    span = releases.span(milliseconds(NOON))
    assert (span.pack.release, span.since, span.until) == ("1", float("-inf"), milliseconds(NOON + 2 * HOUR))


def test_a_later_number_that_comes_into_force_sooner_stands_before_the_one_that_was_planned() -> None:
    releases = taken(
        *records(example_files(1), 1, NOON),
        *records(example_files(2), 2, NOON + 48 * HOUR, written=NOON),
        *records(example_files(3), 3, NOON + HOUR, written=NOON),
    )
    assert [in_force(releases, NOON + n * HOUR) for n in (0, 1, 47, 48, 99)] == [1, 3, 3, 3, 3]


def test_a_release_broken_off_does_not_count_and_can_be_repeated() -> None:
    first, second = records(example_files(1), 1, NOON), records(example_files(2), 2, NOON + HOUR)
    half = [*second[:3], second[-1]]
    releases = taken(*first, *half)
    assert [each.number for each in releases.all] == [1]
    assert "release 2 is not complete: " in releases.ignored[-1]
    for record in second:
        releases.add(record)
    assert [each.number for each in releases.all] == [1, 2]


def test_two_that_release_one_number_at_once_make_one_release() -> None:
    other = example_files(1, city=("示例数据，内容均为虚构。", "另一份示例数据。"))
    ours, theirs = records(example_files(1), 1, NOON), records(other, 1, NOON)
    mixed = [record for pair in zip(theirs, ours, strict=True) for record in pair]
    releases = taken(*mixed)
    assert [each.number for each in releases.all] == [1]
    assert releases.span(0).pack.city.notice == "另一份示例数据。"
    assert releases.ignored == ("release 1 comes after release 1",)


def test_a_number_is_used_even_by_a_release_that_nobody_can_read() -> None:
    broken = example_files(2, clocks=("[", "[["))
    releases = taken(*records(example_files(1), 1, NOON), *records(broken, 2, NOON + HOUR))
    assert in_force(releases, NOON + 9 * HOUR) == 1
    assert "release 2 can't be read: clocks.toml" in releases.ignored[-1]
    assert releases.add(records(example_files(2), 2, NOON + HOUR)[-1]) is None
    assert releases.ignored[-1] == "release 2 comes after release 2"


def test_a_release_whose_own_file_names_another_number_is_of_no_use() -> None:
    releases = taken(*records(example_files(1), 1, NOON), *records(example_files(7), 2, NOON + HOUR))
    assert in_force(releases, NOON + 9 * HOUR) == 1
    assert "says release '7', but was released as '2'" in releases.ignored[-1]


def test_no_release_reaches_back_before_it_was_written() -> None:
    late = records(example_files(2), 2, NOON - HOUR, written=NOON)
    releases = taken(*records(example_files(1), 1, NOON - 2 * HOUR), *late)
    assert [each.number for each in releases.all] == [1]
    assert "before it was written" in releases.ignored[-1]


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (None, b"x", "without key or value"),
        (b"city.toml", None, "without key or value"),
        (b"\xff\xfe", b"x", "not UTF-8"),
        (b"big.csv", b"x" * (MAX_FILE_BYTES + 1), f"more than {MAX_FILE_BYTES}"),
        (b"pack.released", b"\x00\xff", "can't be read"),
        (b"pack.released", b"[" * 100_000, "can't be read"),
        (b"pack.released", b'{"specversion": "1.0"}', "can't be read"),
    ],
)
def test_garbage_is_passed_over_with_a_reason(key: bytes | None, value: bytes | None, reason: str) -> None:
    found = read(CityRecord(key, value, 0))
    assert isinstance(found, Ignored)
    assert reason in found.reason


@pytest.mark.parametrize("path", ["/etc/passwd", "../up.toml", "a//b", "a\\b", "a\x00b", "", "."])
def test_a_release_names_no_file_outside_the_pack(path: str) -> None:
    [*_, last] = records(example_files(1), 1, NOON)
    assert last.value is not None
    quoted = path.replace("\\", "\\\\").replace("\x00", "\\u0000")
    bad = replace(last, value=replaced(last.value, '"clocks.toml"', f'"{quoted}"'))
    assert isinstance(read(bad), Ignored)


def test_old_packs_are_forgotten_and_read_again_when_asked_for() -> None:
    every = [records(example_files(n), n, NOON + n * HOUR) for n in range(1, 8)]
    releases = taken(*(record for one in every for record in one))
    seen = [releases.span(milliseconds(NOON + n * HOUR)).pack.release for n in (1, 7, 2, 3, 4, 5, 6, 1)]
    assert seen == ["1", "7", "2", "3", "4", "5", "6", "1"]


def test_nothing_is_in_force_before_the_first() -> None:
    with pytest.raises(LookupError, match="no release"):
        taken().span(0)
