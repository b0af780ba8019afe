"""Who is told of a rung: its roles (the pack's ladder) become targets (the operators' addresses). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from consumers.notices.addresses import Addresses
from schemas.ids import delivery_id
from schemas.records import DutyNotice, PlannedDelivery

NOBODY = "nobody"
_WITHOUT_ADDRESS = frozenset({"public"})
"""Said on the board for everybody to read; whom it is sent to besides is the operators' wish."""

Addressee = tuple[str, str]
"""A role and the department that it is of."""


def addressees(notice: DutyNotice, lead_office: str) -> Iterator[Addressee]:
    """Who is to hear of it: each department that owes it, the leader of the first of them, the lead office."""
    for role in notice.to:
        if role == "owner":
            yield from ((role, dept) for dept in notice.depts or (notice.dept,))
        else:
            yield role, notice.dept if role == "leader" else lead_office


def deliveries(
    addresses: Addresses, notice: DutyNotice, notice_id: str, lead_office: str, *, state: str = "waiting"
) -> tuple[PlannedDelivery, ...]:
    """One for each target, and one for each addressee that no target stands for, so that it is seen."""
    wanted = tuple(addressees(notice, lead_office))
    found = [
        _planned(notice_id, target.id, mine, state)
        for target in addresses.targets
        if (mine := [one for one in wanted if target.stands_for(*one)])
    ]
    missed = [
        _planned(notice_id, f"{NOBODY}/{role}/{dept}", [(role, dept)], "unaddressed")
        for role, dept in wanted
        if role not in _WITHOUT_ADDRESS and not any(target.stands_for(role, dept) for target in addresses.targets)
    ]
    return (*found, *missed)


def correction(notice_id: str, told: PlannedDelivery) -> PlannedDelivery:
    """To whom a rung was told, the same is told that it was taken back."""
    update = {"delivery": delivery_id(notice_id, told.target), "state": "waiting"}
    return told.model_copy(update=update)


def _planned(notice_id: str, target: str, mine: list[Addressee], state: str) -> PlannedDelivery:
    roles = tuple(dict.fromkeys(role for role, _ in mine))
    return PlannedDelivery.model_validate(
        {"delivery": delivery_id(notice_id, target), "target": target, "roles": roles, "dept": mine[0][1],
         "state": state}
    )  # fmt: skip
