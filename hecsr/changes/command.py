"""`hecsr compare`: two folders in, a text out."""

from __future__ import annotations

from pathlib import Path

from hecsr.changes.build import build
from hecsr.changes.folder import read_report
from hecsr.changes.text import to_text
from hecsr.commands import write
from hecsr.report.markdown import to_markdown


def compare_reports(old: Path, new: Path, output: Path | None = None) -> str:
    """Say what changed from one report to another.

    Only their plain files are read, and of older reports what they have.

    Parameters
    ----------
    output
        Markdown file to write; the text to show then only says where it is.

    Raises
    ------
    HecsrError
        If a folder is no report, a file of it is damaged, or `output` cannot be
        written.
    """
    report = build(read_report(old), read_report(new))
    if output is None:
        return to_text(report)
    return write(to_markdown(report), output)
