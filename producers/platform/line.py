"""The line to every platform that has an address: tells it what is due, then takes what has changed there.

Reads:    `home/secrets/platforms.toml` and the pack's platforms; pages of changes.
Writes:   letters and steps through the intake; what became of them, to the platform.
Keeps:    `door_appeals`, and a position a platform, each with the events of its page in one transaction.
Fails to: a platform's trouble is its own: it is left alone for a while, and the others go on.
"""

from __future__ import annotations

from bus import log
from bus.errors import Fatal, Retriable
from bus.looping import Looping
from bus.settings import Settings
from producers.answers import milliseconds
from producers.intake import Intake
from producers.personal.opening import Opener
from producers.platform.calls import Calls, NotNow
from producers.platform.credentials import Credentials, changed, read_credentials
from producers.platform.taking import Taking, position_of
from producers.platform.telling import Telling
from producers.positions import position
from schemas.city.platforms import AppealPlatform

LOOK_SECONDS = 5.0
_log = log.get("producers.platform")


class Line(Looping):
    """A service with one thread. It tells before it takes, so that its own word is known when it comes back."""

    name = "platforms"
    stop_seconds = 30.0

    def __init__(self, settings: Settings, intake: Intake, opener: Opener) -> None:
        super().__init__()
        self._settings = settings
        self._intake = intake
        self._opener = opener
        self._changed = 0
        self._given: dict[str, Credentials] = {}
        self._calls: dict[str, Calls] = {}
        self._again: dict[str, int] = {}
        self._troubles: dict[str, str] = {}
        self._moved = 0

    def health(self) -> dict[str, object]:
        """Which platforms there are, how much went to and fro, and what troubles each."""
        return {
            "ok": self.failed is None,
            "platforms": sorted(self._given),
            "moved": self._moved,
            "troubles": dict(self._troubles),
        }

    def turn(self) -> int:
        """Tell and take once everywhere; how much it was."""
        self._look_for_others()
        now = milliseconds(self._intake.clock())
        due = [
            one for one in self._intake.pack.platforms if one.id in self._given and self._again.get(one.id, 0) <= now
        ]
        moved = sum(map(self._visit, due))
        self._moved += moved
        return moved

    def _turn(self) -> None:
        if not self.turn():
            self._stopping.wait(LOOK_SECONDS)

    def _leave(self) -> None:
        for calls in self._calls.values():
            calls.close()

    def _visit(self, platform: AppealPlatform) -> int:
        now = milliseconds(self._intake.clock())
        try:
            moved = self._exchange(platform, now)
        except (NotNow, Retriable) as error:
            wait = error.seconds if isinstance(error, NotNow) else LOOK_SECONDS
            self._again[platform.id] = now + int(wait * 1000)
            if self._troubles.get(platform.id) != str(error):
                _log.warning("a platform waits", platform=platform.id, trouble=str(error), seconds=wait)
            self._troubles[platform.id] = str(error)
            return 0
        self._troubles.pop(platform.id, None)
        return moved

    def _exchange(self, platform: AppealPlatform, now: int) -> int:
        calls = self._calls.get(platform.id)
        if calls is None:
            calls = self._calls[platform.id] = Calls(self._given[platform.id], platform.calls, self._intake.clock)
        intake = self._intake
        said = Telling(intake.store, self._opener, intake.pack, platform).tell(calls, now)
        after = position(intake.store, position_of(platform))
        page = calls.changes(after, platform.page)
        return said + (Taking(intake, platform).take(page, after) if page.items else 0)

    def _look_for_others(self) -> None:
        """Read the file again where it has changed."""
        there = changed(self._settings)
        if there == self._changed:
            return
        self._changed = there
        try:
            given = read_credentials(self._settings)
        except Fatal as error:
            _log.error("platforms stay as they were", error=str(error))
            return
        self._leave()
        self._calls, self._given, self._again = {}, given, {}
        _log.info("platforms read", platforms=sorted(given))
