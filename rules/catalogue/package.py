"""What kind of file it is, and an .xlsx file without all that a catalogue does not need: macros, links, pictures.

Nothing is parsed before its true size is known, and what is declared is not believed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import PurePath

from rules.catalogue.refusal import Place, RefusedError

MAX_FILE = 20_000_000
MAX_WHOLE = 64_000_000
"""Bytes of a file as it lies there, and of its needed parts unpacked."""
MAX_RATIO = 300
"""How much smaller a part may be packed, once it is large: a real sheet packs to a twentieth."""
MAX_PARTS = 2_000

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NEEDED = re.compile(
    r"\[content_types\]\.xml|_rels/\.rels"
    r"|xl/(workbook|styles|sharedstrings)\.xml|xl/_rels/workbook\.xml\.rels|xl/worksheets/[^/]+\.xml"
)


def checked(name: str, value: bytes) -> bytes:
    """`value` where it is what its name says: a CSV as it is, an .xlsx with its needed parts alone.

    Raises:
        RefusedError: it is something else, too large, protected or torn.
    """
    place, suffix = Place(name), PurePath(name).suffix.lower()
    if not value.strip():
        raise place.refuse("CAT-FILE", "文件是空的。", "the file is empty.")
    if len(value) > MAX_FILE:
        raise place.refuse("CAT-SIZE", f"文件超过{MAX_FILE // 10**6} MB。", f"larger than {MAX_FILE // 10**6} MB.")
    if suffix not in {".xlsx", ".csv"}:
        raise _of_other_kind(place, suffix, value)
    if value.startswith(_OLE):
        raise _old(place, value)
    if suffix == ".csv":
        if value.startswith(_ZIP):
            raise place.refuse(
                "CAT-FILE", "后缀是.csv，内容却是.xlsx，请改回后缀。", "an .xlsx named .csv; give it its own ending."
            )
        return value
    if not value.startswith(_ZIP):
        raise place.refuse("CAT-FILE", "不是.xlsx文件，内容不符。", "no .xlsx inside, whatever its name says.")
    return _repacked(place, value)


def _of_other_kind(place: Place, suffix: str, value: bytes) -> RefusedError:
    if value.startswith(_ZIP):
        return place.refuse(
            "CAT-FILE", f"后缀是{suffix or '空'}，内容却是新格式，请把后缀改为.xlsx（不支持带宏的文件）。",
            f"a new-format workbook named {suffix or 'without an ending'}; save it as .xlsx, without macros.",
        )  # fmt: skip
    if value.startswith(_OLE):
        return _old(place, value)
    return place.refuse(
        "CAT-FILE", f"不认识后缀{suffix or '（无）'}，请另存为.xlsx或.csv。", "save it as .xlsx or .csv."
    )


def _old(place: Place, value: bytes) -> RefusedError:
    if _ENCRYPTED in value:
        return place.refuse(
            "CAT-FILE", "文件设有打开密码，请取消密码后重新保存。", "protected by a password; save it without one."
        )
    return place.refuse(
        "CAT-FILE", "内容是旧格式.xls，只改后缀不够，请在表格软件中另存为.xlsx。",
        "an old .xls, whatever its name says; save it anew as .xlsx.",
    )  # fmt: skip


def _repacked(place: Place, value: bytes) -> bytes:
    made = io.BytesIO()
    room = MAX_WHOLE
    try:
        with zipfile.ZipFile(io.BytesIO(value)) as old, zipfile.ZipFile(made, "w") as new:
            if len(old.infolist()) > MAX_PARTS:
                raise place.refuse("CAT-SIZE", "压缩包内部件过多。", f"more than {MAX_PARTS} parts inside.")
            for part in old.infolist():
                if _NEEDED.fullmatch(part.filename.lower()):
                    content = _unpacked(place, old, part, room)
                    room -= len(content)
                    new.writestr(zipfile.ZipInfo(part.filename), content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise place.refuse("CAT-FILE", "文件已损坏，打不开。", f"torn: {error}.") from error
    return made.getvalue()


def _unpacked(place: Place, package: zipfile.ZipFile, part: zipfile.ZipInfo, room: int) -> bytes:
    if part.flag_bits & 1:
        raise place.refuse("CAT-FILE", "压缩包设有密码。", "the package is protected by a password.")
    with package.open(part) as stream:
        content = stream.read(room + 1)
    large = len(content) > MAX_WHOLE // 8 and len(content) > MAX_RATIO * max(part.compress_size, 1)
    if len(content) > room or large:
        raise place.refuse(
            "CAT-SIZE", f"解压后过大（{part.filename}），疑似压缩炸弹。",
            f"{part.filename} unpacks to more than a catalogue can be.",
        )  # fmt: skip
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise place.refuse("CAT-FILE", "文件内含DTD定义，不予读取。", f"{part.filename} has a DTD, which is not read.")
    return content
