"""The features table: `pytest --features` ends with every row of the feature list whose acceptance tests ran.

A test names its row by `@pytest.mark.feature("0-17")`. A row is passed when all its tests passed and at least one ran;
a row whose tests failed or were all skipped makes the run fail.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

_OUTCOMES: pytest.StashKey[dict[str, dict[str, str]]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--features", action="store_true", help="run the features' tests alone and print their table")


def pytest_configure(config: pytest.Config) -> None:
    outcomes: dict[str, dict[str, str]] = defaultdict(dict)
    config.stash[_OUTCOMES] = outcomes


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--features"):
        return
    config.hook.pytest_deselected(items=[item for item in items if not _rows(item)])
    items[:] = [item for item in items if _rows(item)]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" or report.outcome != "passed":
        for row in _rows(item):
            item.config.stash[_OUTCOMES][row][item.nodeid] = report.outcome


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("--features"):
        return
    terminalreporter.section("features")
    terminalreporter.write_line(f"{'row':<8}{'tests':>6}  outcome")
    outcomes = config.stash[_OUTCOMES]
    for row in sorted(outcomes, key=_order):
        said = "passed" if _passed(outcomes[row]) else "FAILED"
        terminalreporter.write_line(f"{row:<8}{len(outcomes[row]):>6}  {said}", red=said != "passed")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--features") and session.exitstatus == pytest.ExitCode.OK:
        outcomes = session.config.stash[_OUTCOMES]
        if not all(_passed(tests) for tests in outcomes.values()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _rows(item: pytest.Item) -> list[str]:
    return [row for mark in item.iter_markers("feature") for row in mark.args]


def _passed(tests: dict[str, str]) -> bool:
    return "passed" in tests.values() and not {"failed"} & set(tests.values())


def _order(row: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in row.split("-"))
