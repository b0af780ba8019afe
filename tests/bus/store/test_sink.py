"""A record has its effect once, whatever is repeated, restarted or taken over."""

from __future__ import annotations

import sqlalchemy as sa

from bus.settings import Settings
from bus.store import Relay, Sink, Store
from tests.bus.store.journal import EFFECTS, METADATA, Journal, feed, outgoing, read_all
from tests.support.waiting import eventually


def effects(store: Store) -> dict[str, int]:
    with store.read() as conn:
        return {row.text: row.count for row in conn.execute(sa.select(EFFECTS.c.text, EFFECTS.c.count))}


def test_each_record_once_across_restarts_and_repeats(any_store_settings: Settings) -> None:
    settings = any_store_settings
    texts = [f"t{number}" for number in range(200)]
    for round_ in range(3):
        feed(settings, [outgoing(text, f"d/{text}") for text in texts[: 100 + 50 * round_]])
        with Store(settings, "portal", METADATA) as store:
            store.migrate()
            relay = Relay(settings, store)
            sink = Sink(settings, store, Journal(), relay)
            relay.start()
            sink.start()
            try:
                wanted = dict.fromkeys(texts[: 100 + 50 * round_], 1)
                eventually(lambda: sink.failed or effects(store) == wanted, saying="every effect once")
                eventually(lambda: relay.failed or relay.health()["waiting"] == 0, saying="outbox empty")
                assert sink.failed is None
                assert relay.failed is None
                assert effects(store) == wanted
            finally:
                sink.stop()
                relay.stop()
    assert len(read_all(settings, "receipts")) == 200
