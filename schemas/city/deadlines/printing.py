"""A time limit written back as Chinese: the normal form, which reads as the same time limit."""

from __future__ import annotations

from schemas.city.deadlines.phrases import Phrases
from schemas.city.deadlines.squeeze import squeeze
from schemas.city.models import Clock, TimeLimit, Unit

_UNITS: dict[Unit, str] = {"WD": "个工作日", "CD": "日", "H": "小时", "M": "个月"}
_ENDS = {"*-31": "月", "Q3-31": "季度", "H6-31": "半年", "12-31": "年"}
_ROUNDS = {"*": "月", "Q": "季度", "H": "半年"}
_WHICH = {"+": "次", "=": "当"}


def text_of(limit: TimeLimit, phrases: Phrases, event: str = "") -> str:
    """The normal form of `limit` in a city's words; its event is called `event`, or what `limit.raw` calls it."""
    parts = [_when(limit, event or _event(limit, phrases), phrases)]
    if limit.min_display is not None:
        parts.append(f"公示不少于{_length(*limit.min_display)}")
    if limit.lasting:
        parts.append("长期公开")
    return "，".join(parts)


def clock_text(clock: Clock, phrases: Phrases) -> str:
    """A statutory clock in its normal form, its event in the law's words."""
    said = text_of(clock.limit, phrases, clock.since)
    return f"{said}，期间须届满" if clock.sense == "least" else said


def _when(limit: TimeLimit, event: str, phrases: Phrases) -> str:
    if limit.trigger == "cron":
        return _fixed(limit.cron or "", limit)
    if limit.way == "before":
        return f"{event}前{_length(limit.n, limit.unit) if limit.n else '公开'}"
    if limit.n == 0:
        return f"{event}当日"
    since = "之时" if limit.unit == "H" else "之日"
    return f"自{event}{since}起{_word(limit, phrases) or f'{_length(limit.n, limit.unit)}内'}"


def _event(limit: TimeLimit, phrases: Phrases) -> str:
    raw = squeeze(limit.raw).text
    named = [phrase for phrase, trigger in phrases.trigger_of.items() if trigger == limit.trigger and phrase in raw]
    return max(named, key=len) if named else phrases.phrase_of.get(limit.trigger, limit.trigger)


def _word(limit: TimeLimit, phrases: Phrases) -> str:
    """及时公开 where the law gives no number, with the number where it is not the word's own."""
    vague = next((each for each in phrases.words if each.vague), None)
    if not limit.vague or vague is None:
        return ""
    own = (limit.n, limit.unit) == (vague.n, vague.unit)
    return f"{vague.word}公开" + ("" if own else f"（{_length(limit.n, limit.unit)}内）")


def _fixed(cron: str, limit: TimeLimit) -> str:
    behind = f"{_length(limit.n, limit.unit)}内" if limit.n else ""
    which, day = (_WHICH[cron[0]], cron[1:]) if cron[:1] in _WHICH else ("每", cron)
    if day in _ENDS:
        return f"{which}{_ENDS[day]}" + (f"结束后{behind}" if behind else "底前")
    named = which + _named(day)
    if behind:
        return f"{named}后{behind}"
    return named if day.startswith("*") else f"{named}前"


def _named(cron: str) -> str:
    head, _, day = cron.partition("-")
    if head == "*":
        return f"月{int(day)}日"
    if head[0] in _ROUNDS:
        return f"{_ROUNDS[head[0]]}第{head[1]}个月{int(day)}日"
    return f"年{int(head)}月{int(day)}日"


def _length(n: int, unit: Unit) -> str:
    return f"{n}{_UNITS[unit]}"
