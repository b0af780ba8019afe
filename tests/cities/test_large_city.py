"""A city of four levels with three thousand units loads, and is released in records of a size that travels."""

from __future__ import annotations

import csv
import io
import time
import tracemalloc
from datetime import UTC, date, datetime

import pytest

from schemas.city import Pack, load_pack
from schemas.city.released import MAX_FILE_BYTES, milliseconds
from schemas.city.releases import Releases
from schemas.city.uscc import org_check, uscc_check
from tests.support.releasing import example_files, records

STREETS, VILLAGES, DISTRICTS = 172, 2_857, 8
DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


def uscc(number: int) -> str:
    first8 = f"{60_000_000 + number}"
    first17 = f"11999900{first8}{org_check(first8)}"
    return first17 + uscc_check(first17)


def units() -> list[dict[str, str]]:
    """Districts, streets and villages, each under one of the level above."""
    found: list[dict[str, str]] = []
    for level, count, above, letter in (
        ("区", DISTRICTS, ["zfb"], "d"), ("街镇", STREETS, [f"d-{n}" for n in range(DISTRICTS)], "s"),
        ("村居", VILLAGES, [f"s-{n}" for n in range(STREETS)], "v"),
    ):  # fmt: skip
        for n in range(count):
            code = f"{letter}-{n}"
            found.append({
                "code": code, "uscc": uscc(len(found)), "name": f"示例市{level}{code}", "short_name": f"{level}{code}",
                "level": level, "parent": above[n % len(above)], "class": "D", "leader_post": f"{level}{code}主任",
                "from": "2010-01-01",
            })  # fmt: skip
    return found


def large_city() -> dict[str, bytes]:
    """The example's files with those units among its departments."""
    files = example_files(1)
    file = io.StringIO(files["departments.csv"].decode("utf-8-sig"), newline="")
    rows = list(csv.DictReader(file))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*rows, *units()])
    return {**files, "departments.csv": out.getvalue().encode()}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(large_city())


def test_three_thousand_units_of_four_levels_stand_under_one_another(pack: Pack) -> None:
    counted = {level: len(pack.departments_on(DAY, level)) for level in ("市", "区", "街镇", "村居")}
    assert counted["街镇"] >= STREETS
    assert counted["村居"] >= VILLAGES
    assert counted["市"] >= 52
    assert sum(counted.values()) > 3_000
    assert pack.above["v-0"] >= {"s-0", "d-0", "zfb"}


def test_rows_and_outlets_of_a_level_are_found_for_each_of_its_units(pack: Pack) -> None:
    row = next(row for row in pack.rows if "v-0" in pack.publishers_of(row))
    villages = [each.code for each in pack.departments_on(DAY, "村居")]
    assert all(pack.may_publish(row, code, DAY) for code in villages if code.startswith("v-"))
    municipal = next(row for row in pack.rows if row.levels == ("市",))
    assert not any(pack.may_publish(municipal, code, DAY) for code in villages)
    assert {each.id for each in pack.outlets_for(("政府网站",), "v-7", "动态")} >= {"portal"}


def test_a_release_of_it_is_read_from_its_records(capsys: pytest.CaptureFixture[str]) -> None:
    given = records(large_city(), 1, NOW)
    assert max(len(record.value or b"") for record in given) < MAX_FILE_BYTES
    tracemalloc.start()
    began = time.perf_counter()
    releases = Releases()
    for record in given:
        releases.add(record)
    loaded = releases.span(milliseconds(NOW)).pack
    loaded.outlets_for(("政府网站",), "v-7", "动态")
    seconds, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with capsys.disabled():
        print(f"\n{len(loaded.departments)} units, {len(loaded.rows)} rows: {seconds:.2f} s, {peak / 1e6:.0f} MB")
    assert len(loaded.departments) > 3_000
