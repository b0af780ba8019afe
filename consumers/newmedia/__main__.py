"""`python -m consumers.newmedia`: the sink, the relay, the sender and the pages, as one program."""

from __future__ import annotations

from bus import program
from bus.settings import Settings
from consumers.newmedia.program import build


def main() -> None:
    """Run until told to end."""
    with program.one_line_exit():
        settings = Settings()
        newmedia = build(settings)
        program.run("newmedia", settings, newmedia.services, newmedia.app, settings.newmedia_port)


if __name__ == "__main__":
    main()
