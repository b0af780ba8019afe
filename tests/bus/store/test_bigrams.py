"""Our own bigrams find and rank the same on both databases: two characters, Latin and digits, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bus.settings import Settings
from bus.store import Store
from bus.store.bigrams import Bigrams, Query, normal
from tests.support.servers import plain_settings

TEXTS = {
    1: "城镇燃气经营许可", 2: "燃气设施改动审批", 3: "经营许可的城镇管理", 4: "GB 50016—2014 建筑设计防火规范",
    5: "示政发〔2026〕5号", 6: "证照查询A股B12通道", 7: "许可", 8: "ＡＢＣ　１２３", 9: "𠀀𠀁字", 10: "许 可",
}  # fmt: skip
INDEX = Bigrams("words")


@contextmanager
def filled(offline: Settings) -> Iterator[sa.Connection]:
    metadata = sa.MetaData()
    table = sa.Table("texts", metadata, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("text", sa.Text))
    with Store(offline, "words", metadata) as store:
        store.migrate()
        with store.begin() as conn:
            for statement in INDEX.create(conn.dialect.name):
                conn.exec_driver_sql(statement)
            conn.execute(table.insert(), [{"id": id_, "text": normal(text)} for id_, text in TEXTS.items()])
            INDEX.put(conn, ((id_, f"list-{id_ % 2}", normal(text)) for id_, text in TEXTS.items()))
            INDEX.put(conn, ((100 + id_, "all", normal(text)) for id_, text in TEXTS.items()))
            yield conn


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def conn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    home: Path = tmp_path_factory.mktemp("words")
    with filled(plain_settings(home, database=url, prefix=f"b{uuid4().hex[:12]}.")) as conn:
        yield conn


def found(conn: sa.Connection, words: str, mark: str = "all") -> list[int]:
    """The ids, each without its hundred, of what is found, and is there."""
    query = Query.of(words)
    ids = conn.execute(INDEX.matching(conn.dialect.name, mark, query)).scalars()
    kept = sorted(id_ % 100 for id_ in ids)
    return [id_ for id_ in kept if all(word in normal(TEXTS[id_]) for word in query.doubtful)]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("许可", [1, 3, 7]), ("燃气", [1, 2]), ("气", [1, 2]), ("燃", [1, 2]), ("可", [1, 3, 7, 10]),
        ("经营许可", [1, 3]),
        ("城镇 许可", [1, 3]), ("城镇经营", []), ("gb", [4]), ("50016", [4]), ("gb 50016-2014", [4]), ("500", [4]),
        ("0016", []), ("〔2026〕5号", [5]), ("2026", [5]), ("a股", [6]), ("股b12", [6]), ("ABC123", []),
        ("abc 123", [8]), ("𠀀𠀁", [9]), ("没有的", []), ("许可 城镇 经营", [1, 3]),
    ],
)  # fmt: skip
def test_what_is_asked_is_found(conn: sa.Connection, words: str, ids: list[int]) -> None:
    assert found(conn, words) == ids


def test_a_mark_divides_the_table(conn: sa.Connection) -> None:
    assert (found(conn, "燃气", "list-0"), found(conn, "燃气", "list-1"), found(conn, "燃气", "list-2")) == (
        [2],
        [1],
        [],
    )


def test_putting_again_replaces_and_dropping_forgets(conn: sa.Connection) -> None:
    INDEX.put(conn, [(7, "again", normal("旧的文字"))])
    INDEX.put(conn, [(7, "again", normal("新的内容"))])
    assert (found(conn, "旧的", "again"), found(conn, "新的", "again")) == ([], [7])
    INDEX.drop(conn, [7])
    assert found(conn, "新的", "again") == []
    INDEX.put(conn, [(7, "list-1", normal(TEXTS[7]))])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_nothing_that_is_asked_breaks_the_query(conn: sa.Connection, words: str) -> None:
    query = Query.of(words)
    if query.words:
        conn.execute(INDEX.matching(conn.dialect.name, "all", query)).all()


@given(st.text(alphabet="许可城镇ab1 ", min_size=1, max_size=12), st.data())
def test_a_word_that_begins_where_a_term_may_is_among_the_terms(text: str, data: st.DataObject) -> None:
    """Whatever stretch of Chinese one takes from a text, its terms are the text's."""
    from bus.store.bigrams import _asked, terms_of

    at = data.draw(st.integers(0, len(text) - 1))
    piece = normal(text[at:])
    if piece and piece[0] >= "\x80":
        terms = terms_of(normal(text))
        assert all(any(each.startswith(term) if opened else each == term for each in terms)
                   for term, opened in _asked(piece))  # fmt: skip


def test_case_width_and_marks_say_nothing() -> None:
    assert normal("ＧＢ　50016—2014《规范》") == normal("gb 50016-2014 规范")
    assert Query.of(" ，。 \x00 ").words == ()
