"""The content hash is over RFC 8785 canonical JSON, whatever the text."""

from __future__ import annotations

import hashlib

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from schemas.content import content_sha256

DIGEST = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)


@given(st.text(), st.text(), st.lists(DIGEST, max_size=3))
def test_the_hash_is_the_librarys_canonical_json(title: str, body: str, digests: list[str]) -> None:
    canonical = rfc8785.dumps({"title": title, "body": body, "attachments": digests})
    assert content_sha256(title, body, digests) == hashlib.sha256(canonical).hexdigest()


def test_the_order_of_attachments_and_every_character_count() -> None:
    first, second = "a" * 64, "b" * 64
    hashes = {
        content_sha256("题", "文", [first, second]), content_sha256("题", "文", [second, first]),
        content_sha256("题", "文 ", [first, second]), content_sha256("题文", "", [first, second]),
        content_sha256("题", "文", [first]),
    }  # fmt: skip
    assert len(hashes) == 5


def test_every_character_that_json_may_escape_is_written_as_the_library_writes_it() -> None:
    for code in (*range(0x100), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF, 0x1F600):
        text = f"题{chr(code)}"
        canonical = rfc8785.dumps({"title": text, "body": text, "attachments": []})
        assert content_sha256(text, text, []) == hashlib.sha256(canonical).hexdigest()
