"""Migrations: one tree for the common tables, one for each part, each with its own version table.

`bus/store/migrations/env.py` is the only Alembic environment; a part brings a folder of revisions and nothing else.
How to declare tables and make a revision: docs/stores.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from bus.store.tables import COMMON, NAMING, Instant

ENVIRONMENT = Path(__file__).with_name("migrations")
COMMON_TREE = "common"


def part_metadata(module_file: str, by_hand: tuple[str, ...] = ()) -> sa.MetaData:
    """Make the `MetaData` that a part's `tables.py` declares its tables in; it gives its own `__file__`.

    Its revisions lie in the folder `migrations` beside that module. `by_hand` are beginnings of the names of tables
    that a revision makes by its own SQL (a search index), which are left alone when metadata and database are compared.
    """
    folder = Path(module_file).with_name("migrations")
    return sa.MetaData(naming_convention=NAMING, info={"migrations": folder, "by_hand": by_hand})


def upgrade(conn: sa.Connection, schema: str, part: str, metadata: sa.MetaData) -> None:
    """Bring both trees to their newest revision within the caller's transaction.

    Metadata without a folder of revisions (a projection of a test or benchmark) has its tables created as declared.
    """
    if conn.dialect.name == "postgresql":
        _make_schema(conn, schema)
    command.upgrade(config(conn, COMMON_TREE, COMMON), "head")
    if "migrations" in metadata.info:
        command.upgrade(config(conn, part, metadata), "head")
    else:
        metadata.create_all(conn)


def config(conn: sa.Connection, tree: str, metadata: sa.MetaData) -> Config:
    """Alembic's configuration of one tree on one connection."""
    config = Config()
    config.set_main_option("script_location", str(ENVIRONMENT).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(folder_of(metadata)).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["options"] = {"connection": conn, "target_metadata": metadata, **options(tree, metadata)}
    return config


def options(tree: str, metadata: sa.MetaData) -> dict[str, Any]:
    """How one tree looks at a database that holds others' tables too."""
    return {
        "version_table": f"alembic_{tree}",
        "include_name": _owned_by(metadata),
        "compare_type": True,
        "render_item": _render,
        "transactional_ddl": True,
        "render_as_batch": False,
    }


def differences(conn: sa.Connection, tree: str, metadata: sa.MetaData) -> list[Any]:
    """What a migrated database lacks of `metadata`, or has beyond it; empty where they agree."""
    context = MigrationContext.configure(conn, opts={"target_metadata": metadata, **options(tree, metadata)})
    return list(compare_metadata(context, metadata))


def _make_schema(conn: sa.Connection, schema: str) -> None:
    """Make the schema, one copy at a time: `CREATE … IF NOT EXISTS` alone may fail when two try at once."""
    conn.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(schema))))
    conn.execute(sa.schema.CreateSchema(schema, if_not_exists=True))


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A revision stands on SQLAlchemy alone, so that it still runs when this code has moved on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def folder_of(metadata: sa.MetaData) -> Path:
    """Where the revisions of this metadata lie."""
    return ENVIRONMENT / "versions" if metadata is COMMON else Path(metadata.info["migrations"])


def _owned_by(metadata: sa.MetaData) -> Callable[[str | None, str, Any], bool]:
    """Which reflected names one tree answers for: all but the other trees' and those made by hand."""
    others = ("alembic_",) if metadata is COMMON else ("alembic_", "gk_", *metadata.info.get("by_hand", ()))

    def owned(name: str | None, kind: str, _parents: Any) -> bool:
        if kind != "table":
            return True
        if metadata is COMMON:
            return name in metadata.tables
        return not (name or "").startswith(others)

    return owned
