"""Requests for information at the stages that tests begin from."""

from __future__ import annotations

from tests.rules.lifecycles.walking import CITIZEN, Walk

REMEDIES = (
    "对本答复不服的，应当先申请行政复议：自收到之日起六十日内向市人民政府提出；对复议决定不服的，可以提起行政诉讼。"
)
REPLIES = {
    "granted": ("条例第三十六条第（二）项", "经检索，该信息可以公开，现予提供。"),
    "partial": ("条例第三十七条", "其中涉及个人隐私的部分作区分处理。"),
    "den_secret": ("条例第十四条", "经审查该信息属于国家秘密，不予公开。"),
    "den_third": ("条例第三十二条", "经征求意见，第三方不同意公开。"),
    "den_process": ("条例第十六条第二款", "该信息属于讨论记录等过程性信息。"),
    "una_none": ("条例第三十六条第（四）项", "经检索没有找到所申请公开的信息。"),
    "una_make": ("条例第三十八条", "没有现成信息，需要另行加工分析。"),
    "np_petition": ("条例第三十九条", "该申请属于信访事项，请通过信访渠道提出。"),
    "np_repeat": ("条例第三十六条第（六）项", "就相同内容已经作出答复，不重复处理。"),
}


def submitted(way: str = "当面", when: str = "2026-02-10") -> Walk:
    walk = Walk("foi-request")
    walk.go("submitted", when, CITIZEN, applicant="自然人", way=way, submitted_at=f"{when}T09:00:00+08:00",
            form_wanted="电子文档")  # fmt: skip
    return walk


def registered(day: str = "2026-02-10") -> Walk:
    """Handed in and registered on one day."""
    walk = submitted(when=day)
    walk.go("confirmed", f"{day} 10:00", received_on=day)
    walk.go("registered", f"{day} 11:00", reg_no="2026-1")
    return walk


def assigned(day: str = "2026-02-10") -> Walk:
    walk = registered(day)
    walk.go("assigned", f"{day} 14:00", dept="mzj")
    return walk


def audited(walk: Walk, day: str, outcome: str) -> Walk:
    statute, reasoning = REPLIES[outcome]
    walk.go("drafted", f"{day} 09:30", "mzj", outcome=outcome, statute=statute, reasoning=reasoning)
    walk.go("audited", f"{day} 10:00", audit_result="同意")
    return walk


def reply(kind: str = "granted", /, **other: str) -> dict[str, str]:
    """What a right reply says."""
    statute, reasoning = REPLIES[kind]
    said = {"outcome": kind, "reply_no": "公开办〔2026〕12号-告", "statute": statute, "reasoning": reasoning,
            "where": "市档案馆查阅点，工作日上午", "remedies": REMEDIES}  # fmt: skip
    return said | other


def replied(day: str = "2026-02-27", outcome: str = "granted") -> Walk:
    walk = audited(assigned(), day, outcome)
    walk.go("replied", f"{day} 11:00", **reply(outcome))
    return walk


CASE = {
    "question": "申请公开救助标准制定依据",
    "case_statute": "条例第三十六条",
    "case_reasoning": "该信息已经主动公开，告知获取途径。",
}
