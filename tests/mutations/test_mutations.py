"""A change of any single rule of the pack is noticed, and the tool that says so does find what is not."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.cities.observed.asking import World, example
from tests.cities.observed.observers import questions
from tests.mutations.csv_mutants import table, written
from tests.mutations.mutant import Mutant
from tests.mutations.report import RESULTS, as_text, read, report_of, write
from tests.mutations.running import Runner, mutants, remembered
from tests.mutations.toml_mutants import dumped

FILES = example()
ALL = list(mutants(FILES))
SAMPLE = 500
"""One in so many is tried here, other ones whenever the pack changes; all of them under `full`."""


def survivors(tried: list[Mutant]) -> list[str]:
    with remembered():
        return [str(one.mutant) for one in Runner(FILES).run(tried) if one.verdict == "survived"]


def mutant(file: str, where: str, what: str) -> Mutant:
    return next(one for one in ALL if (one.file, one.where, one.what) == (file, where, what))


def test_a_sample_of_changed_rules_is_noticed() -> None:
    assert not survivors(ALL[::SAMPLE])


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_every_changed_rule_is_noticed() -> None:
    assert not survivors(ALL)


@pytest.mark.full
def test_the_kept_report_is_of_this_pack() -> None:
    report = read(RESULTS / "report.json")
    counted = Counter(one.file for one in ALL)
    assert {file: part.mutants for file, part in report.items()} == counted, "run make test-mutations again"
    assert not [one for part in report.values() for one in part.survivors]


def test_every_file_of_the_pack_has_mutants() -> None:
    assert {one.file for one in ALL} == FILES.keys()


@pytest.mark.parametrize("file", [name for name in FILES if name.endswith(".toml")])
def test_a_table_written_out_says_what_it_said(file: str) -> None:
    found = tomllib.loads(FILES[file].decode())
    assert tomllib.loads(dumped(found)) == found


@pytest.mark.parametrize("file", [name for name in FILES if name.endswith(".csv")])
def test_a_file_of_cells_written_out_says_what_it_said(file: str) -> None:
    assert table(written(FILES[file], {})) == table(FILES[file])


SEEN = (
    ("columns.toml", "policies.keywords", "typo", "columns"),
    ("clocks.toml", "CLK-06.n", "+1", "clocks"),
    ("checks/typos.toml", "typos.部署.0", "dropped", "texts"),
    ("registers/power-list.toml", "fields.1.values.9", "dropped", "registers"),
    ("catalogues/basic.csv", "01-02 公开渠道和载体", "公开查阅点 unticked", "rows"),
)


@pytest.mark.parametrize(("file", "where", "what", "observer"), SEEN, ids=[one[3] for one in SEEN])
def test_a_change_survives_where_its_observer_is_taken_away(file: str, where: str, what: str, observer: str) -> None:
    """Two small sets of questions, so that neither takes long: the observer's own, and another's."""
    world, one = World.of(FILES), mutant(file, where, what)
    own, other = questions(world, (observer,)), questions(world, ("gazette",))
    with remembered():
        assert [found.verdict for found in Runner(FILES, own).run([one])] == ["observation"]
        assert [found.verdict for found in Runner(FILES, other).run([one])] == ["survived"]


def test_what_the_loader_refuses_is_told_by_its_code() -> None:
    one = mutant("catalogues/basic.csv", "01-01 公开依据", "removed")
    assert [(found.verdict, found.by) for found in Runner(FILES, []).run([one])] == [("check", "CAT-E01")]


def test_a_batch_tells_its_mutants_apart() -> None:
    """One that is refused, one that is seen and one that says the same, tried together."""
    asked = questions(World.of(FILES), ("rows",))
    tried = [
        mutant("catalogues/basic.csv", "01-01 公开依据", "removed"),
        mutant("catalogues/basic.csv", "01-02 公开依据", "typo"),
        mutant("catalogues/basic.csv", "01-03 n", "removed"),
    ]
    found = {one.mutant.where: one.verdict for one in Runner(FILES, asked).run(tried)}
    assert found == {"01-01 公开依据": "check", "01-02 公开依据": "observation", "01-03 n": "same"}


def test_the_report_names_every_survivor_and_keeps_what_it_said(tmp_path: Path) -> None:
    one = mutant("columns.toml", "policies.keywords", "typo")
    report = report_of(Runner(FILES, []).run([one]))
    assert report["columns.toml"].survivors == [str(one)]
    assert "- columns.toml policies.keywords: typo" in as_text(report)
    write(tmp_path / "report.json", report)
    assert read(tmp_path / "report.json") == report
