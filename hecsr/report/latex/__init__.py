"""LaTeX to paste into a manuscript: the chosen formulas, and every table."""

from __future__ import annotations

from hecsr.report.latex.formulas import to_latex
from hecsr.report.latex.tables import to_tables
from hecsr.report.latex.text import escape

__all__ = ["escape", "to_latex", "to_tables"]
