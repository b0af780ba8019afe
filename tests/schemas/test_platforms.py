"""What a platform names must be in the pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.city import PackError, load_pack
from tests.support.small_city import write_small_city

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "cities/example/platforms.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('lifecycle = "letter"', 'lifecycle = "leter"', "there is no lifecycle 'leter'"),
        ('mailbox = "hotline"', 'mailbox = "hotlin"', "'hotlin' is no mailbox and no department"),
        ('"投诉" = "投诉"', '"投诉" = "抗议"', "'抗议' is no kind of letter"),
        ("accepted = {", "acepted = {", "there is no step 'acepted' in letter"),
        ('texts = ["ground"]', 'texts = ["grund"]', "'grund' is no field of rejected"),
        ('step = "rated"', 'step = "rejected"', "no step 'rejected' of letter is taken by citizens"),
        ("fields = { rating =", "fields = { ratng =", "'ratng' is no field of rated"),
        ("fields = { rating =", "fields = { ratng =", "rated needs 'rating'"),
        ('"一般" = "基本满意"', '"一般" = "尚可"', "'尚可' is no choice of rated"),
        ('id = "appeal_no"', 'id = "appeal no"', "places.id"),
        ("page = 50", "page = 0", "page"),
        ('new = "待签收"', 'new = "待签收"\nstrange = 1', "strange"),
    ],
)
def test_a_platform_that_names_what_is_not_there_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert TEXT.count(old) >= 1
    city = write_small_city(tmp_path / "city")
    for name in ("matters/letter.toml", "mailboxes.toml"):
        (city / name).write_bytes((ROOT / "cities/example" / name).read_bytes())
    (city / "platforms.toml").write_text(TEXT.replace(old, new, 1), "utf-8")
    with pytest.raises(PackError) as refused:
        load_pack(city)
    assert said in str(refused.value)
    assert "platforms.toml" in str(refused.value)
