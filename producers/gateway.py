"""The door as one program: `python -m producers.gateway`.

Reads:    HTTP, drop folders, databases' outboxes, Kafka inboxes, outside platforms; `verdicts`, `receipts`,
          `rejections`, `dead-letters`; `city`.
Writes:   every input topic, and the door's own rejections and dead letters, through the outbox and its relay.
Keeps:    the store `gateway`, the store `keys`, files under `home/files`, citizens' sealed ones under `home/sealed`.
Fails to: exit 3 with one line; nothing that was answered 202 is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from fastapi import FastAPI

from bus import program
from bus.city import City, Packs
from bus.clock import Clock, now
from bus.settings import Settings
from bus.store import FOLLOWING, Relay, Sink, Store
from producers.citizens.desk import Desk
from producers.database import DatabaseOutboxes
from producers.files import FileDrop
from producers.http.app import create_app
from producers.http.door import Door
from producers.inbox import Inboxes
from producers.intake import Intake
from producers.keys import Keys
from producers.personal.erasing import Eraser
from producers.personal.files import SealedFiles
from producers.personal.opening import Opener
from producers.personal.sealing import Sealer
from producers.personal.vault import Vault
from producers.platform.line import Line
from producers.projection import DoorProjection
from producers.releasing import Releaser
from producers.tables import PART, metadata
from producers.uploads import Uploads
from producers.writer import Writer
from rules import judge


class Stores:
    """The service that is first to start and last to end: it gives the stores back."""

    name = "stores"
    failed: BaseException | None = None

    def __init__(self, store: Store, keys: Keys, uploads: Uploads) -> None:
        self._store = store
        self._keys = keys
        self._uploads = uploads

    def start(self) -> None:
        """They are open already; what a killed door left half-taken goes."""
        self._uploads.sweep()

    def stop(self) -> None:
        """Close them."""
        self._store.close()
        self._keys.close()

    def health(self) -> dict[str, object]:
        """Where they are."""
        return {"store": repr(self._store)}


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of the door, wired."""

    settings: Settings
    door: Door
    intake: Intake
    services: tuple[program.Service, ...]
    app: FastAPI


def build_gateway(settings: Settings, clock: Clock = now, packs: Packs | None = None) -> Gateway:
    """Wire the door; nothing runs yet. Without `packs` it follows the releases of the city."""
    packs = packs or City.open(settings, clock)
    store = Store(settings, PART, metadata)
    store.migrate()
    keys = Keys(settings)
    relay = Relay(settings, store, clock)
    uploads = Uploads(settings, store, clock)
    vault = Vault(settings, store, clock)
    judging = partial(judge, texts=uploads.text)
    intake = Intake(settings, store, packs, clock, judge=judging, seals=Sealer(vault), wake=relay.wake)
    writer = Writer(intake)
    sealed = SealedFiles(settings, store, vault)
    opener = Opener(store, vault, sealed)
    desk = Desk(store, intake, vault, sealed, opener)
    door = Door(
        packs, keys, writer, uploads, store, opener, Eraser(store, sealed), desk, settings.url_of("portal"), clock
    )
    services: tuple[program.Service, ...] = (
        *((packs,) if isinstance(packs, City) else ()),
        Stores(store, keys, uploads),
        relay,
        writer,
        Sink(_patient(settings), store, DoorProjection(), relay, clock, pace=FOLLOWING),
        Releaser(store, clock, relay.wake),
        FileDrop(settings, intake, uploads),
        DatabaseOutboxes(settings, intake),
        Inboxes(settings, intake),
        Line(settings, intake, opener),
    )
    return Gateway(settings, door, intake, services, create_app(door))


def _patient(settings: Settings) -> Settings:
    """For the follower: while Kafka is away the door stays open, and its outbox holds what comes, up to its limit."""
    return settings.model_copy(update={"infrastructure_deadline": timedelta(days=30).total_seconds()})


def main() -> None:
    """Run the door until told to end."""
    with program.one_line_exit():
        settings = Settings()
        gateway = build_gateway(settings)
        program.run("gateway", settings, gateway.services, gateway.app, settings.gateway_port)


if __name__ == "__main__":
    main()
