"""What the routes need, wired once by `build_portal`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment
from sqlalchemy import Connection

from bus.clock import Clock
from bus.store import Relay, Store
from bus.web import environment
from consumers.portal.bell import Bell
from consumers.portal.catalogue.releases import Releases
from consumers.portal.counter.handing import Counter
from consumers.portal.platforms.readers import Readers
from consumers.portal.shelf import instant
from consumers.portal.site import Site, catalogue_path, field_path, item_path, matter_path, row_path
from schemas.city import Pack


@dataclass(frozen=True)
class Context:
    """The portal as its routes see it."""

    store: Store
    site: Site
    readers: Readers
    files: Callable[[str], Path]
    """Where the file of a digest lies, stored by the door."""
    clock: Clock
    bell: Bell
    reports: Store
    """What outside portals report, with its own outbox."""
    relay: Relay
    """Of `reports`."""
    templates: Environment
    releases: Releases
    """Packs as topic `city` released them."""
    counter: Counter
    """The door's, to which citizens' forms go."""

    def pack(self, conn: Connection) -> Pack:
        """The pack in force: its catalogue, fields and rules are what pages show."""
        return self.releases.current(conn, self.clock())

    def page(self, template: str, **values: object) -> str:
        """A template filled in."""
        return self.templates.get_template(template).render(site=self.site, **values)


def templates() -> Environment:
    """The portal's templates over the house's, with what they call."""
    made = environment("consumers.portal.web")
    made.globals |= {
        "instant": instant, "item_path": item_path, "file_path": file_path, "size": size, "row_path": row_path,
        "catalogue_path": catalogue_path, "field_path": field_path, "matter_path": matter_path,
    }  # fmt: skip
    return made


def file_path(subject: str, sha256: str) -> str:
    """Where an attachment of an item is fetched."""
    return f"/attachments/{sha256}{item_path(subject).removeprefix('/items')}"


def size(count: int) -> str:
    """Bytes for people."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.1f} KB" if count < 1024**2 else f"{count / 1024**2:.1f} MB"
