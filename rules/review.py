"""三审三校 and 保密审查: nothing is published that was not reviewed, text by text (RULES §2.1, FOI-A17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from rules.case import Case, Fault, Faults, why
from schemas.events.publications import SignOff
from schemas.reasons import Reason

_OPEN_RESULTS = frozenset({"公开", "部分公开"})
_ASKED = "报请确定"
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_LEVELS = {1: "一审", 2: "二审", 3: "三审"}


def signed_off(case: Case) -> Faults:
    """The kind's sign-offs are all there over this very text, by other persons at each level, in order.

    What was published before the bus began was signed then; history carries no sign-offs over a hash.
    """
    needed = _needed(case.kind.sign_offs)
    if case.data.backfill or not needed:
        return ()
    valid = [sign_off for sign_off in case.data.sign_offs if sign_off.content_sha256 == case.digest]
    given = {(sign_off.level, sign_off.role) for sign_off in valid}
    if not needed <= given:
        return (_missing(case, needed - given),)
    return _persons(case, valid) + _order(case, valid)


@lru_cache(maxsize=64)
def _needed(names: tuple[str, ...]) -> frozenset[tuple[int, str]]:
    return frozenset((int(name[0]), name[1]) for name in names)


def _missing(case: Case, lacking: frozenset[tuple[int, str]]) -> Fault:
    ordered = sorted(lacking, key=lambda one: (one[0], one[1] == "校"))
    names = "、".join(f"{level}级{role}{_gate(case, level)}" for level, role in ordered)
    stale = {(s.level, s.role) for s in case.data.sign_offs if s.content_sha256 != case.digest} & lacking
    if stale:
        told = why(f"{names}不是对现有文本签署的，文本已改动", f"{names} was signed over another text than this")
    else:
        told = why(f"缺少{names}", f"{names} is missing")
    return Fault(Reason.REJ_REVIEW, "/data/sign_offs", names, None, told)


def _gate(case: Case, level: int) -> str:
    """The gate that a level is, in brackets, where the pack names its gates."""
    gates = case.pack.documents.gates
    return f"（{gates[level - 1]}）" if gates else ""


def _persons(case: Case, valid: Sequence[SignOff]) -> Faults:
    """Persons differ between levels, and within one where the pack says so."""
    level_of: dict[str, int] = {}
    for sign_off in valid:
        level = level_of.setdefault(sign_off.person.strip(), sign_off.level)
        if level != sign_off.level:
            first, second = _gate(case, level), _gate(case, sign_off.level)
            told = why(
                f"同一人签署了{_LEVELS[level]}{first}和{_LEVELS[sign_off.level]}{second}",
                f"one person signed levels {level}{first} and {sign_off.level}{second}",
            )
            return (Fault(Reason.REJ_REVIEW, "/data/sign_offs", sign_off.person, None, told),)
    if case.pack.city.one_person_a_level:
        return ()
    roles = {(sign_off.level, sign_off.person.strip()): sign_off.role for sign_off in valid}
    twice = [s for s in valid if roles[s.level, s.person.strip()] != s.role]
    if not twice:
        return ()
    told = why(
        f"{_LEVELS[twice[0].level]}的审与校为同一人", f"one person reviewed and proofread level {twice[0].level}"
    )
    return (Fault(Reason.REJ_REVIEW, "/data/sign_offs", twice[0].person, None, told),)


def _order(case: Case, valid: Sequence[SignOff]) -> Faults:
    """No level is signed before the one below it was, and none after the event came."""
    reached = _BEGINNING
    for level, name in _LEVELS.items():
        times = [sign_off.at for sign_off in valid if sign_off.level == level]
        if times and min(times) < reached:
            told = why(f"{name}早于上一级签署", f"level {level} was signed before the level below it")
            return (Fault(Reason.REJ_REVIEW, "/data/sign_offs", min(times).isoformat(), None, told),)
        reached = max(times, default=reached)
    if reached > _latest(case):
        told = why("签署时间晚于收到时间", "a sign-off lies after the arrival")
        return (Fault(Reason.REJ_REVIEW, "/data/sign_offs", reached.isoformat(), None, told),)
    return ()


def _latest(case: Case) -> datetime:
    """What is done before sending can't lie after this."""
    return case.arrival + timedelta(seconds=case.pack.city.clock_after)


def secrecy_reviewed(case: Case) -> Faults:
    """A secrecy review is with it, done before, and says that it may be public (FOI-A17)."""
    review = case.data.secrecy_review
    if review is None:
        told = why("没有保密审查记录", "there is no record of a secrecy review")
        return (Fault(Reason.REJ_REVIEW, "/data/secrecy_review", "", None, told),) if case.kind.secrecy else ()
    if review.result == _ASKED:
        told = {"due": case.due.due if case.due else ""}
        return (Fault(Reason.REJ_PENDING, "/data/secrecy_review/result", review.result, None, told),)
    if review.result not in _OPEN_RESULTS:
        told = why(f"保密审查结果为{review.result}", f"the secrecy review says {review.result}")
        return (Fault(Reason.REJ_SECRET, "/data/secrecy_review/result", review.result, None, told),)
    if review.at > _latest(case):
        told = why("保密审查时间晚于收到时间", "the secrecy review lies after the arrival")
        return (Fault(Reason.REJ_REVIEW, "/data/secrecy_review/at", review.at.isoformat(), None, told),)
    return ()
