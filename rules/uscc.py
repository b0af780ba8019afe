"""统一社会信用代码 and 组织机构代码: what the judge and the commands use of `schemas.city.uscc`."""

from __future__ import annotations

from schemas.city.uscc import ALPHABET, org_check, uscc_check, uscc_fault

__all__ = ["ALPHABET", "org_check", "uscc_check", "uscc_fault"]
