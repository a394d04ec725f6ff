"""What changed between two runs, from the files that their reports left."""

from hecsr.changes.command import compare_reports

__all__ = ["compare_reports"]
