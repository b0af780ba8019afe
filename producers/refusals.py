"""What the door can't take, as an exception that holds the finding: code, place, and a sentence for a clerk."""

from __future__ import annotations

from bus.errors import Invalid
from schemas.reasons import Reason, finding
from schemas.records import Finding


class Refused(Invalid):
    """Input that is refused for `reason` at `place`; `values` fill the reason's sentences."""

    def __init__(self, reason: Reason, place: str = "", **values: str | int) -> None:
        self.finding: Finding = finding(reason, place, **values)  # type: ignore[arg-type]  # values are the sentences' alone
        said, mend = self.finding.message, self.finding.remedy
        super().__init__(reason.value, f"{said.zh}{mend.zh}", f"{said.en} {mend.en}", place)
