"""Signatures are those of the specification, and secrets are never shown."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from consumers.notices.signing import headers, key_of, signature

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""The example secret of the specification and of its reference libraries."""
OTHER = "whsec_" + base64.b64encode(b"n" * 32).decode()


def test_the_published_vector_of_standard_webhooks() -> None:
    made = signature(key_of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_changed_both_sign_the_new_one_first() -> None:
    at = datetime.fromtimestamp(1614265330.9, UTC)
    said = headers((OTHER, SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    new, old = said["webhook-signature"].split(" ")
    assert old == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert new == signature(key_of(OTHER), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert (said["webhook-id"], said["webhook-timestamp"]) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330")


def test_a_signature_holds_id_instant_and_body() -> None:
    key = key_of(SECRET)
    made = {signature(key, *said) for said in (("a", 1, b"x"), ("b", 1, b"x"), ("a", 2, b"x"), ("a", 1, b"y"))}
    assert len(made) == 4


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!", "whsec_MfKQ9r8G", "whsec_密钥",
     "whsec_" + base64.b64encode(b"x" * 65).decode(), "whsec_" + base64.b64encode(b"x" * 23).decode()],
)  # fmt: skip
def test_a_secret_that_is_none_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret is whsec_") as refused:
        key_of(secret)
    assert len(secret) < 7 or secret not in str(refused.value)
