"""Where platforms are and how we sign in there: `home/secrets/platforms.toml`, by operators.

[qunzhong]                              # the platform's id in the pack
url = "https://platform.example"
client = "gongkai-999900"
secret = "…"
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from bus.errors import Fatal
from bus.settings import Settings


class Credentials(BaseModel):
    """One platform, as the file names it; the secret is never shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9._\-\[\]:]+(/[!-~]*)?$")]
    client: Annotated[str, Field(min_length=1, max_length=200)]
    secret: SecretStr


def path_of(settings: Settings) -> Path:
    """The file."""
    return settings.home / "secrets" / "platforms.toml"


def changed(settings: Settings) -> int:
    """When it was last written; 0 where there is none."""
    try:
        return path_of(settings).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def read_credentials(settings: Settings) -> dict[str, Credentials]:
    """Every platform of the file by its id; none where there is no file.

    Raises:
        Fatal: the file is wrong.
    """
    path = path_of(settings)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: Credentials.model_validate(table) for name, table in tables.items()}
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Fatal(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise Fatal(f"{path}: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error
