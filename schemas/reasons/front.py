"""What is said at the counter: of personal data, of who may open it, of citizens' forms and queries."""

from __future__ import annotations

from schemas.reasons.codes import HOUSE, Reason, Text

PIPL = "个人信息保护法"

FRONT_TEXTS: dict[Reason, Text] = {
    Reason.PERSONAL_FORM: Text(
        "door", "block", f"{PIPL}第6条",
        "个人信息字段personal不合要求：{why_zh}。", "The field `personal` is not as it must be: {why_en}.",
        "请把personal写成名称到文字的对照表，例如name、phone、id、address、email、title、body，改正后以新的id重新发送。",
        "Write `personal` as an object of texts (name, phone, id, address, email, title, body) and send it anew.",
    ),
    Reason.PERSONAL_SEALED: Text(
        "door", "block", f"{PIPL}第51条",
        "个人信息已由发送方自行封存，平台无法核验，也无法按期删除。",
        "The sender sealed the personal data itself, so that it could be neither checked nor erased here.",
        "请在personal中填写原文，由平台封存；除承办单位外任何人都看不到原文。",
        "Send the plain texts: the door seals them, and nobody but the department in charge opens them.",
    ),
    Reason.ERASED: Text(
        "door", "block", f"{PIPL}第47条",
        "编号{id}的个人信息已依法删除，该编号不再办理。",
        "The personal data of {id} was erased; nothing more is done under it.",
        "需要继续办理的，请以新的编号重新提交。", "Where more is to be done, begin under a new number.",
    ),
    Reason.MATTER_UNKNOWN: Text(
        "door", "block", HOUSE,
        "没有编号为{id}的事项，或尚未登记。", "There is no matter {id}, or it is not registered yet.",
        "请核对编号；刚提交的请稍后再查。", "Check the number; where it was sent just now, ask again in a moment.",
    ),
    Reason.NOT_RESPONSIBLE: Text(
        "door", "block", f"{PIPL}第34条",
        "事项{id}现在不由本单位承办，不能查阅其中的个人信息。",
        "This department does not handle {id} now, so it can't open the personal data in it.",
        "请由现在的承办单位查阅；确需接办的，先办理转办手续。",
        "The department in charge may open it; where the matter is to be yours, have it handed over first.",
    ),
    Reason.LEAD_ONLY: Text(
        "door", "block", HOUSE,
        "该操作只能由政务公开主管部门办理。", "Only the lead office may do this.",
        "请联系政务公开主管部门。", "Ask the lead office.",
    ),
    Reason.ATTACHMENT_FOREIGN: Text(
        "door", "error", "政府信息公开条例第10条",
        "附件{name}不是本单位上传的（摘要{sha256}）。",
        "Attachment {name} was uploaded by another department (digest {sha256}).",
        "请由本单位用POST /v1/files上传该附件后，再以新的id发送。",
        "Upload the file with your own key (POST /v1/files), then send the event under a new id.",
    ),
    Reason.FORM_TOKEN: Text(
        "door", "block", HOUSE,
        "表单不能提交：{why_zh}。", "The form can't be taken: {why_en}.",
        "请刷新页面、重新打开表单后再提交。", "Open the form again and send it once.",
    ),
    Reason.FORM_FIELD: Text(
        "door", "block", HOUSE,
        "表单中的“{field}”{why_zh}。", "In the form, {field} {why_en}.",
        "请按提示改正后重新提交。", "Put it right and send the form again.",
    ),
    Reason.TOO_MANY: Text(
        "door", "block", HOUSE,
        "操作过于频繁，请在{minutes}分钟后再试。", "Too many attempts: try again in {minutes} minutes.",
        "请稍后再试；忘记查询码的，可持有效证件到受理单位查询。",
        "Wait a while; who has lost the code may ask at the office with an identity card.",
    ),
    Reason.QUERY_WRONG: Text(
        "door", "block", HOUSE,
        "受理编号或查询码不正确。", "The receipt number or the query code is not right.",
        "请核对提交时给出的受理编号和10位查询码。", "Check both numbers that were given when it was handed in.",
    ),
    Reason.FOI_IDENTITY: Text(
        "door", "block", "政府信息公开条例第29条",
        "申请没有身份证明，不能受理。", "The request holds no proof of identity and can't be taken.",
        "请填写姓名或名称、有效证件号码（或上传身份证明）和联系方式后重新提交。",
        "Give your name, an identity document and a way to reach you, then send it again.",
    ),
    Reason.COMMENT_CLOSED: Text(
        "door", "block", "重大行政决策程序暂行条例第15条",
        "该项征集已于{day}结束，不再接收意见。", "This consultation ended on {day} and takes no more comments.",
        "可查看其他正在征集的事项；对结果有意见的，可写信反映。",
        "See which others are open, or write a letter about the outcome.",
    ),
}  # fmt: skip
