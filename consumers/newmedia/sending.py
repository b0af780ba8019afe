"""A send on its way to the public: every step is one call, and what it gave is committed before the next.

    new ─ prepare ─▶ prepared ─ submit ─▶ submitted ─ confirm ─▶ sent
     └───────┬──────────┘
             └─ overtaken, no quota left, refused ─▶ dropped: its items wait again, or end

Each of prepare and submit is: intent committed, call, answer committed. A process may end at any instruction: before
the intent nothing was done; after it the outcome is unknown until the platform itself has said whether it was done.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from bus import failpoints
from consumers.newmedia import slots
from consumers.newmedia.hand import LOG, STUCK, Hand
from consumers.newmedia.platform import HandleGone, Misconfigured, NoQuota, PlatformError, Refused, UnknownOutcome
from consumers.newmedia.queue import Send

Step = Literal["prepare", "submit"]


class Sending:
    """Brings the open send one step further."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def advance(self, send: Send, now: datetime) -> None:
        """One step of an open send: the look-up of an unknown call, or the next call."""
        if send.state == "submitted":
            self._confirm(send, now)
            return
        step: Step = "prepare" if send.state == "new" else "submit"
        if send.calling and not failpoints.broken("look-up"):
            found = self._look_up(send, step, now)
            if found is None:
                return
            if found:
                self._record(send, step, found[0], now)
                return
        if self._release_overtaken(send, now):
            return
        self._call(send, step, now)

    def _call(self, send: Send, step: Step, now: datetime) -> None:
        """The call itself, its intent committed before and its answer after."""
        period = slots.period_of(self._hand.outlet, now)
        with self._hand.writing() as queue:
            queue.update_send(send.id, calling=step, period=period)
        failpoints.reach("newmedia.before-call")
        try:
            given = self._make(send, step)
        except PlatformError as error:
            self._hand.count(step, error)
            self._failed(send, step, error, now)
            return
        failpoints.reach("newmedia.after-call-before-commit")
        self._hand.count(step, None)
        self._record(send, step, given, now)

    def _make(self, send: Send, step: Step) -> str:
        if step == "prepare":
            return self._hand.platform.prepare(send.batch)
        return self._hand.platform.submit(send.batch, send.handle or "")

    def _look_up(self, send: Send, step: Step, now: datetime) -> tuple[str] | tuple[()] | None:
        """What an unknown call gave: its id, () where it was surely not done, None where nobody can say yet."""
        try:
            if step == "prepare":
                found = self._hand.platform.find_prepared(send.batch)
            else:
                found = self._hand.platform.look_up(send.batch, send.handle or "", self._known_ids())
        except PlatformError as error:
            self._hand.count(f"look-up {step}", error)
            self._wait(send, error, now, calling=send.calling)
            return None
        self._hand.count(f"look-up {step}", None)
        return () if found is None else (found,)

    def _known_ids(self) -> frozenset[str]:
        with self._hand.looking() as queue:
            return queue.known_ids()

    def _record(self, send: Send, step: Step, given: str, now: datetime) -> None:
        """What the platform gave."""
        with self._hand.writing() as queue:
            if step == "prepare":
                queue.update_send(send.id, state="prepared", calling="", handle=given, attempts=0, next_at=now)
            else:
                queue.update_send(send.id, state="submitted", calling="", platform_id=given, attempts=0, next_at=now)
            queue.calm("configuration", "stuck")

    def _confirm(self, send: Send, now: datetime) -> None:
        """Ask how the send ended, and give its receipts."""
        try:
            state = self._hand.platform.confirm(send.platform_id or "")
        except PlatformError as error:
            self._hand.count("confirm", error)
            self._wait(send, error, now, calling="")
            return
        self._hand.count("confirm", None)
        if state == "pending":
            later = now + timedelta(seconds=self._hand.pace.confirm)
            with self._hand.writing() as queue:
                queue.update_send(send.id, next_at=later)
        else:
            self._finish(send, now, failed=state == "failed")

    def _finish(self, send: Send, now: datetime, *, failed: bool) -> None:
        with self._hand.writing() as queue:
            if failed:
                queue.alert("", "send-failed", f"send {send.platform_id}", now)
                again = {"round": sa.text("round + 1")}
                self._hand.give(queue, queue.release(send, "failed", now, slot_at=now, **again))
                return
            ids = [self._hand.platform.post_id(send.platform_id or "", position) for position in range(len(send.posts))]
            self._hand.give(queue, queue.publish(send, ids, now))
            for post in send.posts:
                queue.calm("quota-missed", subject=post.subject)

    def _release_overtaken(self, send: Send, now: datetime) -> bool:
        """Nothing is made public that has a newer version or was withdrawn meanwhile."""
        with self._hand.writing() as queue:
            if not queue.is_overtaken(send):
                return False
            self._hand.give(queue, queue.release(send, "dropped", now, slot_at=now))
        self._discard(send)
        return True

    def _discard(self, send: Send) -> None:
        """Throw away what was prepared; where that fails an unseen draft remains, which harms nobody."""
        if not send.handle:
            return
        try:
            self._hand.platform.discard(send.handle)
        except PlatformError as error:
            LOG.info("draft-remains", account=self._hand.outlet.id, handle=send.handle, error=str(error))

    # when a call fails

    def _failed(self, send: Send, step: Step, error: PlatformError, now: datetime) -> None:
        match error:
            case UnknownOutcome():
                self._wait(send, error, now, calling=step)
            case NoQuota():
                self._no_quota(send, now)
            case HandleGone() if step == "submit":
                self._wait(send, error, now, calling="", state="new", handle=None)
            case Refused():
                self._refused(send, error, now)
            case _:
                self._wait(send, error, now, calling="")

    def _wait(self, send: Send, error: PlatformError, now: datetime, **values: object) -> None:
        """Try again later; operators hear of it where waiting alone will not help."""
        later = self._hand.later(now, send.attempts, error)
        if isinstance(error, NoQuota):
            later = slots.next_period(self._hand.outlet, now)
        with self._hand.writing() as queue:
            queue.update_send(send.id, attempts=send.attempts + 1, next_at=later, detail=str(error)[:500], **values)
            kind = "configuration" if isinstance(error, Misconfigured) else "stuck"
            if kind == "configuration" or send.attempts >= STUCK:
                self._hand.alert(queue, "", kind, str(error), now)

    def _no_quota(self, send: Send, now: datetime) -> None:
        with self._hand.writing() as queue:
            queue.close_period(slots.period_of(self._hand.outlet, now))
            self._hand.give(queue, queue.release(send, "dropped", now))
            self._hand.postpone(queue, now)
        self._discard(send)

    def _refused(self, send: Send, error: Refused, now: datetime) -> None:
        """One refused item must not hold the others: alone, it is seen which one it is."""
        with self._hand.writing() as queue:
            if len(send.posts) > 1:
                self._hand.give(queue, queue.release(send, "dropped", now, slot_at=now, solo=True))
            else:
                detail = f"平台拒绝 / refused by the platform: {error}"
                self._hand.give(queue, queue.refuse(send, now, detail))
                self._hand.alert(queue, send.posts[0].subject, "refused", str(error), now)
        self._discard(send)
