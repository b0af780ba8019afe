"""What is said of publications by the rules, and of what the engine could not do."""

from __future__ import annotations

from schemas.reasons.codes import HOUSE, Reason, Text

JUDGING_TEXTS: dict[Reason, Text] = {
    Reason.REJ_NOITEM: Text(
        "judge", "block", "政府信息公开条例第12条",
        "公开目录中没有序号为{item}的事项，或该事项在{day}尚未生效或已停用。",
        "The catalogue has no row {item}, or it is not in force on {day}.",
        "请查公开目录(gongkai catalogue show)选定正确序号；确需新增事项的，先报主管部门修订目录。",
        "Choose the row with `gongkai catalogue show`; a new one needs the lead office's amendment first.",
    ),
    Reason.REJ_AUTHORITY: Text(
        "judge", "block", "政府信息公开条例第10条",
        "{dept}无权发送这条信息：{why_zh}。", "{dept} may not send this: {why_en}.",
        "请由制作该信息的机关（联合发文的由牵头机关）以本机关名义发送；机构改革的，请主管部门核对承接关系。",
        "The organ that made it (of a joint one, the lead) must send it under its own name; after a reform, "
        "have the lead office check who succeeded whom.",
    ),
    Reason.REJ_KIND: Text(
        "judge", "block", "政府信息公开条例第20条",
        "事项{item}不能以{kind}这一体裁发布，可用：{allowed}。",
        "Row {item} does not take kind {kind}; it takes: {allowed}.",
        "请改用所列体裁之一，或选择与内容相符的目录事项。",
        "Use one of these kinds, or the row that fits the content.",
    ),
    Reason.REJ_VERSION: Text(
        "judge", "block", HOUSE,
        "版本号{version}与事件类型不符。", "Version {version} does not fit the event's type.",
        "首次发布用submitted，版本号为1；以后的版本用updated，版本号从2起递增。",
        "The first is `submitted` with version 1; later ones are `updated`, from version 2 on.",
    ),
    Reason.REJ_ELEMENTS: Text(
        "judge", "error", "政府信息公开条例第12条",
        "缺少公开要素：{missing}。", "Elements are missing: {missing}.",
        "请在elements中逐项补齐；确无内容的填写“无”并说明原因。",
        "Add each to `elements`; where there is nothing to say, write so and why.",
    ),
    Reason.REJ_CHANNEL: Text(
        "judge", "error", "政府信息公开条例第23条、第24条",
        "渠道不符：{why_zh}。", "The channels do not fit: {why_en}.",
        "请按目录勾选的渠道填写channels：{ticked}。", "Name channels that the catalogue row ticks: {ticked}.",
    ),
    Reason.REJ_AUDIENCE: Text(
        "judge", "block", "政府信息公开条例第15条",
        "公开对象不符：{why_zh}。", "The audience does not fit: {why_en}.",
        "面向特定群体的信息请改用精准推送、入户等渠道，不得上网站、公报和新媒体。",
        "What is meant for some goes by delivery to them, never to the portal, gazette or accounts.",
    ),
    Reason.REJ_MODE: Text(
        "judge", "block", "政府信息公开条例第13条",
        "公开方式不符：{why_zh}。", "The mode of disclosure does not fit: {why_en}.",
        "请核对公开属性；依申请公开的信息不通过本渠道主动发布。",
        "Check the disclosure attribute; what is given on request is not published here.",
    ),
    Reason.REJ_SECRET: Text(
        "judge", "block", "政府信息公开条例第14条至第17条",
        "不得公开：{why_zh}。", "This must not be published: {why_en}.",
        "请停止发布并按审查意见处理；可以部分公开的，删减后重新审查再发送。",
        "Do not publish; follow the review. What may be public in part is cut, reviewed again and sent anew.",
    ),
    Reason.REJ_PENDING: Text(
        "judge", "block", "政府信息公开条例第17条；保守国家秘密法实施条例第42条",
        "保密审查结果为报请确定，信息暂存，待有关主管部门或者保密行政管理部门确定；公开期限照常计算（{due}）。",
        "The secrecy review has asked the competent authority, and the item is parked until it answers; its clock "
        "runs on ({due}).",
        "请催办批复；可以公开的，更新保密审查记录后以新的id发送并在corrects填写本事件id，不得公开的不再发送。",
        "Ask for the answer; where it may be public, send it under a new id with the new record and `corrects`; "
        "where it may not, do not send it again.",
    ),
    Reason.REJ_REVIEW: Text(
        "judge", "block", "政府信息公开条例第17条；保守国家秘密法第35条",
        "审核手续不全：{why_zh}。", "The review is not complete: {why_en}.",
        "请按三审三校逐级签署（各级不同人，对最终文本签署）并附保密审查记录；文本改动后须从一审重新签署。",
        "Have all levels sign the final text (another person at each) and add the secrecy review; "
        "a changed text starts again at level 1.",
    ),
    Reason.REJ_CONFIRM: Text(
        "judge", "error", "政府信息公开条例第10条、第11条",
        "尚未得到{depts}的确认。", "{depts} has not confirmed.",
        "请先与有关机关协商确认，填写confirmed_at后再发送。", "Ask them first and fill in `confirmed_at`.",
    ),
    Reason.REJ_DOCNO: Text(
        "judge", "error", "党政机关公文处理工作条例第9条；GB/T 9704-2012",
        "发文字号不合规范：{why_zh}。", "The document number is not right: {why_en}.",
        "请写成“机关代字〔四位年份〕序号号”，如“示政发〔2026〕5号”；命令写成“示例市人民政府令第5号”。",
        "Write 机关代字〔year〕number号, such as 示政发〔2026〕5号; an order as 示例市人民政府令第5号.",
    ),
    Reason.DOCNO_FIX: Text(
        "judge", "warn", "GB/T 9704-2012",
        "发文字号已按规范改写：{given}改为{fixed}。", "The document number was rewritten: {given} became {fixed}.",
        "下次请使用六角括号〔〕，序号前不加“第”、不编虚位。", "Next time use 〔〕, no 第 and no leading zero.",
    ),
    Reason.DOCNO_YEAR: Text(
        "judge", "warn", "党政机关公文处理工作条例第9条",
        "发文字号年份{year}与成文日期{formed}不一致。",
        "The number's year {year} is not that of the day it was formed, {formed}.",
        "请核对；十二月成文、次年一月编号的可不理会。", "Check it; a December document numbered in January is right.",
    ),
    Reason.REJ_USCC: Text(
        "judge", "error", "GB 32100-2015",
        "统一社会信用代码{given}校验不通过。", "The unified social credit code {given} fails its check.",
        "请对照登记证书核对18位代码（不含字母I、O、S、V、Z）。",
        "Compare the 18 characters with the certificate; the letters I, O, S, V, Z do not occur.",
    ),
    Reason.REJ_ORGCODE: Text(
        "judge", "error", "GB 11714",
        "组织机构代码{given}校验不通过。", "The organisation code {given} fails its check.",
        "请对照证书核对9位代码（8位本体代码和1位校验码）。",
        "Compare the nine characters, eight and a check character, with the certificate.",
    ),
    Reason.DOC_INWARD: Text(
        "judge", "warn", "党政机关公文处理工作条例第8条；政府信息公开条例第16条",
        "标题显示文种为“{kind}”，这类公文一般不整件主动公开。",
        "By its title it is a {kind}, which is normally not published whole.",
        "请核对公开属性；确需公开的，可改为公开相应的批复、通知或解读。",
        "Check the disclosure attribute; where its content should be public, publish the reply, notice or "
        "interpretation that came of it.",
    ),
    Reason.TITLE_FORM: Text(
        "judge", "warn", "党政机关公文处理工作条例第9条",
        "{kind}的标题不是“{form}”的写法。", "The title of this kind is not written as {form}.",
        "请按“{form}”改写标题。", "Write the title as {form}.",
    ),
    Reason.INDEX_FORM: Text(
        "judge", "warn", "政府信息公开条例第12条",
        "索引号{given}不合规范，或其中的代码校验不通过。",
        "The index number {given} has no known form, or a code in it fails its check.",
        "请写成“{form}”的形式，或留空由平台编号；索引号一经编定不再更改。",
        "Write it as {form}, or leave it empty for the portal to give one; it never changes afterwards.",
    ),
    Reason.TOPIC_UNKNOWN: Text(
        "judge", "warn", "政府信息公开条例第12条",
        "主题分类“{given}”不在分类表中。", "The theme {given} is not in the list.",
        "请选用：{known}；二级分类写作“综合政务\\政务公开”。",
        "Use one of: {known}; a second level is written 综合政务\\政务公开.",
    ),
    Reason.FIVE_OPEN: Text(
        "judge", "warn", "国办发〔2016〕80号",
        "五公开标签“{given}”与目录事项{item}的“{expected}”不一致。",
        "The tag {given} is not {expected}, which row {item} has.",
        "请改为“{expected}”；目录标签有误的，请主管部门修订目录。",
        "Use {expected}; where the row is wrong, have the lead office amend the catalogue.",
    ),
    Reason.VALIDITY: Text(
        "judge", "warn", "国办发〔2018〕37号",
        "有效期不合规定：{why_zh}。", "The period of validity does not fit: {why_en}.",
        "请在dates.expires填写失效日；{kind}有效期一般不超过{years}年。",
        "Give `dates.expires`; normally not more than {years} years after it takes effect.",
    ),
    Reason.REJ_LINK: Text(
        "judge", "error", "国办发〔2016〕19号",
        "关联不全：{why_zh}。", "Links are missing or unknown: {why_en}.",
        "请在links中填写：规范性文件须注明解读材料(interpreted-by)，解读材料须注明所解读文件(interprets)。",
        "Fill `links`: a normative document names its interpretation (interpreted-by), that one its document "
        "(interprets).",
    ),
    Reason.REJ_DATE: Text(
        "judge", "error", "政府信息公开条例第26条",
        "日期有误：{why_zh}。", "A date is not right: {why_en}.",
        "请在dates中按实际填写；成文等日期不能晚于发送当日。",
        "Fill `dates` in truly; what has happened can't lie after today.",
    ),
    Reason.REJ_TIME: Text(
        "judge", "block", HOUSE,
        "事件时间{time}不在允许范围内（收到时间{arrival}前{before}小时至后{after}分钟）。",
        "The event's time {time} lies outside {before} hours before and {after} minutes after its arrival, {arrival}.",
        "请校准系统时钟，以发送时的时间填写time；历史信息由主管部门以backfill导入。",
        "Set the clock right and fill `time` with the moment of sending; history goes in with `backfill`.",
    ),
    Reason.REJ_TITLE: Text(
        "judge", "error", "平台接口规范",
        "标题{length}字，超过{outlet}的{limit}字，且没有可用的短标题。",
        "The title has {length} characters, {outlet} takes {limit}, and there is no short title that fits.",
        "请在short_title中填写不超过{limit}字的短标题；平台不会截断标题。",
        "Give a `short_title` of at most {limit} characters; titles are never cut.",
    ),
    Reason.REJ_BACKFILL: Text(
        "judge", "block", HOUSE,
        "历史数据不合要求：{why_zh}。", "This is no history to bring in: {why_en}.",
        "请填写原发布日期published_on，且须早于本部门启用平台之日；此后的信息按正常程序发布。",
        "Give `published_on`, before the department's go-live; anything later is published the ordinary way.",
    ),
    Reason.REJ_LATE: Text(
        "judge", "warn", "政府信息公开条例第26条",
        "已逾期：应于{due}前公开，收到时为{day}。", "Late: it was due by {due} and came on {day}.",
        "信息照常发布，逾期计入考核；请在late_reason中说明原因。",
        "It is published all the same and counts as late; say why in `late_reason`.",
    ),
    Reason.CALENDAR_GAP: Text(
        "judge", "warn", "全国年节及纪念日放假办法第2条",
        "{due}按法定节假日暂行推算：该年度放假安排尚未发布或未载入。",
        "{due} is an estimate from statutory holidays: that year's official schedule is not loaded.",
        "无需处理；放假安排载入后期限将重新计算。", "Nothing to do; it is dated again once the schedule is loaded.",
    ),
    Reason.VER_CONFLICT: Text(
        "store", "block", HOUSE,
        "同一信息的第{version}版已有另一内容，以先收到的为准。",
        "Version {version} exists with another content; the first holds.",
        "请以下一版本号重新发送改动后的内容。", "Send the changed content under the next version number.",
    ),
    Reason.DOCNO_TWICE: Text(
        "store", "block", "党政机关公文处理工作条例第9条",
        "发文字号{docno}已用于本机关另一现行文件（{other}）。",
        "The document number {docno} is that of another live document of this organ ({other}).",
        "请核对文号：同一文件的修改以原信息的下一版本发送；另一文件请改正文号后发送下一版本，或先撤回误发的一件。",
        "Check the number: a change of the same document goes as its next version; of another document, send the next "
        "version with its own number, or withdraw the one sent by mistake.",
    ),
    Reason.ENGINE_FAULT: Text(
        "engine", "block", HOUSE,
        "平台处理这条信息时出错，已原样保存。", "The platform failed on this event and kept it whole.",
        "不必重发；运维人员修复后会重新投递。", "There is no need to send it again; operators will redrive it.",
    ),
    Reason.ENGINE_CRASH: Text(
        "engine", "block", HOUSE,
        "这条信息使处理程序中断或超时，已隔离保存。",
        "This event stopped or hung its worker; it is kept apart, whole.",
        "不必重发；运维人员查明后会重新投递。",
        "There is no need to send it again; operators will look and redrive it.",
    ),
}  # fmt: skip
