"""`pytest --features` tells the truth about the rows whose tests ran."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import pytest

@pytest.mark.feature("0-17")
def test_one(): pass

@pytest.mark.feature("0-2")
@pytest.mark.feature("0-17")
def test_two(): assert {second}

@pytest.mark.feature("1-19")
def test_three(): {third}

def test_other(): assert False
"""


@pytest.fixture
def run(pytester: pytest.Pytester, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PYTHONPATH", str(request.config.rootpath))
    pytester.makeini("[pytest]\nmarkers = feature(number): row")

    def run(second: str = "True", third: str = "pass", *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(TESTS.format(second=second, third=third))
        return pytester.runpytest_subprocess("-p", "tests.support.features", *(arguments or ("--features",)))

    return run


def test_only_tests_of_features_run_and_each_row_is_shown(run) -> None:  # type: ignore[no-untyped-def]
    result = run()
    result.assert_outcomes(passed=3, deselected=1)
    result.stdout.fnmatch_lines(["0-2 *1  passed", "0-17 *2  passed", "1-19 *1  passed"])
    assert result.ret == 0


def test_several_processes_fill_one_table(run) -> None:  # type: ignore[no-untyped-def]
    result = run("False", "pass", "--features", "-n", "2")
    result.stdout.fnmatch_lines(["0-2 *1  FAILED", "0-17 *2  FAILED", "1-19 *1  passed"])
    assert result.ret == 1


def test_a_row_with_a_failed_test_fails_the_run(run) -> None:  # type: ignore[no-untyped-def]
    result = run(second="False")
    result.stdout.fnmatch_lines(["0-2 *1  FAILED", "0-17 *2  FAILED", "1-19 *1  passed"])
    assert result.ret == 1


def test_a_row_whose_tests_were_all_skipped_is_not_passed(run) -> None:  # type: ignore[no-untyped-def]
    result = run("True", "pytest.skip('not here')")
    result.stdout.fnmatch_lines(["1-19 *1  FAILED"])
    assert result.ret == 1


def test_without_the_option_nothing_changes(run) -> None:  # type: ignore[no-untyped-def]
    result = run("True", "pass", "-q")
    result.assert_outcomes(passed=3, failed=1)
    assert "features" not in result.stdout.str()
