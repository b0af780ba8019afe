"""The consumer under a sink comes back into its group, whatever moment a poll is cut short in."""

from __future__ import annotations

from contextlib import closing

import pytest

from bus.settings import Settings
from bus.store._consuming import Consuming
from tests.bus.store.journal import Journal
from tests.support.waiting import eventually

pytestmark = pytest.mark.integration


def assigned(consuming: Consuming) -> int:
    consuming.poll()
    return len(consuming.newly_assigned())


def test_a_rejoin_that_ends_between_two_polls_is_finished(settings: Settings) -> None:
    with closing(Consuming(settings, Journal(), static=True)) as consuming:
        eventually(lambda: assigned(consuming) == settings.partitions, 30)
        consuming.on_partitions_revoked([*consuming._new])
        coordinator = consuming._consumer._coordinator
        coordinator._assignment_snapshot = {}  # as after a join on metadata that had not come yet
        coordinator.poll(timeout_ms=0)  # the rejoin begins, and the poll is over before it ends

        eventually(lambda: coordinator._join_task is None or coordinator._join_task.is_done, 30, "the group has joined")
        assert coordinator.rejoining
        eventually(lambda: assigned(consuming) == settings.partitions, 30, "every partition is assigned again")
        assert not coordinator.rejoining
