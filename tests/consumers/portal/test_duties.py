"""Days that were set anew and rungs, as topic `duties` tells of them, on the pages that show what is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bus.errors import Fatal
from bus.record import Record
from consumers.portal import tables as t
from consumers.portal.matters.duties import campaign_of, take_duties
from schemas.records import DutyNotice, DutyNoticed, Progress
from schemas.topics import DUTIES
from tests.consumers.portal.feeding import opened, plain
from tests.consumers.portal.moving import Movers, movers
from tests.support.events import NOON

KEY = "zfb/H-1"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Movers]:
    with movers(tmp_path) as made:
        made.open("hot-spot", KEY, "城东片区停水", lead_dept="zfb", source="网络", found_at="2026-09-21T11:00:00+08:00")
        yield made


def due_of(city: Movers) -> DutyNotice:
    with city.portal.shelf.store.read() as conn:
        doc = conn.execute(sa.select(t.matters.c.doc).where(t.matters.c.subject == KEY)).scalar_one()
    return Progress.model_validate_json(doc).dues[0]


def said(notice: DutyNotice, offset: int, **change: Any) -> Record:
    data = notice.model_copy(update=change)
    value = DutyNoticed(
        specversion="1.0", id=f"word-{data.duty}-{data.version}", source="/engine/matters",
        type="cn.gongkai.duty.noticed.v1", subject=data.subject, time=NOON, data=data,
    )  # fmt: skip
    raw = value.model_dump_json(exclude_none=True).encode()
    return Record(DUTIES.name, 0, offset, 0, data.subject.encode(), raw, ())


def test_a_day_that_was_set_anew_is_shown_and_a_word_that_came_late_changes_nothing(city: Movers) -> None:
    due = due_of(city)
    later = datetime.fromisoformat("2026-09-28T18:30:00+08:00")
    assert "2026-09-28 18:30" not in city.portal.text(f"/matters/{KEY}")
    change = {"due": later.date(), "due_at": later, "what": "redated", "at": NOON + timedelta(hours=1)}
    city.portal.shelf.apply([said(due, 0, version=3, **change), said(due, 1, version=2, what="opened", at=NOON)])
    assert "2026-09-28 18:30" in city.portal.text(f"/matters/{KEY}")
    city.portal.now[0] = NOON
    assert "还剩 7 天" in city.portal.text("/matters/board")


def test_a_step_that_came_after_the_word_stands(city: Movers) -> None:
    due = due_of(city)
    city.portal.shelf.apply([said(due, 0, version=1, what="opened", at=NOON - timedelta(hours=1))])
    city.step(KEY, "verified", level="一般", involves="涉及公众切身利益")
    city.step(KEY, "responded", form="网上答复", response="已经恢复供水。")
    assert "已完成，按期" in city.portal.text(f"/matters/{KEY}")


def test_words_give_the_same_rows_in_any_order_and_a_rung_taken_back_is_gone(tmp_path: Path) -> None:
    subject = "fgw/duty.catalogue-completion.2026"
    base = DutyNotice(
        duty=f"{subject}#due#1", clock="due", dept="fgw", subject=subject,
        due=date(2026, 3, 31), title="某人的来信", reason="不公开的理由", depts=("fgw",), opened_at=NOON,
    )  # fmt: skip
    rung = {"what": "rung", "rung": "supervised", "rung_name": "督办", "at": NOON}
    words = [
        said(base, 0, version=1), said(base, 1, version=2, **rung),
        said(base, 2, version=3, **rung | {"what": "rung-cancelled", "cancels": f"word-{base.duty}-2"}),
        said(base, 3, version=4, what="closed", state="closed", closed_at=NOON),
    ]  # fmt: skip
    found = set()
    with opened(plain(tmp_path)) as shelf:
        for order in permutations(words):
            with shelf.store.begin() as conn:
                conn.execute(sa.delete(t.duties))
                conn.execute(sa.delete(t.duty_rungs))
                for word in order:
                    take_duties(conn, [word])
                rows = [
                    *conn.execute(sa.select(t.duties)),
                    *conn.execute(sa.select(t.duty_rungs).order_by(t.duty_rungs.c.id)),
                ]
            found.add(str(rows))
    [same] = found
    assert "来信" not in same
    assert "理由" not in same
    assert '"state":"closed"' in same


def test_what_is_no_word_stops_the_portal_and_a_key_of_another_sort_is_of_no_campaign(tmp_path: Path) -> None:
    with opened(plain(tmp_path)) as shelf, shelf.store.begin() as conn, pytest.raises(Fatal, match="duties/0/0"):
        take_duties(conn, [Record(DUTIES.name, 0, 0, 0, b"k", b"{}", ())])
    assert campaign_of("fgw/duty.catalogue-completion.2026.03") == "catalogue-completion"
    assert campaign_of("fgw/D-1") == ""


def test_a_campaign_nobody_runs_is_not_there_and_one_not_opened_says_so(city: Movers) -> None:
    city.portal.text("/campaigns/annual-report", 404)
    assert "还没有立项" in city.portal.text("/campaigns/catalogue-completion")
    assert "部门公开目录编制完成" in city.portal.text("/campaigns")
