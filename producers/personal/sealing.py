"""Sealing and opening with AES-SIV, which gives the same bytes for the same texts, so that a repeat is one.

Source: RFC 5297. What is sealed is bound to its event (source, id, subject) or to its matter; moved elsewhere it does
not open.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from producers.personal.facts import Measured
from producers.personal.vault import Vault
from schemas.envelope import Envelope
from schemas.events.common import Sealed


class Unopenable(ValueError):
    """Another key's, another event's, or changed on the way."""


class Sealer:
    """Seals the texts of events under their matters' keys."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, event: Envelope, texts: Mapping[str, str], measured: Measured) -> Sealed:
        """The field as it travels.

        Raises:
            Refused: ERASED.
        """
        key = self._vault.key(scope_of(event), event.subject)
        return measured.sealed(key.id, seal(key.secret, texts, context(event.source, event.id, event.subject)))


def scope_of(event: Envelope) -> str:
    """Whose key seals it: its matter's, and for a comment one of its own, so that one person's can be erased."""
    comment = getattr(getattr(event, "data", None), "comment", None)
    return f"{event.subject}#{comment}" if comment else event.subject


def context(*names: str) -> list[bytes]:
    """What sealed bytes are bound to."""
    return [name.encode("utf-8", "surrogatepass") for name in names]


def seal(secret: bytes, texts: Mapping[str, str], bound: Sequence[bytes]) -> str:
    """`texts` as text that travels."""
    plain = msgspec.json.encode(dict(texts), order="sorted")
    return base64.b64encode(AESSIV(secret).encrypt(plain, list(bound))).decode()


def open_texts(secret: bytes, sealed: str, bound: Sequence[bytes]) -> dict[str, str]:
    """The texts in `sealed`.

    Raises:
        Unopenable: the key or what it was bound to is not right.
    """
    try:
        return _TEXTS.decode(open_bytes(secret, base64.b64decode(sealed, validate=True), bound))
    except (binascii.Error, msgspec.MsgspecError) as error:
        raise Unopenable("no sealed texts") from error


def seal_bytes(secret: bytes, content: bytes, bound: Sequence[bytes]) -> bytes:
    """A file's bytes, sealed."""
    return AESSIV(secret).encrypt(content, list(bound))


def open_bytes(secret: bytes, sealed: bytes, bound: Sequence[bytes]) -> bytes:
    """What `sealed` holds.

    Raises:
        Unopenable: the key or what it was bound to is not right.
    """
    try:
        return AESSIV(secret).decrypt(sealed, list(bound))
    except (InvalidTag, ValueError) as error:
        raise Unopenable("another key's, another event's, or changed") from error


_TEXTS: msgspec.json.Decoder[dict[str, str]] = msgspec.json.Decoder(dict[str, str])
