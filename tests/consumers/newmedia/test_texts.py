"""What an account says: the words of the source, link and index number, within the limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.newmedia.texts import EXCERPT, Content, TooLong, wechat_article, weibo_text
from schemas.city.models import Limits

URL = "https://www.shilishi.gov.cn/items/fgw/a1"
INDEX = "999900/2026-00001"
WECHAT = Limits(title=32, author=16, digest=120, body=19_999, body_bytes=999_999, articles=8, url_bytes=1024)


def test_markup_of_the_source_is_shown_and_never_run() -> None:
    content = Content("标题", "第一段\n<script>alert(1)</script>\n\n第三段 & 完", docno="示政发〔2026〕1号")
    article = wechat_article(content, 2, URL, INDEX, WECHAT)

    assert article.text.startswith("<p>第一段</p><p>&lt;script&gt;alert(1)&lt;/script&gt;</p><p>第三段 &amp; 完</p>")
    assert "示政发〔2026〕1号" in article.text
    assert INDEX in article.text
    assert article.url == f"{URL}#v2"


@given(st.lists(st.text(max_size=50).map(lambda text: text * 100), max_size=12))
def test_a_body_fits_or_says_that_it_is_an_excerpt(lines: list[str]) -> None:
    article = wechat_article(Content("标题", "\n".join(lines)), 1, URL, INDEX, WECHAT)

    assert len(article.text) <= 19_999
    assert len(article.text.encode()) <= 999_999
    whole = wechat_article(Content("标题", "\n".join(lines)), 1, URL, INDEX, Limits()).text
    assert (EXCERPT in article.text) == (len(whole) > 19_999)
    assert (article.text == whole) == (len(whole) <= 19_999)


def test_the_limit_itself_is_within_the_limit() -> None:
    content = Content("标题", "字" * 100)
    whole = wechat_article(content, 1, URL, INDEX, Limits()).text
    chars, size = len(whole), len(whole.encode())
    for most, fits in ((Limits(body=chars), True), (Limits(body=chars - 1), False),
                       (Limits(body_bytes=size), True), (Limits(body_bytes=size - 1), False)):  # fmt: skip
        assert (wechat_article(content, 1, URL, INDEX, most).text == whole) is fits


def test_paragraphs_are_kept_up_to_the_limit_itself() -> None:
    content = Content("标题", "\n".join("字" * 100 for _ in range(9)))
    cut = wechat_article(content, 1, URL, INDEX, Limits(body=700)).text
    assert EXCERPT in cut
    assert wechat_article(content, 1, URL, INDEX, Limits(body=len(cut))).text == cut


@given(st.text(max_size=600), st.text(min_size=1, max_size=60))
def test_a_post_is_at_most_140_characters_with_index_number_and_link_whole(summary: str, title: str) -> None:
    post = weibo_text(Content(title, "文", summary), URL, INDEX, Limits(body=2000)).text

    assert len(post) <= 140
    assert post.endswith(f" 索引号：{INDEX} {URL}")
    assert "#" not in post


def test_a_post_whose_title_leaves_no_room_is_refused() -> None:
    with pytest.raises(TooLong):
        weibo_text(Content("长" * 100, "文"), URL, INDEX, Limits())
