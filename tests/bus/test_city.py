"""Releases over a real broker: what `gongkai city release` writes, what it refuses, and how a part follows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bus import cli, clients
from bus.city import City, Kept, plan, read_releases, release, release_first
from bus.city import releasing as releasing_module
from bus.errors import EXIT_FINDINGS, EXIT_OK, EXIT_USAGE, Fatal
from bus.programs import environment
from bus.settings import Settings
from bus.store.rebuilding import read_to_end
from schemas.city import load_pack
from schemas.city.released import manifest, milliseconds, records_of
from schemas.topics import CITY
from tests.support.releasing import EXAMPLE, example_files, replaced
from tests.support.waiting import eventually

pytestmark = pytest.mark.integration

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """Runs `gongkai city …`: exit code, and what it printed."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, str]:
        code = cli.run(["city", *words])
        printed = capfd.readouterr()
        return code, printed.out + printed.err

    return run


def folder(tmp_path: Path, number: int, **changed: tuple[str, str]) -> str:
    """The example's files as a release of that number, in a folder."""
    return written(tmp_path / f"pack-{number}-{len(changed)}", example_files(number, **changed))


def written(root: Path, files: dict[str, bytes]) -> str:
    for path, value in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(value)
    return str(root)


def numbers(settings: Settings) -> list[int]:
    return [each.number for each in read_releases(settings).all]


@contextmanager
def following(settings: Settings) -> Iterator[City]:
    city = City.open(settings, lambda: NOON + HOUR)
    city.start()
    try:
        yield city
    finally:
        city.stop()
        assert city.failed is None


def test_release_shows_what_changes_and_show_what_is_in_force(command: Any, tmp_path: Path) -> None:
    code, said = command(
        "release", folder(tmp_path, 1), "--at", "2026-01-05T09:00:00+08:00", "--note", "首次", "--json"
    )
    assert (code, json.loads(said)["released"], json.loads(said)["by"]) == (EXIT_OK, True, "zfb")
    two = folder(tmp_path, 2, city=("示例数据，内容均为虚构。", "仍为示例数据。"))
    code, said = command("release", two, "--dry-run", "--json")
    assert (code, json.loads(said)["changes"]["files"]["changed"]) == (EXIT_OK, ["city.toml"])
    code, said = command("release", two, "--by", "sjj", "--at", "2999-01-01T00:00:00+08:00")
    assert code == EXIT_OK
    assert "第2号城市包已发布" in said
    shown = json.loads(command("show", "--json")[1])
    assert (shown["release"], [each["by"] for each in shown["releases"]]) == ("1", ["zfb", "sjj"])
    assert json.loads(command("show", "--json", "--at", "2999-02-01T00:00:00+08:00")[1])["release"] == "2"
    assert "首次" in command("show")[1]


def test_a_number_is_used_once_and_the_next_one_is_named(command: Any, tmp_path: Path) -> None:
    assert command("release", folder(tmp_path, 3))[0] == EXIT_OK
    for number in (3, 2):
        code, said = command("release", folder(tmp_path, number, city=("虚构", "虚拟")))
        assert code == EXIT_FINDINGS
        assert 'release = "4"' in said


def test_an_instant_that_has_passed_and_a_department_that_nobody_knows_are_refused(
    command: Any, tmp_path: Path
) -> None:
    assert command("release", folder(tmp_path, 1))[0] == EXIT_OK
    two = folder(tmp_path, 2)
    assert command("release", two, "--at", "2020-01-05T09:00:00+08:00")[0] == EXIT_FINDINGS
    assert command("release", two, "--at", "tomorrow")[0] == EXIT_USAGE
    assert command("release", two, "--by", "nobody")[0] == EXIT_FINDINGS


def without_department(files: dict[str, bytes]) -> str:
    files["city.toml"] = replaced(files["city.toml"], 'lead_office = "zfb"', 'lead_office = "gone"')
    return "city.toml lead_office: PACK-REF"


def with_a_row_twice(files: dict[str, bytes]) -> str:
    lines = files["catalogues/basic.csv"].decode().splitlines(keepends=True)
    files["catalogues/basic.csv"] = "".join([*lines, lines[-1]]).encode()
    return f"catalogues/basic.csv:{len(lines) + 1} 序号: CAT-E08"


def with_a_row_before_its_parent(files: dict[str, bytes]) -> str:
    pack = load_pack(files)
    child = next(row for row in pack.rows if row.parent)
    assert child.parent
    path = pack.row[child.parent].catalogue
    header, *lines = files[path].decode("utf-8-sig").splitlines()
    [line] = [line for line in lines if line.startswith(f"{child.parent},")]
    cells = line.split(",")
    cells[header.split(",").index("from")] = "2999-01-01"
    files[path] = replaced(files[path], line, ",".join(cells))
    return f"when its parent {child.parent} is not"


