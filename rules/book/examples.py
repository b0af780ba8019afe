"""Values that are made up, to show what a finding reads like. All names are of the fictional example city."""

from __future__ import annotations

from schemas.reasons import Reason

_COMMON: dict[str, str] = {
    "item": "01-99", "day": "2026-09-21", "dept": "示例市发展和改革委员会", "depts": "示例市财政局",
    "source": "/departments/fgw", "kind": "budget", "allowed": "notice、emergency-notice", "version": "3",
    "missing": "联系方式", "ticked": "政府网站、两微一端", "given": "示政发[2026]05号", "fixed": "示政发〔2026〕5号",
    "year": "2026", "formed": "2025-12-30", "time": "2026-09-19 09:00", "arrival": "2026-09-21 12:00",
    "before": "24", "after": "5", "length": "48", "limit": "32", "outlet": "示例发布", "due": "2026-09-18",
    "line": "12", "column": "备注", "name": "关于冬季供暖的通知", "id": "3f0c…", "sha256": "9b74…",
    "release_at": "2026-09-22 08:00",
}  # fmt: skip

_OF_REASON: dict[Reason, dict[str, str]] = {
    Reason.SIZE: {"detail": "共1,204,311字节"},
    Reason.UTF8: {"detail": "第37字节"},
    Reason.JSON: {"detail": "第2行第15列缺少引号"},
    Reason.UNKNOWN_TYPE: {"detail": "cn.gongkai.publication.created.v1"},
    Reason.UNKNOWN_VERSION: {"detail": "cn.gongkai.publication.submitted.v9"},
    Reason.INVALID: {"detail": "data.title不能为空"},
    Reason.MEDIA_TYPE: {"detail": "text/plain"},
    Reason.UPLOAD_TYPE: {"detail": "安装包.exe"},
    Reason.UPLOAD_SIZE: {"limit": "104857600"},
    Reason.FILE_UNKNOWN: {"detail": "通知.wps"},
    Reason.FILE_ENCODING: {"detail": "第8字节"},
    Reason.CSV_COLUMN: {"detail": "缺少“标题”列"},
    Reason.CSV_FORM: {"detail": "第4行引号不成对"},
    Reason.META_INVALID: {"detail": "dates.formed不是日期"},
    Reason.REJ_AUTHORITY: {"why_zh": "该事项的公开主体是示例市财政局"},
    Reason.REJ_CHANNEL: {"why_zh": "目录没有勾选政府公报"},
    Reason.REJ_AUDIENCE: {"why_zh": "该事项只面向特定群体"},
    Reason.REJ_MODE: {"why_zh": "该事项依申请公开"},
    Reason.REJ_SECRET: {"why_zh": "保密审查结论为不公开"},
    Reason.REJ_REVIEW: {"why_zh": "缺少二审签署"},
    Reason.REJ_DOCNO: {"why_zh": "年份应为四位数"},
    Reason.REJ_LINK: {"why_zh": "没有注明解读材料"},
    Reason.REJ_DATE: {"why_zh": "成文日期晚于发送当日"},
    Reason.REJ_BACKFILL: {"why_zh": "没有原发布日期"},
}


def values_for(reason: Reason) -> dict[str, str]:
    """What fills the sentences of `reason`; a hole without a value is shown as a dash."""
    return {**_COMMON, **_OF_REASON.get(reason, {})}
