"""Reviews: the steps of 三审三校, from departments that send them as they happen."""

from __future__ import annotations

from typing import Literal

from schemas.base import Code, Model, Subject
from schemas.envelope import Envelope
from schemas.events.common import Reason, Version
from schemas.events.publications import SignOff


class Signature(Model):
    """A sign-off on one version of a publication."""

    lifecycle: Code = "review"
    publication: Subject
    version: Version
    sign_off: SignOff


class Return(Model):
    """退回: a version sent back to its drafter."""

    publication: Subject
    version: Version
    sign_off: SignOff
    reason: Reason


class ReviewSigned(Envelope):
    """A level passed."""

    type: Literal["cn.gongkai.review.signed.v1"]
    data: Signature


class ReviewReturned(Envelope):
    """A level sent it back."""

    type: Literal["cn.gongkai.review.returned.v1"]
    data: Return
