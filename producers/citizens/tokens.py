"""Tokens of forms: signed, young but not too young, used once. Against machines that post without reading.

A token says which form, when it was given out, and a nonce; its signature is HMAC-SHA-256 under a secret of the door.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import NamedTuple

from producers.answers import milliseconds
from producers.refusals import Refused
from schemas.reasons import Reason

MIN_AGE_MS = 3_000
"""Nobody writes a letter in less."""
MAX_AGE_MS = 4 * 3_600_000


class Token(NamedTuple):
    """A token that was given out by this door."""

    nonce: str
    issued: int

    @property
    def until(self) -> int:
        """When nobody can send it any more; a form may be on its way for a while when its token ends."""
        return self.issued + 2 * MAX_AGE_MS


def issue(secret: bytes, kind: str, now: datetime) -> str:
    """A token for one form of that kind."""
    said = f"{kind}|{milliseconds(now)}|{secrets.token_hex(16)}"
    return base64.urlsafe_b64encode(f"{said}|{_signature(secret, said)}".encode()).decode()


def check(secret: bytes, kind: str, token: str, now: datetime) -> Token:
    """The token in a form.

    Raises:
        Refused: FORM-TOKEN, where it is none of ours, for another form, too young or too old.
    """
    try:
        said, _, signature = base64.urlsafe_b64decode(token.encode()).decode().rpartition("|")
        of, given, nonce = said.split("|")
        issued = int(given)
    except (binascii.Error, ValueError) as error:
        raise _refused("表单标识不对", "its token is not right") from error
    if not hmac.compare_digest(_signature(secret, said).encode(), signature.encode()) or of != kind:
        raise _refused("表单标识不对", "its token is not right")
    age = milliseconds(now) - issued
    if age < MIN_AGE_MS:
        raise _refused("填写过快", "it was filled in too fast")
    if age > MAX_AGE_MS:
        raise _refused("表单已过期", "it has expired")
    return Token(nonce, issued)


def used() -> Refused:
    """What is said to a token that came before."""
    return _refused("该表单已经提交过", "it was sent before")


def _signature(secret: bytes, said: str) -> str:
    return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()


def _refused(zh: str, en: str) -> Refused:
    return Refused(Reason.FORM_TOKEN, "/token", why_zh=zh, why_en=en)
