"""FOI requests (依申请公开) and their steps."""

from __future__ import annotations

from typing import Literal

from schemas.base import Code, Instant, Model
from schemas.envelope import Envelope
from schemas.events.common import Sealed, Step


class FoiRequest(Model):
    """A request as it came (条例 Art. 29); who asks and for what is sealed."""

    lifecycle: Code = "foi-request"
    applicant: Literal["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    way: Literal["当面", "签收邮寄", "平常信函", "互联网", "传真"]
    """How it came in, which decides the day it counts as received (条例 Art. 31)."""
    submitted_at: Instant
    form_wanted: Code | None = None
    personal: Sealed | None = None


class FoiRequestSubmitted(Envelope):
    """A request came in."""

    type: Literal["cn.gongkai.foi-request.submitted.v1"]
    data: FoiRequest


class FoiRequestStepped(Envelope):
    """A step: confirmed, registered, extended, replied."""

    type: Literal["cn.gongkai.foi-request.stepped.v1"]
    data: Step
