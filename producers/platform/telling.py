"""From us to a platform: what has become of each of its appeals, in the order in which it did, each step once.

Reads:    the gateway's view of accepted steps (`door_moves`), the papers they came on, and its rejections.
Writes:   `POST …/progress`, under a key that is the same at every try; then the version told, in a transaction.
Fails to: an appeal that the platform declines to hear of is put off, ever longer; without an answer the whole line is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from bus import failpoints, log
from bus.store import Store
from producers.answers import instant
from producers.citizens.query import REPLY
from producers.matters import is_erased
from producers.personal.opening import Opener
from producers.platform.appeals import event_id_of, id_in
from producers.platform.calls import Calls, Declined, NotNow
from producers.platform.kept import Kept, put_off, told
from producers.tables import APPEALS, FEED, MOVES, PAPERS
from schemas.city import Pack
from schemas.city.platforms import AppealPlatform
from schemas.envelope import department_of
from schemas.records import MatterMove, RejectionIssued

MOST = 100
"""Steps of one turn."""
CONFLICT = 409
"""What a platform answers where the appeal is over there, and takes no word any more."""
_log = log.get("producers.platform")


class Word(NamedTuple):
    """What is to be said of one appeal; `said` is empty where the platform need not hear of it."""

    kept: Kept
    version: int
    said: dict[str, str]
    ended: bool


class Telling:
    """Tells one platform."""

    def __init__(self, store: Store, opener: Opener, pack: Pack, platform: AppealPlatform) -> None:
        self._store = store
        self._opener = opener
        self._pack = pack
        self._platform = platform

    def tell(self, calls: Calls, now: int) -> int:
        """Say what is to be said by now; how much it was.

        Raises:
            NotNow: the platform does not answer, or not to what it was asked.
        """
        words = [*self._refusals(now), *self._moves(now)]
        held: set[str] = set()  # of an appeal that was put off nothing later is said before
        for word in words:
            if word.kept.foreign_id not in held and not self._one(calls, word, now):
                held.add(word.kept.foreign_id)
        return len(words)

    def _one(self, calls: Calls, word: Word, now: int) -> bool:
        trouble = self._say(calls, word) if word.said else ""
        failpoints.reach("platform.told-before-commit")
        with self._store.begin() as conn:
            if trouble:
                put_off(conn, word.kept, trouble, now)
            else:
                told(conn, word.kept, word.version, word.said.get("state", ""), ended=word.ended)
        return not trouble

    def _say(self, calls: Calls, word: Word) -> str:
        """Say it; what stands in the way."""
        foreign = word.kept.foreign_id
        try:
            answer = calls.tell(foreign, event_id_of(self._platform, foreign, "told", str(word.version)), word.said)
        except Declined as declined:
            if declined.status == CONFLICT:
                return ""
            _log.warning("a platform declines", platform=self._platform.id, subject=word.kept.subject,
                         status=declined.status)  # fmt: skip
            return str(declined)
        if id_in(self._platform, answer) != foreign:
            raise NotNow("it answers of another appeal than it was told of", 60)
        return ""

    def _moves(self, now: int) -> Iterator[Word]:
        a, m = APPEALS.c, MOVES.c
        asked = (
            sa.select(APPEALS, m.version, m.body, m.source.label("mover"), m.event_id.label("move"))
            .join(MOVES, (m.subject == a.subject) & (m.version > a.told) & (m.waiting == 0))
            .where(a.platform == self._platform.id, a.ended == 0, a.again <= now)
            .order_by(a.arrival, a.foreign_id, m.version).limit(MOST)
        )  # fmt: skip
        with self._store.read() as conn:
            rows = conn.execute(asked).all()
        for row in rows:
            move = MatterMove.model_validate_json(row.body)
            yield Word(_kept(row), row.version, self._words(row, move), move.ended)

    def _words(self, row: sa.Row[Any], move: MatterMove) -> dict[str, str]:
        telling = self._platform.tells.get(move.step)
        if telling is None:
            return {}
        with self._store.read() as conn:
            erased = is_erased(conn, row.subject)
            on = (PAPERS.c.event_id == row.move) & (PAPERS.c.source == row.mover)
            paper = conn.execute(sa.select(PAPERS).where(on)).first()
        if erased:
            return {}
        fields = json.loads(paper.fields) if paper else {}
        sealed = self._opener.texts(paper).get(REPLY, "") if paper and paper.actor else ""
        texts = [*(fields.get(name, "") for name in telling.texts), sealed, move.reason if telling.reason else ""]
        dept = self._pack.department.get(department_of(row.mover) or "")
        return {"state": telling.state, "step": move.step_name, "at": move.at.isoformat(),
                "dept": dept.name if dept else "", "text": "\n".join(dict.fromkeys(filter(None, texts)))}  # fmt: skip

    def _refusals(self, now: int) -> Iterator[Word]:
        """Of what the bus did not take, why."""
        a, f = APPEALS.c, FEED.c
        of = (f.event_id == a.event_id) & (f.source == self._platform.source) & (f.kind == "rejection")
        asked = (
            sa.select(APPEALS, f.body).join(FEED, of)
            .where(a.platform == self._platform.id, a.ended == 0, a.told == 0, a.again <= now, a.event_id != "")
            .order_by(a.arrival, a.foreign_id).limit(MOST)
        )  # fmt: skip
        with self._store.read() as conn:
            rows = conn.execute(asked).all()
        for row in rows:
            found = RejectionIssued.model_validate_json(row.body).data
            why = "".join(one.message.zh for one in found.findings if one.severity != "warn")
            state, at = self._platform.refused, instant(row.arrival).isoformat()
            yield Word(_kept(row), 0, {"state": state, "step": state, "at": at, "dept": "", "text": why}, ended=True)


def _kept(row: sa.Row[Any]) -> Kept:
    return Kept(**{name: getattr(row, name) for name in Kept.__dataclass_fields__})
