"""The journal as a program of its own, to be killed: `python -m tests.bus.store.journal_program`."""

from __future__ import annotations

import signal
import threading

from bus.settings import Settings
from bus.store import Relay, Sink, Store
from tests.bus.store.journal import METADATA, Journal


def main() -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = Settings()
    with Store(settings, "portal", METADATA) as store:
        store.migrate()
        relay = Relay(settings, store)
        sink = Sink(settings, store, Journal(), relay)
        relay.start()
        sink.start()
        while not stop.wait(0.2):
            if sink.failed or relay.failed:
                break
        sink.stop()
        relay.stop()


if __name__ == "__main__":
    main()
