"""Every reason for which something is refused or remarked on: one closed list, each with basis and remedy.

A code here is what a finding's `rule`, a dead letter's `gk-error` and a refused file's report name. `finding` makes
the finding; its sentences tell a clerk what happened and what to do, in Chinese with English beside.
"""

from __future__ import annotations

from schemas.reasons.codes import Reason, Text, Where
from schemas.reasons.findings import TEXTS, finding, mask

__all__ = ["TEXTS", "Reason", "Text", "Where", "finding", "mask"]
