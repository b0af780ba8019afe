"""What is said of texts: the classes of RULES §4, each with what is wrong and what to write instead."""

from __future__ import annotations

from schemas.reasons.codes import Reason, Text

CHECKS = "国办发〔2017〕47号；国办秘函〔2019〕19号"
"""The two notices by which government sites are checked for faults in their texts."""

TEXT_TEXTS: dict[Reason, Text] = {
    Reason.TX_01: Text(
        "judge", "block", "保守国家秘密法第20条、第22条",
        "文本带有密级标志“{found}”。", "The text bears a mark of secrecy: {found}.",
        "立即停止发布，连同原件交本单位保密机构核实；确未定密的，删去标志、重新审查后再发送。",
        "Stop at once and take it to the secrecy office; where it is not classified, remove the mark, "
        "review it again and send it anew.",
    ),
    Reason.TX_02: Text(
        "judge", "block", "保守国家秘密法第64条；政府信息公开条例第14条",
        "文本带有不应公开的标志或字样“{found}”：{why_zh}。",
        "The text bears a mark or words that are not for the public: {found} ({why_en}).",
        "请核对公开属性并重新进行保密审查；可以公开的，删去该标志或改用定稿后再发送。",
        "Check the disclosure attribute and review again; what may be public goes without the mark, in its final form.",
    ),
    Reason.TX_03: Text(
        "judge", "error", "国办发〔2016〕80号",
        "附注“{given}”与公开属性“{attribute}”不一致。",
        "The annotation {given} does not agree with the disclosure attribute {attribute}.",
        "请以审批确定的公开属性为准，改正附注或公开属性后重新发送。",
        "Go by the attribute that was approved: mend the annotation or the attribute and send it again.",
    ),
    Reason.TX_04: Text(
        "judge", "block", "个人信息保护法第28条；政府信息公开条例第15条",
        "文本含有公民身份号码：{found}。", "The text holds an identity number: {found}.",
        "请删去，或遮盖为前3位、11个*和后4位后再发送；身份号码不得公开。",
        "Take it out, or mask it as its first 3 digits, 11 asterisks and last 4; identity numbers are never public.",
    ),
    Reason.TX_05: Text(
        "judge", "block", "政府信息公开条例第15条",
        "文本含有电话号码{found}：{why_zh}。", "The text holds the telephone number {found}: {why_en}.",
        "个人号码请删去或遮盖中间四位；公务联系电话请与“联系电话”“咨询”等字样写在同一行，优先使用固定电话。",
        "Remove or mask a person's number; write an office's number on a line that says 联系电话 or 咨询, "
        "preferably a landline.",
    ),
    Reason.TX_06: Text(
        "judge", "block", "个人信息保护法第28条；政府信息公开条例第15条",
        "文本含有银行卡号：{found}。", "The text holds a bank card number: {found}.",
        "请删去，或只保留后4位后再发送。", "Take it out, or leave its last 4 digits alone.",
    ),
    Reason.TX_07: Text(
        "judge", "block", "个人信息保护法第28条；政府信息公开条例第15条",
        "文本含有个人信息“{found}”：{why_zh}。", "The text holds personal data: {found} ({why_en}).",
        "请删去，或按去标识化要求遮盖姓名、住址、号牌等内容后再发送。",
        "Take it out, or mask name, address and plate so that nobody can be told by them.",
    ),
    Reason.TX_08: Text(
        "judge", "error", CHECKS,
        "错别字：“{found}”应为“{suggest}”。", "Misspelt: {found} should read {suggest}.",
        "请将“{found}”改为“{suggest}”；确属引用原文的，可填写overrides说明理由。",
        "Write {suggest}; where it is quoted as it stands, answer for it in `overrides`.",
    ),
    Reason.TX_09: Text(
        "judge", "block", CHECKS,
        "严重表述错误：“{found}”疑为“{suggest}”之误。", "Gravely wrong: {found} is not {suggest}.",
        "请将“{found}”改为“{suggest}”；名称本来如此的，请报主管部门补入名称表。",
        "Write {suggest}; where the name is right, have the lead office add it to the list of names.",
    ),
    Reason.TX_10: Text(
        "judge", "error", CHECKS,
        "固定表述“{name}”{why_zh}：“{found}”。", "The fixed phrase {name} {why_en}: {found}.",
        "请写成“{suggest}”。", "Write {suggest}.",
    ),
    Reason.TX_11: Text(
        "judge", "error", CHECKS,
        "领导姓名、职务或排序有误：“{found}”，{why_zh}。",
        "A leader's name, title or place is wrong: {found}, {why_en}.",
        "请改为“{suggest}”；任免后名单未更新的，请报主管部门更新。",
        "Write {suggest}; after an appointment, have the lead office bring the roster up to date.",
    ),
    Reason.TX_12: Text(
        "judge", "error", CHECKS,
        "文号或日期有误：“{found}”，{why_zh}。", "A document number or date is wrong: {found}, {why_en}.",
        "请改为“{suggest}”。", "Write {suggest}.",
    ),
    Reason.TX_13: Text(
        "judge", "error", CHECKS,
        "文字残缺或重复：“{found}”，{why_zh}。", "Something is missing or stands twice: {found}, {why_en}.",
        "请对照原稿补全、删去重复内容或更换占位文字后再发送。",
        "Compare it with the manuscript: fill the gap, take the repetition out or replace the placeholder.",
    ),
    Reason.TX_14: Text(
        "judge", "error", CHECKS,
        "链接或附件有误：“{found}”，{why_zh}。", "A link or attachment is wrong: {found}, {why_en}.",
        "请改正链接地址，或补上附件后再发送；确需链接的外部网站，请报主管部门列入允许名单。",
        "Mend the address or add the attachment; have the lead office list an outside site that is needed.",
    ),
    Reason.TX_15: Text(
        "judge", "error", "国办发〔2017〕47号",
        "文本含有广告或引流内容“{found}”。", "The text advertises: {found}.",
        "政府网站和政府公报不得刊登商业广告；请删去后再发送。",
        "Government sites and gazettes carry no advertising: take it out.",
    ),
    Reason.TX_16: Text(
        "judge", "warn", "党政机关公文处理工作条例第9条；国办发〔2017〕47号",
        "标题不够规范：{why_zh}。", "The title could be better: {why_en}.",
        "标题宜不超过50字、完整不截断；公文标题由发文机关、事由和文种组成。",
        "A title has at most 50 characters and is never cut; a document's names the organ, the matter and the genre.",
    ),
    Reason.TX_17: Text(
        "judge", "error", "国家通用语言文字法第3条；国办发〔2017〕47号",
        "简繁或编码混杂：“{found}”，{why_zh}。", "Scripts or encodings are mixed: {found}, {why_en}.",
        "请统一使用规范汉字，删去夹注的拼音，乱码处对照原稿重新录入。",
        "Use Simplified characters throughout, take pinyin in brackets out, and type garbled places anew.",
    ),
    Reason.TX_18: Text(
        "judge", "warn", "国办发〔2017〕47号；个人信息保护法第51条",
        "附件留有属性信息：{why_zh}。", "The attachment keeps metadata: {why_en}.",
        "请在办公软件中“检查文档”，清除作者、单位和修订痕迹后重新上传。",
        "Inspect the document in its office program, remove author, company and tracked changes and upload it again.",
    ),
}  # fmt: skip
