"""Values that are made up, to show what a finding reads like. All names are of the fictional example city."""

from __future__ import annotations

from schemas.reasons import Reason

_COMMON: dict[str, str] = {
    "item": "01-99", "day": "2026-09-21", "dept": "示例市发展和改革委员会", "depts": "示例市财政局",
    "source": "/departments/fgw", "kind": "budget", "allowed": "notice、emergency-notice", "version": "3",
    "missing": "联系方式", "ticked": "政府网站、两微一端", "given": "示政发[2026]05号", "fixed": "示政发〔2026〕5号",
    "year": "2026", "formed": "2025-12-30", "time": "2026-09-19 09:00", "arrival": "2026-09-21 12:00",
    "before": "24", "length": "48", "limit": "32", "outlet": "示例发布", "due": "2026-09-18",
    "line": "12", "column": "备注", "name": "关于冬季供暖的通知", "id": "3f0c…", "sha256": "9b74…",
    "release_at": "2026-09-22 08:00", "register": "权力清单", "record": "010001", "field": "事项名称",
    "value": "—", "form": "日期", "expected": "2026-09-21", "other": "另一条记录", "known": "现有版本", "years": "5",
    "docno": "示政发〔2026〕5号", "count": "2", "subject": "fgw/2026-15", "after": "5",
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
    Reason.TX_01: {"found": "机密★1年"},
    Reason.TX_02: {"found": "内部资料", "why_zh": "该字样只用于内部材料"},
    Reason.TX_03: {"given": "此件不予公开", "attribute": "主动公开"},
    Reason.TX_04: {"found": "990***********0012", "why_zh": "居民身份证号码"},
    Reason.TX_05: {"found": "138****5678", "why_zh": "移动电话号码"},
    Reason.TX_06: {"found": "***************9992", "why_zh": "银行卡号"},
    Reason.TX_07: {"found": "3号楼2单元501室", "why_zh": "住址写到门牌"},
    Reason.TX_08: {"found": "布署", "suggest": "部署"},
    Reason.TX_09: {"found": "攻府", "suggest": "政府", "why_zh": "名称有误"},
    Reason.TX_10: {"found": "决策、管理、执行", "suggest": "决策、执行、管理、服务、结果", "name": "五公开",
                   "why_zh": "顺序有误"},
    Reason.TX_11: {"found": "名单", "suggest": "按职务顺序排列", "why_zh": "排序与职务不符"},
    Reason.TX_12: {"found": "2026年9月21日（星期二）", "suggest": "星期一", "why_zh": "星期与日期不符"},
    Reason.TX_13: {"found": "、、", "why_zh": "并列成分缺失"},
    Reason.TX_14: {"found": "http://shop.example/", "why_zh": "不是政府网站"},
    Reason.TX_15: {"found": "扫一扫购买", "why_zh": "商业推广"},
    Reason.TX_16: {"found": "关于印发……的", "why_zh": "标题不完整"},
    Reason.TX_17: {"found": "圖書館", "suggest": "图书馆", "why_zh": "简体文本中夹有繁体字"},
    Reason.TX_18: {"found": "修订记录", "name": "方案.docx", "why_zh": "文件属性中留有作者"},
}  # fmt: skip


def values_for(reason: Reason) -> dict[str, str]:
    """What fills the sentences of `reason`; a hole without a value is shown as a dash."""
    return {**_COMMON, **_OF_REASON.get(reason, {})}
