"""Newmedia's pages and JSON: accounts with their quota, the queue with its slots, what became of each item."""

from consumers.newmedia.web.app import build_app

__all__ = ["build_app"]
