"""`python -m bus.store.new_revision consumers.portal.tables "Add the column"`: write a part's next revision.

Upgrades an empty SQLite database by the revisions there are, compares it with the module's `metadata`, and writes
what is missing into the part's folder `migrations`. Read the file before it is committed.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from alembic import command

from bus.errors import EXIT_OK, EXIT_USAGE
from bus.store._engines import BEGIN, sqlite_engine
from bus.store.schema import COMMON_TREE, config, folder_of
from bus.store.tables import COMMON


def write(metadata: sa.MetaData, message: str) -> list[Path]:
    """Write the revision that brings a database to `metadata`; returns the files written."""
    tree = COMMON_TREE if metadata is COMMON else "part"
    if metadata is not COMMON:
        Path(metadata.info["migrations"]).mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        engine = sqlite_engine(Path(folder) / "empty.sqlite", "OFF")
        with engine.connect().execution_options(**{BEGIN: "BEGIN IMMEDIATE"}) as conn, conn.begin():
            command.upgrade(config(conn, tree, metadata), "head")
            number = len(list(folder_of(metadata).glob("[0-9]*.py"))) + 1
            written = command.revision(config(conn, tree, metadata), message, autogenerate=True, rev_id=f"{number:04}")
        engine.dispose()
    scripts = written if isinstance(written, list) else [written]
    return [Path(script.path) for script in scripts if script is not None]


def main(arguments: list[str]) -> int:
    """The command."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return EXIT_USAGE
    metadata = COMMON if arguments[0] == "common" else importlib.import_module(arguments[0]).metadata
    for path in write(metadata, arguments[1]):
        print(path)
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
