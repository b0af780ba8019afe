"""A sink's consumer is given its partitions whatever kafka-python was asking the broker when it subscribed."""

from __future__ import annotations

import time
from typing import Any

import pytest
from kafka.cluster import ClusterMetadata
from kafka.coordinator.assignors.range import RangePartitionAssignor

from bus.settings import Settings
from bus.store._consuming import Consuming
from tests.bus.store.journal import Journal
from tests.support.waiting import eventually


class SlowAnswers:
    """Holds back each answer about no topic at all until partitions were assigned, or for a second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.assigned = False
        self._refresh = ClusterMetadata._do_refresh_metadata
        self._assign = RangePartitionAssignor.assign.__func__

        async def slowly(cluster: ClusterMetadata, node_id: object) -> None:
            await self._slowly(cluster, node_id)

        monkeypatch.setattr(ClusterMetadata, "_do_refresh_metadata", slowly)
        monkeypatch.setattr(RangePartitionAssignor, "assign", classmethod(self._noting))

    async def _slowly(self, cluster: Any, node_id: Any) -> None:
        apply = cluster.update_metadata
        about_nothing = not cluster.metadata_request().topics and not cluster.need_all_topic_metadata
        kept: list[Any] = []
        cluster.update_metadata = kept.append
        await self._refresh(cluster, node_id)
        end = time.monotonic() + 1.0
        while about_nothing and not self.assigned and time.monotonic() < end:
            await cluster._manager._net.sleep(0.02)
        cluster.update_metadata = apply
        for answer in kept:
            apply(answer)

    def _noting(self, cls: type, cluster: Any, members: Any) -> Any:
        try:
            return self._assign(cls, cluster, members)
        finally:
            self.assigned = True


@pytest.mark.integration
def test_a_subscription_made_while_metadata_is_on_its_way_still_gets_its_partitions(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kafka-python forgets that it must ask again when the answer to an older question comes after it joined."""
    SlowAnswers(monkeypatch)
    consuming = Consuming(settings, Journal(), static=True)
    try:
        given = eventually(lambda: consuming.poll() or consuming.newly_assigned(), 20, "partitions")
    finally:
        consuming.close()

    assert len(given) == settings.partitions * len(Journal().topics)
