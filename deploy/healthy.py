"""Whether a part on this machine calls itself well: `healthy.py PORT`; 0, or 1 with what it said.

Of the standard library alone, so that a look costs as little as starting Python does.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException

SECONDS = 4.0
"""Shorter than the time limit of docker-compose.yml's health checks."""


def main(port: int) -> int:
    """Ask once."""
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        said = answer.read(2_000).decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        answer, said = None, f"{type(error).__name__}: {error}"
    print(said)
    return 0 if answer is not None and answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
