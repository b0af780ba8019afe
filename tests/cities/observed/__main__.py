"""`python -m tests.cities.observed [--write]`: what the example's pack answers otherwise than the kept answers."""

from __future__ import annotations

import argparse
import sys

from tests.cities.observed.asking import World, example, golden
from tests.cities.observed.observers import differences, questions, write


def main() -> int:
    """Print what differs, or write it."""
    parser = argparse.ArgumentParser(prog="python -m tests.cities.observed", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the answers anew; review their diff")
    world = World.of(example())
    if parser.parse_args().write:
        print(f"written anew: {', '.join(write(world)) or 'nothing, all is as it was'}")
        return 0
    told = differences(world, questions(world), golden())
    print("\n".join(told) or "as it was")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
