"""What a look at the clock and a worklist cost, where 10,000, 100,000 and 1,000,000 duties are open.

    python -m benchmarks.duties [--sizes 10000 100000 1000000] [--database URL]

Needs no broker: the log's ends are given. `idle_ms` is a look at which nothing is due, over every partition; `due_ms`
one that tells of 500 duties (rows read, words kept, records in the outbox, commit); `worklist_ms` a department's next
50 duties by day. Medians of several; `rows_read` are counted, not timed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import report
from bus.settings import Settings
from bus.store import Store, bulk, positions
from bus.store.positions import Extent
from rules.calendar import SHANGHAI
from rules.lifecycle import Duty
from schemas.city import Pack, load_pack
from streams import duties
from streams.duties.entry import Entry
from streams.duties.tables import DUTIES, OWED, ms
from streams.duties.ticker import Around, Ticked, Ticker

PARTITIONS, DUE, DAYS, RUNS, CHUNK = 12, 500, 300, 5, 20_000
START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
_WORKLIST = (
    sa.select(DUTIES.c.doc)
    .join(OWED, OWED.c.duty == DUTIES.c.id)
    .where(OWED.c.dept == sa.bindparam("of_dept"))
    .order_by(OWED.c.due)
    .limit(50)
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    pack = load_pack("cities/example")
    figures = {}
    for size in asked.sizes:
        figures[str(size)] = measured(pack, size, asked.database)
        print(f"{size:>9,} open: {figures[str(size)]}", file=sys.stderr)
    first, last = figures[str(asked.sizes[0])], figures[str(asked.sizes[-1])]
    report.keep("duties", {
        "benchmark": "duties", "machine": report.machine(), "versions": report.versions("sqlalchemy", "msgspec"),
        "database": "postgresql" if asked.database else "sqlite", "due": DUE, "partitions": PARTITIONS,
        "figures": figures, "ratios": {name: round(last[name] / first[name], 2) for name in ("idle_ms", "due_ms")},
    })  # fmt: skip


def measured(pack: Pack, size: int, database: str) -> dict[str, float]:
    """One store of that size, its looks and its worklists."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home, database=database, prefix=f"b{uuid.uuid4().hex[:8]}.", _env_file=None)
        with Store(settings, "matters", duties.metadata) as store:
            store.migrate()
            fill(store, pack, size)
            return looked(store, pack)


def fill(store: Store, pack: Pack, size: int) -> None:
    """Duties whose next word lies in the days to come, spread evenly; a batch of 500 falls due on each of five."""
    with store.begin() as conn:
        for partition in range(PARTITIONS):
            positions.take_over(conn, store, "matters", partition, Extent("bench", 0, 1))
    depts = [one.code for one in pack.departments if one.to is None]
    for first in range(0, size, CHUNK):
        entries = [entry(number, depts) for number in range(first, min(size, first + CHUNK))]
        rows = [one.row(pack) | {"next_at": next_at(number)} for number, one in enumerate(entries, first)]
        owed = [{"dept": dept, "due": due, "duty": one.duty.id} for one in entries for dept, due in one.owes()]
        with store.begin() as conn:
            bulk.insert(conn, DUTIES, rows)
            bulk.insert(conn, OWED, owed)


def next_at(number: int) -> int:
    """The first 500 × 5 fall due in five looks, all others from a month later on."""
    if number < DUE * RUNS:
        at = START + timedelta(hours=1 + number // DUE)
    else:
        at = START + timedelta(days=30, minutes=number % (DAYS * 24 * 60))
    return ms(at)


def entry(number: int, depts: list[str]) -> Entry:
    """A duty, overdue by the first looks where it is one of theirs."""
    dept = depts[number % len(depts)]
    due = START - timedelta(days=3) if number < DUE * RUNS else START + timedelta(days=31 + number % DAYS)
    duty = Duty(
        id=f"{dept}/{number}#work#1", subject=f"{dept}/{number}", clock="work", name="办理", rule="FOI-A33",
        law="FOI-A33", basis="政府信息公开条例第三十三条", depts=(dept,), since=START - timedelta(days=30), due=due,
        opened_at=START - timedelta(days=30), ladder="standard",
    )  # fmt: skip
    made = Entry(duty, "foi-request", f"事项{number}", "matters", number % PARTITIONS, 1)
    made.told_from = START - timedelta(days=30)
    return made


def looked(store: Store, pack: Pack) -> dict[str, float]:
    """Looks at which nothing is due, looks at which 500 are, worklists."""
    now = [START]
    places = {("matters", partition): 1 for partition in range(PARTITIONS)}
    around = Around(lambda _: pack, lambda: places, lambda: dict.fromkeys(places, 0), lambda: now[0].astimezone(UTC))
    ticker = Ticker(store, around)
    ticker.tick()
    idle = [timed(ticker.tick) for _ in range(RUNS)]
    due = []
    for number in range(RUNS):
        now[0] = START + timedelta(hours=1 + number, minutes=1)
        due.append(timed(ticker.tick))
    lists = [timed(lambda dept=one.code: worklist(store, dept)) for one in pack.departments[:20]]  # type: ignore[misc]
    assert all(isinstance(one, Ticked) and one.due == DUE for _, one in due)
    return {
        "idle_ms": median(idle), "due_ms": median(due), "worklist_ms": median(lists),
        "worklist_slowest_ms": round(max(spent for spent, _ in lists), 2),
        "rows_read_idle": idle[0][1].due, "rows_read_due": due[0][1].due,
    }  # fmt: skip


def worklist(store: Store, dept: str) -> list[Any]:
    with store.read() as conn:
        return list(conn.execute(_WORKLIST, {"of_dept": dept}).scalars())


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    answer = call()
    return (time.perf_counter() - begun) * 1000, answer


def median(runs: list[tuple[float, Any]]) -> float:
    return report.spread([spent for spent, _ in runs], 2)["median"]


if __name__ == "__main__":
    main()
