"""A kind has editions, each judging the events of its days; documents.toml says what the city asks of papers."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from rules import route
from schemas.city import Pack, PackError, load_pack
from schemas.city.documents import Documents
from schemas.decode import decode
from tests.rules.making import changed, envelope, example, judged, rules_of, signed
from tests.support.small_city import small_city

KIND = """
[{name}]
label = "救助办事指南"
quota_class = "动态"
basis = "国发〔2014〕47号"
docno = "none"
{more}
"""
ASKING = re.compile(r"(?m)^(documents|valid) = .*\n")
"""What the other kinds say of papers, which a pack without documents.toml can't."""

THEN = """
[[relief-guide.then]]
from = 2026-03-10
elements = ["受理单位"]
sections = ["申请流程"]
quota_class = "政策"
"""


def city(more: str = "", documents: str | None = None) -> Pack:
    """The small city with the kind of the example event written anew."""
    source = {name: value for name, value in small_city().items() if name != "documents.toml"}
    for file in [name for name in source if name.startswith("kinds/")]:
        text = ASKING.sub("", source[file].decode())
        source[file] = text.encode()
        if "[relief-guide]\n" in text:
            start = text.index("[relief-guide]\n")
            end = text.find("\n[", start + 1)
            rest = text[:start] + (text[end:] if end > 0 else "")
            source[file] = (rest + KIND.format(name="relief-guide", more=more)).encode()
    if documents is not None:
        source["documents.toml"] = documents.encode()
    return load_pack(source)


def problem(more: str = "", documents: str | None = None) -> str:
    with pytest.raises(PackError) as caught:
        city(more, documents)
    return "\n".join(map(str, caught.value.problems))


def test_a_change_in_the_file_judges_only_events_from_its_day_on() -> None:
    pack = city(THEN)
    before, after = pack.kind_on("relief-guide", date(2026, 3, 9)), pack.kind_on("relief-guide", date(2026, 3, 10))
    assert before is not None
    assert after is not None
    assert (before.elements, before.to) == ((), date(2026, 3, 9))
    assert (after.elements, after.label, after.to) == (("受理单位",), "救助办事指南", None)
    assert pack.kind["relief-guide"] == after

    event = signed(changed(example(), dates={"obtained": "2026-03-06"}))
    early = envelope(event, {"time": "2026-03-09T09:00:00+08:00"})
    assert "REJ-ELEMENTS" not in rules_of(judged(early, by=pack))
    late = judged(event, by=pack)
    assert [one.place for one in late.findings if one.rule == "REJ-ELEMENTS"] == ["/data/elements", "/data/body"]
    classes = [{one.quota_class for one in route(pack, decode(json.dumps(one).encode()))} for one in (early, event)]
    assert classes == [{"动态"}, {"政策"}]


def test_a_kind_that_is_not_in_force_yet_is_none_that_a_row_takes() -> None:
    pack = city("from = 2026-03-11")
    assert "REJ-KIND" in rules_of(judged(example(), by=pack))
    assert "REJ-KIND" not in rules_of(judged(example(), by=city("from = 2026-03-10")))


def test_a_kinds_own_column_takes_nothing_out_of_a_field() -> None:
    pack = city('column = "notices"')
    kind = pack.kind["relief-guide"]
    assert pack.row["07-01"].field
    assert pack.column_of(pack.row["07-01"], kind) == pack.row["07-01"].column != "notices"
    assert pack.column_of(pack.row["01-01"], kind) == "notices"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[[relief-guide.then]]\nlabel = '无日期'", "relief-guide.then.from"),
        ("from = 2026-03-10\n[[relief-guide.then]]\nfrom = 2026-03-10", "relief-guide.then.from"),
        ("[[relief-guide.then]]\nfrom = 0001-01-01", "relief-guide.then.from"),
        ("[[relief-guide.then]]\nfrom = '2026-03-10'", "relief-guide.then.from"),
        ("then = 3", "relief-guide.then"),
        ("[[relief-guide.then]]\nfrom = 2026-03-10\nelement = ['x']", "element"),
        ("documents = ['报告']", "relief-guide.documents"),
        ("valid = true", "relief-guide.valid"),
    ],
)
def test_what_is_wrong_with_a_kind_is_named(more: str, said: str) -> None:
    assert said in problem(more)


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ("index_forms = ['{uscc}/{jahr}']", "jahr"), ("gates = ['文字关']", "gates"), ("unknown = 1", "unknown"),
        ("[annotations]\n'此件公开发布' = '公开'", "annotations"), ("[kinds.'请示']\nwords = []\nbasis = 'x'", "words"),
        ("[validity]\nyears = 0\nbasis = 'x'", "years"), ("[", "no TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_documents_is_named(documents: str, said: str) -> None:
    found = problem(documents=documents)
    assert "documents.toml" in found
    assert said in found


def test_a_pack_without_documents_asks_nothing_of_papers() -> None:
    pack = city()
    assert pack.documents == Documents()
    event = changed(example(), annotation="（此件依申请公开）", index_no="随意", topic="随意", title="关于救助的请示")
    found = rules_of(judged(signed(event), by=pack))
    assert not {"TX-03", "INDEX-FORM", "TOPIC-UNKNOWN", "DOC-INWARD", "VALIDITY"} & set(found)
