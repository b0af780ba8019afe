"""The closed list of codes, and what belongs to each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from schemas.records import Severity

Where = Literal["decode", "door", "file", "judge", "store", "engine"]
"""Who says it: whoever reads bytes, the door, the file drop, the judge, a store, or the engine of itself."""


class Reason(StrEnum):
    """The codes, and no others."""

    NULL_VALUE = "NULL-VALUE"
    SIZE = "SIZE"
    UTF8 = "UTF8"
    JSON = "JSON"
    NOT_CLOUDEVENT = "NOT-CLOUDEVENT"
    UNKNOWN_TYPE = "UNKNOWN-TYPE"
    UNKNOWN_VERSION = "UNKNOWN-VERSION"
    INVALID = "INVALID"

    KEY_MISSING = "KEY-MISSING"
    KEY_WRONG = "KEY-WRONG"
    KEY_REVOKED = "KEY-REVOKED"
    KEY_ENDED = "KEY-ENDED"
    SOURCE_WRONG = "SOURCE-WRONG"
    MEDIA_TYPE = "MEDIA-TYPE"
    ID_REUSED = "ID-REUSED"
    OUTBOX_FULL = "OUTBOX-FULL"
    BACKFILL_KEY = "BACKFILL-KEY"
    PERSONAL_FORM = "PERSONAL-FORM"
    PERSONAL_SEALED = "PERSONAL-SEALED"
    ERASED = "ERASED"
    MATTER_UNKNOWN = "MATTER-UNKNOWN"
    NOT_RESPONSIBLE = "NOT-RESPONSIBLE"
    LEAD_ONLY = "LEAD-ONLY"
    ATTACHMENT_FOREIGN = "ATTACHMENT-FOREIGN"
    FORM_TOKEN = "FORM-TOKEN"  # noqa: S105 - a code, no password
    FORM_FIELD = "FORM-FIELD"
    TOO_MANY = "TOO-MANY"
    QUERY_WRONG = "QUERY-WRONG"
    FOI_IDENTITY = "FOI-IDENTITY"
    COMMENT_CLOSED = "COMMENT-CLOSED"
    RELEASE_AT = "RELEASE-AT"
    EVENT_UNKNOWN = "EVENT-UNKNOWN"
    OTHER_DEPT = "OTHER-DEPT"
    UPLOAD_TYPE = "UPLOAD-TYPE"
    UPLOAD_SIZE = "UPLOAD-SIZE"
    UPLOAD_UNKNOWN = "UPLOAD-UNKNOWN"
    REJ_ATTACHMENT = "REJ-ATTACHMENT"

    FILE_UNKNOWN = "FILE-UNKNOWN"
    FILE_EMPTY = "FILE-EMPTY"
    FILE_ENCODING = "FILE-ENCODING"
    FILE_CUT = "FILE-CUT"
    CSV_COLUMN = "CSV-COLUMN"
    CSV_FORM = "CSV-FORM"
    CSV_FORMULA = "CSV-FORMULA"
    META_MISSING = "META-MISSING"
    META_INVALID = "META-INVALID"

    REJ_NOITEM = "REJ-NOITEM"
    REJ_AUTHORITY = "REJ-AUTHORITY"
    REJ_KIND = "REJ-KIND"
    REJ_VERSION = "REJ-VERSION"
    REJ_ELEMENTS = "REJ-ELEMENTS"
    REJ_CHANNEL = "REJ-CHANNEL"
    REJ_AUDIENCE = "REJ-AUDIENCE"
    REJ_MODE = "REJ-MODE"
    REJ_SECRET = "REJ-SECRET"  # noqa: S105 - a code, no password
    REJ_PENDING = "REJ-PENDING"
    REJ_REVIEW = "REJ-REVIEW"
    REJ_CONFIRM = "REJ-CONFIRM"
    REJ_DOCNO = "REJ-DOCNO"
    DOCNO_FIX = "DOCNO-FIX"
    DOCNO_YEAR = "DOCNO-YEAR"
    REJ_USCC = "REJ-USCC"
    REJ_ORGCODE = "REJ-ORGCODE"
    DOC_INWARD = "DOC-INWARD"
    TITLE_FORM = "TITLE-FORM"
    INDEX_FORM = "INDEX-FORM"
    TOPIC_UNKNOWN = "TOPIC-UNKNOWN"
    FIVE_OPEN = "FIVE-OPEN"
    VALIDITY = "VALIDITY"
    REJ_LINK = "REJ-LINK"
    REJ_DATE = "REJ-DATE"
    REJ_TIME = "REJ-TIME"
    REJ_TITLE = "REJ-TITLE"
    REJ_BACKFILL = "REJ-BACKFILL"
    REJ_LATE = "REJ-LATE"
    CALENDAR_GAP = "CALENDAR-GAP"

    TX_01 = "TX-01"
    TX_02 = "TX-02"
    TX_03 = "TX-03"
    TX_04 = "TX-04"
    TX_05 = "TX-05"
    TX_06 = "TX-06"
    TX_07 = "TX-07"
    TX_08 = "TX-08"
    TX_09 = "TX-09"
    TX_10 = "TX-10"
    TX_11 = "TX-11"
    TX_12 = "TX-12"
    TX_13 = "TX-13"
    TX_14 = "TX-14"
    TX_15 = "TX-15"
    TX_16 = "TX-16"
    TX_17 = "TX-17"
    TX_18 = "TX-18"

    REG_UNKNOWN = "REG-UNKNOWN"
    REG_SUBJECT = "REG-SUBJECT"
    REG_WHO = "REG-WHO"
    REG_CODE = "REG-CODE"
    REG_DOUBLE = "REG-DOUBLE"
    REG_VERSION = "REG-VERSION"
    REG_FIELD = "REG-FIELD"
    REG_MISSING = "REG-MISSING"
    REG_ENUM = "REG-ENUM"
    REG_VALUE = "REG-VALUE"
    REG_EMPTY = "REG-EMPTY"

    SM_ILLEGAL = "SM-ILLEGAL"
    SM_UNKNOWN = "SM-UNKNOWN"
    SM_LIFECYCLE = "SM-LIFECYCLE"
    SM_TWICE = "SM-TWICE"
    SM_ONCE = "SM-ONCE"
    SM_ACTOR = "SM-ACTOR"
    SM_FIELD = "SM-FIELD"
    SM_ORDER = "SM-ORDER"
    SM_FUTURE = "SM-FUTURE"
    SM_BACKDATED = "SM-BACKDATED"
    SM_BRANCH = "SM-BRANCH"
    SM_WAITING = "SM-WAITING"
    SM_REVIEW = "SM-REVIEW"

    VER_CONFLICT = "VER-CONFLICT"
    DOCNO_TWICE = "DOCNO-TWICE"
    ENGINE_FAULT = "ENGINE-FAULT"
    ENGINE_CRASH = "ENGINE-CRASH"


@dataclass(frozen=True, slots=True)
class Text:
    """What belongs to a code. The sentences are templates for `str.format`; `{…}` are the values at fault."""

    where: Where
    severity: Severity
    basis: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


HOUSE = "本平台接入规范"
"""Basis of what is the platform's own rule."""
