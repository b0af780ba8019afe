"""The router speaks to a cluster as the settings say: with a name, over TLS, both or neither."""

from __future__ import annotations

import pytest
from faust.types.auth import AuthProtocol

from bus.settings import Settings
from streams.app import credentials


@pytest.mark.parametrize("protocol", ["SSL", "SASL_PLAINTEXT", "SASL_SSL"])
def test_the_protocol_is_the_one_that_was_set(protocol: str) -> None:
    found = credentials(_settings(protocol))
    assert found is not None
    assert found.protocol == AuthProtocol(protocol)
    context = found.context if protocol == "SSL" else found.ssl_context
    assert (context is not None) == protocol.endswith("SSL")


def test_without_a_protocol_there_is_nothing_to_show() -> None:
    assert credentials(_settings("PLAINTEXT")) is None


def _settings(protocol: str) -> Settings:
    return Settings(_env_file=None, security_protocol=protocol, sasl_username="router", sasl_password="secret")
