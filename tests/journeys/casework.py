"""Citizens without a key and clerks with one, who take a matter on step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from bus.settings import Settings
from tests.journeys.city import PATIENCE, Department, page
from tests.support import events
from tests.support.waiting import eventually


@dataclass(frozen=True)
class Receipt:
    """What a citizen takes home."""

    settings: Settings
    number: str
    code: str

    def asked(self, code: str = "") -> httpx.Response:
        """What the query says, with this receipt's code or another."""
        asked = {"number": self.number, "code": code or self.code}
        return httpx.post(f"{citizens(self.settings)}/query", json=asked, timeout=30)

    def shows(self, state: str) -> dict[str, Any]:
        """The query's answer, once it is that state."""

        def found() -> dict[str, Any] | None:
            status: dict[str, Any] = self.asked().raise_for_status().json()
            return status if status["state_name"] == state else None

        status = eventually(found, PATIENCE, f"the query shows {state}")
        assert status is not None
        return status


def hand_in(settings: Settings, kind: str, /, **form: Any) -> Receipt:
    """A citizen fills in a form and is given a receipt."""
    answer = sent(settings, kind, **form)
    assert answer.status_code == 201, answer.text
    return Receipt(settings, **answer.json())


def sent(settings: Settings, kind: str, /, **form: Any) -> httpx.Response:
    """The answer to a form, which is handed in as soon as the counter believes that a person filled it in."""
    asked = httpx.get(f"{citizens(settings)}/form", params={"kind": kind}, timeout=30).raise_for_status()
    whole = form | {"token": asked.json()["token"]}

    def posted() -> httpx.Response | None:
        answer = httpx.post(f"{citizens(settings)}/{kind}", json=whole, timeout=30)
        return None if answer.status_code == 403 else answer

    answer = eventually(posted, PATIENCE, "the form is no longer too young")
    assert answer is not None
    return answer


def citizens(settings: Settings) -> str:
    """Where citizens' forms go."""
    return f"{settings.url_of('gateway')}/v1/citizens"


class Clerk(Department):
    """A department whose own case system sends its steps as events."""

    def opens(self, family: str, subject: str, data: dict[str, Any], at: datetime | None = None) -> dict[str, Any]:
        """A matter begins; what was judged of it."""
        return self._judged(events.event(family, "opened", self.code, "", data, at=at or _now(), subject=subject))

    def takes(
        self, family: str, subject: str, step: str, *, at: datetime | None = None, reason: str = "",
        personal: dict[str, str] | None = None, **fields: str,
    ) -> dict[str, Any]:  # fmt: skip
        """A step; what was judged of it."""
        when = at or _now()
        data: dict[str, Any] = {
            "step": step, "actor_dept": self.code, "actor_role": "经办", "at": when.isoformat(), "fields": fields,
            **({"reason": reason} if reason else {}), **({"personal": personal} if personal else {}),
        }  # fmt: skip
        return self._judged(events.event(family, "stepped", self.code, "", data, at=when, subject=subject))

    def does(self, family: str, subject: str, step: str, **said: Any) -> dict[str, Any]:
        """A step, which is accepted."""
        view = self.takes(family, subject, step, **said)
        assert view["state"] == "accepted", view["findings"]
        return view

    def sees(self, subject: str) -> dict[str, Any]:
        """The matter, as departments see it."""
        answer = httpx.get(f"{self.settings.url_of('gateway')}/v1/matters/{subject}", headers=self.bearer, timeout=30)
        view: dict[str, Any] = answer.raise_for_status().json()
        return view

    def known(self, event_id: str) -> dict[str, Any]:
        """What the door knows of an event of this department now."""
        address = f"{self.settings.url_of('gateway')}/v1/events/{event_id}"
        view: dict[str, Any] = httpx.get(address, headers=self.bearer, timeout=30).raise_for_status().json()
        return view

    @property
    def bearer(self) -> dict[str, str]:
        """Its key, as requests carry it."""
        return {"Authorization": f"Bearer {self.key}"}

    def _judged(self, event: dict[str, Any]) -> dict[str, Any]:
        answer = self.post(event)
        assert answer.status_code in {202, 422}, answer.text

        def found() -> dict[str, Any] | None:
            view = self.known(event["id"])
            return None if view["state"] == "waiting" else view

        view = eventually(found, PATIENCE, f"a verdict of {event['type']} on {event['subject']}")
        assert view is not None
        return view


def shown(settings: Settings, path: str, *texts: str) -> str:
    """A page of the portal, once it says all of that."""

    def found() -> str | None:
        answer = page(settings, path)
        return answer.text if answer.is_success and all(text in answer.text for text in texts) else None

    text = eventually(found, PATIENCE, f"{path} says {texts}")
    assert text is not None
    return text


def _now() -> datetime:
    return datetime.now(UTC)
