"""Errors of every class, and where to plant them; ⟦⟧ marks what the finding must point at."""

from __future__ import annotations

from typing import Literal, NamedTuple

from schemas.records import Severity

Where = Literal["line", "paragraph", "title", "twice", "end"]


class Plant(NamedTuple):
    rule: str
    severity: Severity
    text: str
    where: Where = "paragraph"


class Planted(NamedTuple):
    text: str
    span: tuple[int, int]


PLANTS: tuple[Plant, ...] = (
    Plant("TX-01", "block", "⟦机密★⟧", "line"),
    Plant("TX-01", "block", "⟦秘密★1年⟧", "line"),
    Plant("TX-01", "block", "⟦绝密★启用前⟧", "line"),
    Plant("TX-01", "block", "⟦機密☆⟧", "line"),
    Plant("TX-01", "block", "⟦秘密⟧", "line"),
    Plant("TX-01", "block", "⟦密级：机密⟧", "line"),
    Plant("TX-01", "block", "本文原标注⟦秘密 ★ 10年⟧，请注意。"),
    Plant("TX-02", "block", "⟦内部资料，注意保存⟧", "line"),
    Plant("TX-02", "block", "（⟦此件不公开⟧）", "line"),
    Plant("TX-02", "block", "【⟦内部文件⟧】", "line"),
    Plant("TX-02", "block", "本资料为⟦内部使用⟧，请妥善保管。"),
    Plant("TX-02", "warn", "各单位要妥善保管⟦内部文件⟧，定期清点。"),
    Plant("TX-02", "error", "示例市停车管理办法（⟦征求意见稿⟧）", "title"),
    Plant("TX-04", "block", "申请人证件号码为⟦11010519491231002X⟧，已核验。"),
    Plant("TX-04", "block", "申请人证件号码为⟦440524188001010014⟧，已核验。"),
    Plant("TX-04", "block", "申请人证件号码为⟦990000 20000101 0012⟧，已核验。"),
    Plant("TX-04", "block", "申请人证件号码为⟦１１０１０５１９４９１２３１００２Ｘ⟧，已核验。"),
    Plant("TX-04", "warn", "原证件号码为⟦110105491231002⟧，已换发。"),
    Plant("TX-05", "block", "请与王某联系，号码⟦13812345678⟧。"),
    Plant("TX-05", "block", "请与王某联系，号码⟦138-1234-5678⟧。"),
    Plant("TX-05", "block", "请与王某联系，号码⟦138 1234 5678⟧。"),
    Plant("TX-05", "warn", "联系人：王科员，⟦13812345678⟧。"),
    Plant("TX-05", "warn", "服务台号码⟦0999-8123456⟧。"),
    Plant("TX-06", "block", "退款转入⟦6222029999999999992⟧。"),
    Plant("TX-06", "block", "退款转入⟦6222 0299 9999 9999 992⟧。"),
    Plant("TX-07", "block", "申请人家住滨河家园⟦12号楼3单元402室⟧，房屋漏雨。"),
    Plant("TX-07", "warn", "清理长期停放车辆⟦京A12345⟧一辆。"),
    Plant("TX-07", "block", "帮扶对象，⟦李小明身患⟧重病，生活困难。"),
    Plant("TX-07", "block", "受助学生⟦王小雨（女，9岁⟧）返校。"),
    Plant("TX-07", "block", "⟦姓名，银行账号⟧，金额。"),
    Plant("TX-08", "error", "要认真⟦布署⟧有关工作。"),
    Plant("TX-08", "error", "做好设备⟦按装⟧和调试。"),
    Plant("TX-08", "error", "⟦涉及到⟧的事项另行通知。"),
    Plant("TX-08", "error", "报名时间⟦截止到四月三十日为止⟧。"),
    Plant("TX-08", "error", "加強⟦帳戶⟧管理。"),
    Plant("TX-09", "block", "与⟦齐齐哈市⟧开展交流。"),
    Plant("TX-09", "block", "受⟦攻府⟧委托。"),
    Plant("TX-09", "block", "成立工作⟦领导小姐⟧。"),
    Plant("TX-09", "block", "由⟦示例市教肓局⟧牵头。"),
    Plant("TX-09", "block", "由⟦示例市发展改革委员会⟧牵头。"),
    Plant("TX-09", "block", "依照⟦中华人民共合国⟧法律。"),
    Plant("TX-09", "block", "报请⟦示例市人民民政府⟧批准。"),
    Plant("TX-10", "error", "切实保障群众⟦监督权、知情权、参与权、表达权⟧。"),
    Plant("TX-10", "warn", "切实保障群众⟦知情权、参与权、监督权⟧。"),
    Plant("TX-10", "error", "推进⟦执行、决策、管理、服务、结果⟧公开。"),
    Plant("TX-10", "warn", "推进⟦决策、执行、服务⟧公开。"),
    Plant("TX-10", "error", "推进“⟦放服管⟧”改革。"),
    Plant("TX-10", "error", "推进⟦放管结合、简政放权、优化服务⟧改革。"),
    Plant("TX-10", "error", "推行“⟦一公开、双随机⟧”监管。"),
    Plant("TX-10", "error", "落实⟦三校三审⟧制度。"),
    Plant("TX-11", "error", "市长⟦甄事例⟧主持会议。"),
    Plant("TX-11", "error", "⟦副市长甄示例⟧主持会议。"),
    Plant("TX-11", "error", "贾样本、⟦甄示例⟧出席会议。"),
    Plant("TX-11", "error", "⟦市长贺旧例⟧讲话。"),
    Plant("TX-12", "error", "定于⟦2026年3月9日（星期二⟧）举行。"),
    Plant("TX-12", "warn", "办法自⟦昨日⟧起施行。"),
    Plant("TX-12", "error", "见文件（⟦示政发[2026]5号⟧）。"),
    Plant("TX-12", "error", "见文件（⟦示政发〔2026〕第5号⟧）。"),
    Plant("TX-12", "error", "定于⟦2月30日⟧举行。"),
    Plant("TX-13", "error", "支持农业⟦、⟧、工业和服务业发展。"),
    Plant("TX-13", "error", "支持农业⟦、⟧和工业发展。"),
    Plant("TX-13", "error", "收件人：⟦此处填写⟧姓名。"),
    Plant("TX-13", "error", "编号为⟦XXX⟧。"),
    Plant("TX-13", "error", "⟦lorem ipsum⟧ dolor"),
    Plant("TX-13", "warn", "坚持听民声、⟦汇⟧、解民惑，做好服务。"),
    Plant("TX-13", "error", "示例市开展⟦“⟧为民办实事活动", "title"),
    Plant("TX-13", "error", "示例市召开安全生产、防汛⟦、⟧", "title"),
    Plant("TX-13", "error", "相同的一段话在文中出现了两次，编辑粘贴之后忘记删去其中一段，读者以为漏看了。", "twice"),
    Plant("TX-13", "error", "支持农业、工业⟦、⟧", "end"),
    Plant("TX-14", "error", "详见⟦http:/www.shilishi.gov.cn⟧。"),
    Plant("TX-14", "error", "详见⟦http://localhost⟧。"),
    Plant("TX-14", "warn", "详见⟦https://shop.example.com/a?b=1⟧。"),
    Plant("TX-14", "error", "详见<a ⟦href=\"\"⟧>附表</a>。"),
    Plant("TX-15", "error", "微信⟦扫一扫即可购买⟧！"),
    Plant("TX-15", "error", "可通过⟦公众号及微店在线购买⟧。"),
    Plant("TX-15", "error", "⟦欢迎订购⟧。"),
    Plant("TX-15", "error", "⟦联系QQ⟧："),
    Plant("TX-15", "error", "微信⟦掃(sǎo)一掃即可購(gòu)買⟧！"),
    Plant("TX-16", "warn", "⟦关于进一步做好全市范围内各区县各部门各单位贯彻执行有关工作部署并且按照统一安排持续推进各项任务落实落细落到位的情况通报⟧", "title"),  # noqa: E501
    Plant("TX-16", "warn", "示例市进一步推进政务公开⟦…⟧", "title"),
    Plant("TX-17", "error", "⟦為進一步規範政務公開工作，現將條例實施細則發給你們，請認真組織學習貫徹執⟧行。"),
    Plant("TX-17", "error", "重点⟦(zhòngdiǎn)⟧工作。"),
    Plant("TX-17", "error", "数据⟦????⟧缺失。"),
    Plant("TX-17", "error", "数据⟦\ufffd\ufffd⟧缺失。"),
)  # fmt: skip


def planted(text: str, plant: Plant, number: int) -> Planted:
    """`text` with the plant in it; `number` chooses the place where there are several."""
    title, _, rest = text.partition("\n\n")
    paragraphs = rest.split("\n\n")
    if plant.where == "title":
        return _marked(plant.text, "\n\n" + rest)
    if plant.where == "twice":
        first = "\n\n".join([title, plant.text, *paragraphs, ""])
        return Planted(first + plant.text, (len(first), len(first) + len(plant.text)))
    if plant.where == "end":
        return _marked(f"{text}\n\n{plant.text}", "")
    at = 0 if plant.where == "line" else number % (len(paragraphs) + 1)
    before = "\n\n".join([title, *paragraphs[:at], ""])
    return _marked(before + plant.text, "\n\n" + "\n\n".join(paragraphs[at:]))


def _marked(text: str, rest: str) -> Planted:
    start = text.index("⟦")
    end = text.index("⟧") - 1
    return Planted(text.replace("⟦", "").replace("⟧", "") + rest, (start, end))
