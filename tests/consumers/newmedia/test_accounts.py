"""Accounts and their credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

from bus.errors import Fatal
from consumers.newmedia.accounts import accounts_of
from schemas.city import Pack
from tests.support.servers import plain_settings

OFFICIAL = {"wechat_url": "https://api.weixin.qq.com", "weibo_url": "https://api.weibo.com"}


def write_secrets(home: Path, text: str) -> None:
    (home / "secrets").mkdir(exist_ok=True)
    (home / "secrets" / "newmedia.toml").write_text(text, "utf-8")


def test_simulators_need_no_credentials_and_the_platforms_do(tmp_path: Path, pack: Pack) -> None:
    simulated = plain_settings(tmp_path, wechat_url="http://wechat:8091", weibo_url="http://127.0.0.1:8092")
    found = accounts_of(pack, simulated)

    assert [account.id for account in found] == ["wechat-city", "wechat-city-service", "weibo-city", "wechat-mzj"]
    with pytest.raises(Fatal, match="wechat-city has no credentials"):
        accounts_of(pack, plain_settings(tmp_path, **OFFICIAL))


def test_credentials_come_from_the_file_and_are_never_shown(tmp_path: Path, pack: Pack) -> None:
    tables = "".join(
        f'[{name}]\nkey = "wx1"\nsecret = "geheim"\n'
        for name in ("wechat-city", "wechat-city-service", "weibo-city", "wechat-mzj")
    )
    write_secrets(tmp_path, tables)
    account = accounts_of(pack, plain_settings(tmp_path, **OFFICIAL))[0]

    assert account.credentials.secret == "geheim"
    assert "geheim" not in repr(account)


@pytest.mark.parametrize(
    "text", ["[wechat-city]\nkey = 'a'\n", "[wechat-city\n", "[x]\nkey='a'\nsecret='geheim'\nz=1\n"]
)
def test_a_wrong_file_of_secrets_is_one_line_without_the_secrets(tmp_path: Path, pack: Pack, text: str) -> None:
    write_secrets(tmp_path, text)
    with pytest.raises(Fatal, match=r"newmedia\.toml") as caught:
        accounts_of(pack, plain_settings(tmp_path, **OFFICIAL))
    assert "geheim" not in str(caught.value)


def test_accounts_without_an_address_are_left_alone(tmp_path: Path, pack: Pack) -> None:
    assert accounts_of(pack, plain_settings(tmp_path)) == ()
