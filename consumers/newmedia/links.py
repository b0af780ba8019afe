"""Where the portal's pages are, for items whose receipt does not say so."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class PortalLinks:
    """Addresses below the portal's base."""

    base: str

    @property
    def home(self) -> str:
        """For an item that the portal does not carry."""
        return f"{self.base}/"

    def item(self, subject: str) -> str:
        """An item's page, whether it is there yet or not."""
        issuer, _, local = subject.partition("/")
        return f"{self.base}/items/{quote(issuer, safe='')}/{quote(local, safe='')}"
