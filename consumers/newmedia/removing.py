"""Bringing what stands on the platform and what is wanted together: posts taken down, newer versions settled."""

from __future__ import annotations

from datetime import datetime

from bus import failpoints
from consumers.newmedia.hand import STUCK, Hand
from consumers.newmedia.platform import Misconfigured, PlatformError, Refused
from consumers.newmedia.queue import Post


class Removing:
    """Takes posts down."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def remove(self, post: Post, now: datetime) -> None:
        """Removing twice does no harm, so an unknown outcome is simply tried again."""
        failpoints.reach("newmedia.before-call")
        try:
            self._hand.platform.remove(post.platform_id or "")
        except PlatformError as error:
            self._hand.count("remove", error)
            later = self._hand.later(now, post.attempts, error)
            with self._hand.writing() as queue:
                queue.update_post(post, attempts=post.attempts + 1, next_at=later)
                if post.attempts >= STUCK or isinstance(error, Refused | Misconfigured):
                    self._hand.alert(queue, post.subject, "not-removed", str(error), now)
            return
        failpoints.reach("newmedia.after-call-before-commit")
        self._hand.count("remove", None)
        with self._hand.writing() as queue:
            queue.update_post(post, state="removed", at=now)
            queue.calm("not-removed", subject=post.subject)

    def settle(self, now: datetime) -> bool:
        """Order removals and end what needs none; False where there is nothing to settle."""
        replaces = self._hand.platform.replaces
        with self._hand.looking() as queue:
            if not queue.is_unsettled():
                return False
        with self._hand.writing() as queue:
            self._hand.give(queue, [*queue.take_down(now), *queue.renew(now, replaces=replaces)])
        return True
