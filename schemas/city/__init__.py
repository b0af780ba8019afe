"""The city pack: models of its files, the loaded `Pack`, and `load_pack`."""

from __future__ import annotations

from schemas.city.catalogues import Catalogue, Field
from schemas.city.errors import PackError, Problem
from schemas.city.load import load_pack
from schemas.city.models import (
    CHANNELS,
    SIGN_OFFS,
    CalendarYear,
    CatalogueRow,
    City,
    Clock,
    Column,
    Department,
    Kind,
    Limits,
    Outlet,
    Quota,
    TimeLimit,
)
from schemas.city.pack import Pack
from schemas.city.registers import Register

__all__ = [
    "CHANNELS",
    "SIGN_OFFS",
    "CalendarYear",
    "Catalogue",
    "CatalogueRow",
    "City",
    "Clock",
    "Column",
    "Department",
    "Field",
    "Kind",
    "Limits",
    "Outlet",
    "Pack",
    "PackError",
    "Problem",
    "Quota",
    "Register",
    "TimeLimit",
    "load_pack",
]