@pytest.mark.parametrize("spoil", [without_department, with_a_row_twice, with_a_row_before_its_parent])
def test_a_bad_pack_is_refused_with_its_place_and_the_topic_is_left_as_it_was(
    command: Any, settings: Settings, tmp_path: Path, spoil: Callable[[dict[str, bytes]], str]
) -> None:
    files = example_files(2)
    place = spoil(files)
    code, said = command("release", written(tmp_path / "bad", files))
    assert code == EXIT_FINDINGS
    assert place in said
    assert not list(read_to_end(settings, CITY))


def test_parts_that_start_together_make_one_first_release(settings: Settings) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda n: release_first(settings, NOON + n * HOUR), range(3)))
    assert numbers(settings) == [1]


def test_a_release_that_broke_off_is_repeated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    release_first(settings, NOON)
    planned = plan(settings, example_files(2), at=NOON + HOUR, now=NOON)
    with monkeypatch.context() as patched:
        patched.setattr(releasing_module, "records_of", lambda said, files: list(_half(said, files)))
        with pytest.raises(releasing_module.Refusal):
            release(settings, planned, lambda: NOON)
    assert numbers(settings) == [1]
    release(settings, plan(settings, example_files(2), at=NOON + HOUR, now=NOON), lambda: NOON)
    assert numbers(settings) == [1, 2]


def test_a_release_is_never_in_force_before_it_is_written(settings: Settings) -> None:
    release_first(settings, NOON)
    later = NOON + timedelta(seconds=10)
    soon = plan(settings, example_files(2), at=NOON + timedelta(seconds=1), now=NOON)
    with pytest.raises(releasing_module.Refusal, match="has passed"):
        release(settings, soon, lambda: later)
    assert numbers(settings) == [1]
    at_once = plan(settings, example_files(2), at=timedelta(0), now=NOON)
    assert release(settings, at_once, lambda: later).said.data.released_at == later
    assert [each.said.released_at for each in read_releases(settings).all] == [NOON, later]
    assert [at for key, at in _written(settings) if key == b"pack.released"] == [
        milliseconds(at) for at in (NOON, later)
    ]


def _written(settings: Settings) -> list[tuple[bytes | None, int]]:
    return [(one.key, one.timestamp) for slice_ in read_to_end(settings, CITY) for one in slice_]


def _half(said: Any, files: Any) -> Any:
    every = list(records_of(said, files))
    return [*every[:2], every[-1]]


def test_a_part_learns_of_a_release_and_shows_what_counts_for_nothing(settings: Settings) -> None:
    with following(settings) as city:
        assert city.current().release.number == 1
        names = Kept(city, lambda span: span.pack.city.notice)
        assert "虚构" in names()
        sender = clients.producer(settings)
        sender.send(settings.topic(CITY), b"{", key=b"pack.released", partition=0).get(timeout=20)
        sender.close()
        files = example_files(2, city=("示例数据，内容均为虚构。", "第二号。"))
        release(settings, plan(settings, files, at=NOON + HOUR, now=NOON), lambda: NOON)
        city.ask().result(timeout=20)
        assert [city.at(milliseconds(at)).release.number for at in (NOON, NOON + HOUR)] == [1, 2]
        assert names() == "第二号。"
        health = city.health()
        assert (health["ok"], health["release"]) == (True, "2")
        assert "can't be read" in health["ignored"][0]


def test_a_part_that_follows_needs_nobody_to_ask(settings: Settings) -> None:
    with following(settings) as city:
        release(settings, plan(settings, example_files(2), at=NOON + HOUR, now=NOON), lambda: NOON)
        eventually(lambda: city.current().release.number == 2)


def test_who_asks_and_is_cancelled_stops_nobody_else(settings: Settings) -> None:
    with following(settings) as city:
        for _ in range(20):
            given_up, waited_for = city.ask(), city.ask()
            given_up.cancel()
            waited_for.result(timeout=30)
        assert city.failed is None


def test_a_topic_with_nothing_of_use_and_a_missing_one_are_named(settings: Settings, fresh_settings: Settings) -> None:
    bad = example_files(1)
    sender = clients.producer(settings)
    said = plan(settings, bad, at=NOON, now=NOON).said
    worse = {**bad, "clocks.toml": replaced(bad["clocks.toml"], "[", "[[")}
    for record in records_of(said.model_copy(update={"data": _over(said, worse)}), worse):
        sender.send(settings.topic(CITY), record.value, key=record.key, partition=0)
    sender.flush()
    sender.close()
    with pytest.raises(Fatal, match="no release of the city pack can be used"):
        City.open(settings)
    with pytest.raises(Fatal, match="is missing"):
        read_releases(fresh_settings.model_copy(update={"prefix": "nowhere."}))


def _over(said: Any, files: Any) -> Any:
    return said.data.model_copy(update={"files": manifest(files)})


def test_the_example_is_released_as_it_stands(settings: Settings) -> None:
    release_first(settings, NOON)
    [found] = read_releases(settings).all
    assert found.load().__dict__ == load_pack(EXAMPLE).__dict__
