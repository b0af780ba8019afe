"""What the revisions make is what the modules declare, for the bus and every part, on both databases."""

from __future__ import annotations

import importlib
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bus.settings import Settings
from bus.store import Store, differences, part_metadata
from bus.store.new_revision import write
from bus.store.schema import COMMON_TREE
from bus.store.tables import COMMON
from tests.support.servers import plain_settings

ROOT = Path(__file__).parents[3]


def declared() -> list[str]:
    """Every module of a part that declares tables."""
    found = [*ROOT.glob("consumers/*/tables.py"), *ROOT.glob("producers/**/tables.py")]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(found)]
    return [name for name in modules if hasattr(importlib.import_module(name), "metadata")]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def offline(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of either store without a broker."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return plain_settings(tmp_path, database=url, prefix=f"m{uuid4().hex[:12]}.")


@pytest.mark.parametrize("module", declared())
def test_migrations_and_metadata_of_a_part_agree(offline: Settings, module: str) -> None:
    metadata = importlib.import_module(module).metadata
    assert "migrations" in metadata.info, f"{module} has no revisions: use part_metadata(__file__)"
    with Store(offline, "part", metadata) as store:
        store.migrate()
        with store.read() as conn:
            assert differences(conn, "part", metadata) == []


def test_migrations_of_the_common_tables_agree(offline: Settings) -> None:
    with Store(offline, "common", sa.MetaData()) as store:
        store.migrate()
        with store.read() as conn:
            assert differences(conn, COMMON_TREE, COMMON) == []


def test_migrating_twice_changes_nothing(offline: Settings) -> None:
    with Store(offline, "twice", sa.MetaData()) as store:
        store.migrate()
        store.migrate()
        with store.read() as conn:
            assert conn.execute(sa.text("SELECT version_num FROM alembic_common")).scalars().all() == ["0001"]


def test_a_column_without_a_revision_is_a_difference_and_the_next_revision_mends_it(
    offline: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "part"
    folder.mkdir()
    first = part_metadata(str(folder / "tables.py"))
    sa.Table("things", first, sa.Column("id", sa.Text, primary_key=True))
    write(first, "Make things")
    second = part_metadata(str(folder / "tables.py"))
    sa.Table("things", second, sa.Column("id", sa.Text, primary_key=True), sa.Column("size", sa.Integer))
    with Store(offline, "grown", second) as store:
        store.migrate()
        with store.read() as conn:
            assert [each[0] for each in differences(conn, "grown", second)] == ["add_column"]
        assert [path.name for path in write(second, "Give things a size")] == ["0002_give_things_a_size.py"]
        store.migrate()
        with store.read() as conn:
            assert differences(conn, "grown", second) == []
