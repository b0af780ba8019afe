"""From a platform to us: a page of changes becomes letters and steps, in the transaction that moves the cursor.

Writes:   events through the intake; the appeals' rows and the position in the same transaction.
Fails to: an appeal that can't be taken is a row with its trouble; a full outbox or another copy's page is Retriable.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from bus import log
from bus.errors import Retriable
from producers.answers import Answer, milliseconds
from producers.checks import Principal
from producers.intake import Intake
from producers.platform import appeals
from producers.platform.appeals import Appeal, Unfit, read_appeal
from producers.platform.calls import Page
from producers.platform.kept import Kept, keep, known
from producers.positions import move
from schemas.city.platforms import AppealPlatform

_log = log.get("producers.platform")


def position_of(platform: AppealPlatform) -> str:
    """Name of the cursor."""
    return f"platform:{platform.id}"


class Taking:
    """Takes pages of one platform."""

    def __init__(self, intake: Intake, platform: AppealPlatform) -> None:
        self._intake = intake
        self._platform = platform
        self._lead = intake.pack.lead_office
        self._now = intake.clock()

    def take(self, page: Page, after: int) -> int:
        """Take a page that was read behind `after`; how many events it made."""
        found = [each for each in map(self._read, page.items) if each is not None]
        with self._intake.store.read() as conn:
            rows = known(conn, self._platform.id, {each.id for each in found})
        values = [
            value for n, each in enumerate(found) if (value := self._change(rows, each, f"{after}.{n}")) is not None
        ]

        def also(conn: sa.Connection, answers: Sequence[Answer]) -> None:
            if any(answer.outcome == "refused" for answer in answers):
                raise Retriable(f"the lane of {self._platform.source} is full")
            keep(conn, list({each.id: rows[each.id] for each in found}.values()))
            move(conn, position_of(self._platform), since=after, to=page.next, at=milliseconds(self._now))

        who = Principal(self._lead, "platform", source=self._platform.source)
        self._intake.take(who, values, also=also)
        return len(values)

    def _read(self, given: object) -> Appeal | None:
        try:
            return read_appeal(self._platform, given)
        except Unfit as unfit:
            _log.warning("an appeal can't be read", platform=self._platform.id, trouble=str(unfit))
            return None

    def _change(self, rows: dict[str, Kept], appeal: Appeal, change: str) -> bytes | None:
        """What has changed, as an event; `rows` is what we knew, and knows it from now on."""
        row = rows.get(appeal.id)
        if row is None or not row.event_id:
            return self._begin(rows, appeal)
        before, row.state = row.state, appeal.state
        if row.ended or appeal.state in {before, row.said}:
            return None  # nothing new, or our own word coming back
        try:
            return appeals.step(self._platform, self._lead, appeal, change, self._now)
        except Unfit as unfit:
            row.trouble = str(unfit)
            return None

    def _begin(self, rows: dict[str, Kept], appeal: Appeal) -> bytes | None:
        """A new appeal, or one that could not be taken before and has changed since."""
        subject = appeals.subject_of(self._platform, self._lead, appeal.id)
        row = Kept(self._platform.id, appeal.id, subject, "", appeal.state, milliseconds(self._now))
        rows[appeal.id] = row
        if appeal.state in self._platform.takes:
            row.ended, row.trouble = 1, "it was over before it came"
            return None
        try:
            value = appeals.opening(self._platform, self._lead, appeal, self._now)
        except Unfit as unfit:
            row.trouble = str(unfit)
            _log.warning("an appeal can't be taken", platform=row.platform, subject=subject, trouble=row.trouble)
            return None
        row.event_id = appeals.event_id_of(self._platform, appeal.id)
        return value
