"""Engines that run in this project's own environment; peers with others live in `benchmarks/router/peers`."""

from __future__ import annotations

import argparse


def arguments() -> argparse.Namespace:
    """The command line that every engine takes (README.md)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--input", required=True)
    parser.add_argument("--output", required=True, help="prefix of the output topics")
    parser.add_argument("--group", required=True)
    parser.add_argument("--verdicts", action="store_true")
    return parser.parse_args()
