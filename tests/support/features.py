"""The features table: `pytest --features` ends with every row of the feature list whose acceptance tests ran.

A test names its row by `@pytest.mark.feature("0-17")`. A row is passed when all its tests passed and at least one ran;
a row whose tests failed or were all skipped makes the run fail.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

_PROPERTY = "feature"
"""Under which a report names its test's rows: reports travel from the processes that run to the one that tells."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--features", action="store_true", help="run the features' tests alone and print their table")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--features") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Table())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--features"):
        return
    config.hook.pytest_deselected(items=[item for item in items if not _rows(item)])
    items[:] = [item for item in items if _rows(item)]
    for item in items:
        item.user_properties += [(_PROPERTY, row) for row in _rows(item)]


class _Table:
    """What became of each row's tests."""

    def __init__(self) -> None:
        self._outcomes: dict[str, dict[str, str]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            for name, row in report.user_properties:
                if name == _PROPERTY:
                    self._outcomes[str(row)][report.nodeid] = report.outcome

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("features")
        terminalreporter.write_line(f"{'row':<8}{'tests':>6}  outcome")
        for row in sorted(self._outcomes, key=_order):
            tests = self._outcomes[row]
            said = "passed" if _passed(tests) else "FAILED"
            terminalreporter.write_line(f"{row:<8}{len(tests):>6}  {said}", red=said != "passed")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        failed = not all(_passed(tests) for tests in self._outcomes.values())
        if failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _rows(item: pytest.Item) -> list[str]:
    return [row for mark in item.iter_markers("feature") for row in mark.args]


def _passed(tests: dict[str, str]) -> bool:
    return "passed" in tests.values() and not {"failed"} & set(tests.values())


def _order(row: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in row.split("-"))
