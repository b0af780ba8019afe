"""The events that enter the bus, a module a family, and the table of every type ever released."""

from __future__ import annotations

from schemas.envelope import Envelope
from schemas.events.complaints import ComplaintStepped, ComplaintSubmitted
from schemas.events.consultations import ConsultationCommented, ConsultationOpened, ConsultationStepped
from schemas.events.foi_requests import FoiRequestStepped, FoiRequestSubmitted
from schemas.events.matters import MatterOpened, MatterStepped
from schemas.events.publications import (
    PublicationScheduled,
    PublicationSubmitted,
    PublicationUpdated,
    PublicationWithdrawn,
)
from schemas.events.registers import RegisterLoaded, RegisterRecorded, RegisterRemoved
from schemas.events.reviews import ReviewReturned, ReviewSigned

EVENTS: dict[str, type[Envelope]] = {
    "cn.gongkai.publication.submitted.v1": PublicationSubmitted,
    "cn.gongkai.publication.updated.v1": PublicationUpdated,
    "cn.gongkai.publication.withdrawn.v1": PublicationWithdrawn,
    "cn.gongkai.publication.scheduled.v1": PublicationScheduled,
    "cn.gongkai.register.recorded.v1": RegisterRecorded,
    "cn.gongkai.register.loaded.v1": RegisterLoaded,
    "cn.gongkai.register.removed.v1": RegisterRemoved,
    "cn.gongkai.review.signed.v1": ReviewSigned,
    "cn.gongkai.review.returned.v1": ReviewReturned,
    "cn.gongkai.consultation.opened.v1": ConsultationOpened,
    "cn.gongkai.consultation.commented.v1": ConsultationCommented,
    "cn.gongkai.consultation.stepped.v1": ConsultationStepped,
    "cn.gongkai.complaint.submitted.v1": ComplaintSubmitted,
    "cn.gongkai.complaint.stepped.v1": ComplaintStepped,
    "cn.gongkai.foi-request.submitted.v1": FoiRequestSubmitted,
    "cn.gongkai.foi-request.stepped.v1": FoiRequestStepped,
    "cn.gongkai.matter.opened.v1": MatterOpened,
    "cn.gongkai.matter.stepped.v1": MatterStepped,
}
"""Type name to model. A type is never taken out: every later build reads every type ever released."""

FAMILIES = frozenset(name.split(".")[2] for name in EVENTS)

__all__ = ["EVENTS", "FAMILIES"]
