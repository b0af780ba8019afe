"""The text of attached files, read once, in a process of its own with little time, memory and no secrets.

`examined` starts that process (`child`); `Texts` reads what was kept. `reading` tells files apart by their bytes and
leads to `word`, `sheets`, `pdf` and `plain`.
"""

from bus.extracting.kept import UNKEPT, Texts, examine_into
from bus.extracting.parent import AT_ONCE, examined

__all__ = ["AT_ONCE", "UNKEPT", "Texts", "examine_into", "examined"]
