"""What citizens hand in, and the event each becomes. Pure: ids, times and the pack are arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from schemas.base import Subject
from schemas.envelope import TypeName

Kind = Literal["comments", "letters", "foi-requests", "answers"]
MAX_FILES = 5
MAX_FILE = 5_000_000
MAX_BODY = 36_000_000
"""Of a form with its files in Base64."""

Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=20_000)]
Answers = Annotated[dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], Long], Field(max_length=40)]


class Upload(BaseModel):
    """一个文件,内容以Base64编码。A file, in Base64."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    content: Annotated[Base64Bytes, Field(max_length=MAX_FILE)]


class Form(BaseModel):
    """每张表单共有的部分。What every form has: who hands it in, the token it came with, and files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: Annotated[str, Field(max_length=300)] = ""
    website: Annotated[str, Field(max_length=500)] = ""
    """留空。Left empty by people, who do not see it."""
    name: Short = ""
    phone: Short = ""
    id: Short = ""
    """证件号码。Number of an identity document."""
    identity: Short = ""
    """身份证明的种类和号码。Which document, and its number."""
    email: Short = ""
    address: Annotated[str, Field(max_length=500)] = ""
    title: Short = ""
    body: Long = ""
    files: Annotated[list[Upload], Field(max_length=MAX_FILES)] = []

    def texts(self) -> dict[str, str]:
        """What is personal in it, without what was left empty."""
        names = ("name", "phone", "id", "identity", "email", "address", "title", "body")
        return {name: text for name in names if (text := getattr(self, name).strip())}


class Comment(Form):
    """对征求意见稿的意见。A comment on a consultation; from accounts with `channel`, `foreign_id` and `at`."""

    consultation: Subject
    anonymous: bool = False
    channel: Annotated[str, Field(max_length=100)] = "portal"
    foreign_id: Annotated[str, Field(max_length=200)] = ""
    at: datetime | None = None


class Letter(Form):
    """来信。A letter to a mailbox."""

    mailbox: Annotated[str, Field(min_length=1, max_length=100)]
    kind: Literal["咨询", "求助", "建议", "投诉", "举报"]
    urgent: bool = False
    topic: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    against: Annotated[list[Annotated[str, Field(pattern=r"^[a-z0-9]{1,20}$")]], Field(max_length=10)] = []
    """被反映的单位,举报不会转给它们。Departments (codes) that it is about; a report never reaches them."""


class FoiRequest(Form):
    """政府信息公开申请。A request for information (条例 Art. 29)."""

    applicant: Literal["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    way: Literal["当面", "签收邮寄", "平常信函", "互联网", "传真"] = "互联网"
    form_wanted: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class Answer(Form):
    """问卷答卷。Answers to a questionnaire: `choices` are fields of its step and counted, `words` are sealed."""

    questionnaire: Subject
    step: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    """Step of the questionnaire's lifecycle that an answer takes."""
    choices: Answers = {}
    words: Answers = {}

    def texts(self) -> dict[str, str]:
        """The free texts too."""
        return super().texts() | {f"answer_{name}"[:40]: text for name, text in self.words.items() if text.strip()}


FORMS: Mapping[Kind, type[Form]] = {
    "comments": Comment, "letters": Letter, "foi-requests": FoiRequest, "answers": Answer,
}  # fmt: skip


class Made(NamedTuple):
    """Whose matter a form belongs to, and what it says openly."""

    type: str
    subject: str
    data: Mapping[str, Any]

    def event(self, event_id: str, source: str, at: datetime, texts: Mapping[str, str]) -> bytes:
        """The event, with its personal data still in plain: for the intake alone."""
        whole = {
            "specversion": "1.0", "id": event_id, "source": source, "type": self.type, "subject": self.subject,
            "time": at.isoformat(), "datacontenttype": "application/json",
            "data": {**self.data, **({"personal": dict(texts)} if texts else {})},
        }  # fmt: skip
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def made(form: Form, lead: str, number: str, at: datetime) -> Made:
    """What `form` becomes, under the receipt's number."""
    own, time = f"{lead}/{number}", at.isoformat()
    match form:
        case Letter():
            more: dict[str, Any] = {"topic": form.topic} if form.topic else {}
            more |= {"against": form.against} if form.against else {}
            data: dict[str, Any] = {"mailbox": form.mailbox, "kind": form.kind, "urgent": form.urgent,
                                    "submitted_at": time, "channel": "portal", **more}  # fmt: skip
            return Made(str(TypeName("complaint", "submitted", 1)), own, data)
        case FoiRequest():
            wanted = {"form_wanted": form.form_wanted} if form.form_wanted else {}
            data = {"applicant": form.applicant, "way": form.way, "submitted_at": time, **wanted}
            return Made(str(TypeName("foi-request", "submitted", 1)), own, data)
        case Comment():
            data = {"comment": number, "channel": form.channel, "at": time, "anonymous": form.anonymous}
            return Made(str(TypeName("consultation", "commented", 1)), form.consultation, data)
        case Answer():
            fields = {**form.choices, "answer": number, "channel": "portal"}
            data = {"step": form.step, "actor_dept": lead, "actor_role": "citizen", "at": time, "fields": fields}
            return Made(str(TypeName("matter", "stepped", 1)), form.questionnaire, data)
    raise AssertionError(form)
