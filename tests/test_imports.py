"""The house's one direction: schemas ← rules, schemas ← bus, both ← the stations, which never import one another."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

STATIONS = ("producers", "streams", "consumers")
ALLOWED = {
    "schemas": {"schemas"},
    "rules": {"rules", "schemas"},
    "bus": {"bus", "schemas"},
    **{station: {station, "schemas", "rules", "bus"} for station in STATIONS},
}
READERS = ("portal", "newmedia", "gazette", "assessment", "notices")
PURE = {"kafka", "aiokafka", "faust", "sqlalchemy", "fastapi", "httpx", "psycopg", "sqlite3", "socket", "subprocess"}


def modules(folder: str) -> list[Path]:
    return sorted(Path(folder).rglob("*.py"))


def imported(module: Path) -> set[str]:
    """Every name that a module imports, wherever in it, in full."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import hides where it leads"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return names


@pytest.mark.parametrize("folder", ALLOWED)
def test_imports_point_one_way(folder: str) -> None:
    assert modules(folder)
    for module in modules(folder):
        ours = {name.partition(".")[0] for name in imported(module)} & set(ALLOWED)
        assert ours <= ALLOWED[folder], f"{module} imports {ours - ALLOWED[folder]}"


@pytest.mark.parametrize("reader", READERS)
def test_consumers_never_import_one_another(reader: str) -> None:
    for module in modules(f"consumers/{reader}"):
        others = {name for name in imported(module) if name.startswith("consumers.") and name.count(".") >= 1}
        foreign = {name for name in others if name.split(".")[1] in set(READERS) - {reader}}
        assert not foreign, f"{module} imports {foreign}"


@pytest.mark.parametrize("folder", ["rules", "schemas"])
def test_what_is_pure_touches_no_infrastructure(folder: str) -> None:
    for module in modules(folder):
        roots = {name.partition(".")[0] for name in imported(module)}
        assert not roots & PURE, f"{module} imports {roots & PURE}"


def test_nothing_imports_from_a_conftest() -> None:
    for module in modules("tests"):
        assert not any(name.endswith("conftest") for name in imported(module)), module


def test_the_walk_sees_an_import_inside_a_function(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("def f():\n    from consumers.portal import x\n")
    assert "consumers.portal.x" in imported(module)
