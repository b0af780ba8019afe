"""The router with a broker that does not answer for one topic as long as a file is there.

`python holding_router.py FILE TOPIC`: batches for TOPIC are taken and neither sent nor acknowledged; all others go
through. Whatever was committed past such a batch is lost when the router is killed.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from streams import router


def hold(file: Path, held: str) -> None:
    """Have every producer of this process hold back what goes to `held`."""
    send_batch = AIOKafkaProducer.send_batch

    async def holding(self: Any, batch: Any, topic: str, *, partition: int) -> Any:
        if topic == held and file.exists():  # noqa: ASYNC240 - a stat, in a test
            return asyncio.get_running_loop().create_future()
        return await send_batch(self, batch, topic, partition=partition)

    AIOKafkaProducer.send_batch = holding


if __name__ == "__main__":
    hold(Path(sys.argv[1]), sys.argv[2])
    sys.exit(router.main())
