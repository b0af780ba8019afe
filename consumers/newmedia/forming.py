"""Making the next send of an account out of what waits: within quota, slots and the platform's limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from consumers.newmedia import slots
from consumers.newmedia.desk import Delivery
from consumers.newmedia.hand import Hand
from consumers.newmedia.queue import Queue
from consumers.newmedia.slots import Candidate
from consumers.newmedia.texts import Article, TooLong, wechat_article, weibo_text


class Forming:
    """Opens sends."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def form(self, now: datetime) -> bool:
        """Open the next send, or move what has no quota left; False where nothing is due or all is settling."""
        with self._hand.looking() as queue:
            if not queue.has_due(now):
                return False
            has_quota = self._has_quota(queue, now)
            picked = slots.pick(self._hand.outlet, self._candidates(queue), now) if has_quota else ()
        if has_quota and not picked:
            return False
        with self._hand.writing() as queue:
            if has_quota:
                self._open(queue, picked, now)
            else:
                self._hand.postpone(queue, now)
        return True

    def _candidates(self, queue: Queue) -> list[Candidate]:
        order = self._hand.quota_classes
        return [
            Candidate(row.subject, slots.urgency(row.quota_class, order), row.ready_at, row.slot_at, row.solo)
            for row in queue.candidates()
        ]

    def _has_quota(self, queue: Queue, now: datetime) -> bool:
        period = slots.period_of(self._hand.outlet, now)
        if self._hand.outlet.quota is None:
            return True
        return not queue.is_closed(period) and queue.used(period) < self._hand.outlet.quota.n

    def _open(self, queue: Queue, picked: Sequence[Candidate], now: datetime) -> None:
        """A send of what was picked; what can't be said within the limits ends here."""
        held = queue.deliveries([each.subject for each in picked], "queued")
        chosen: list[tuple[Delivery, Article]] = []
        for candidate in picked:
            delivery = held.get(candidate.subject)
            if delivery is None:
                continue
            try:
                chosen.append((delivery, self._article(delivery)))
            except TooLong as error:
                self._unsayable(queue, delivery, str(error), now)
        if chosen:
            self._create(queue, chosen, now)

    def _create(self, queue: Queue, chosen: Sequence[tuple[Delivery, Article]], now: datetime) -> None:
        """A rebuilt store may have lost a call that was made just before: its first call is looked up first."""
        state, step = ("new", "prepare") if self._hand.platform.prepares else ("prepared", "submit")
        look_first = step if self._hand.outbox.has_known(queue.conn) else ""
        period = slots.period_of(self._hand.outlet, now)
        queue.form(chosen, period, now, state=state, look_first=look_first)

    def _article(self, delivery: Delivery) -> Article:
        assert delivery.content is not None
        assert delivery.url is not None
        index_no = delivery.index_no or ""
        if self._hand.outlet.platform == "weibo":
            return weibo_text(delivery.content, delivery.url, index_no, self._hand.outlet.limits)
        return wechat_article(delivery.content, delivery.version, delivery.url, index_no, self._hand.outlet.limits)

    def _unsayable(self, queue: Queue, delivery: Delivery, why: str, now: datetime) -> None:
        detail = f"超出平台限制 / beyond the platform's limits: {why}"
        if queue.move(delivery.feed_id, "queued", now, state="noted", content=None, detail=detail):
            self._hand.give(queue, [delivery.ending("noted", now, detail=detail)])
            self._hand.alert(queue, delivery.subject, "refused", why, now)
