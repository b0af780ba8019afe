"""The consumers' commands, each with its part."""

from __future__ import annotations

import typer

from consumers.assessment import commands as assessment
from consumers.portal import commands as portal

app = typer.Typer()
app.add_typer(portal.app)
app.add_typer(assessment.app)
