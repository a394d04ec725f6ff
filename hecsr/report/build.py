"""The report of a study, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.mentions import mention_all
from hecsr.report.model import Block, Report, Table
from hecsr.report.sections import (
    agreement,
    appendix,
    applicability,
    chance,
    comparison,
    data,
    descriptors,
    doubt,
    formulas,
    front,
    importance,
    learning,
    maps,
    multitask,
    predictions,
    rashomon,
    reproduce,
    search,
    significance,
    stability,
    summary,
)
from hecsr.report.view import View

if TYPE_CHECKING:
    from hecsr.result import StudyResult

_SECTIONS: Final = (
    summary,
    data,
    descriptors,
    search,
    front,
    formulas,
    maps,
    comparison,
    significance,
    predictions,
    chance,
    stability,
    rashomon,
    applicability,
    learning,
    multitask,
    doubt,
    importance,
    agreement,
    reproduce,
)


def build(result: StudyResult) -> Report:
    """Return the report of a study; its frames are aggregated, nothing else."""
    view = View(result)
    blocks: list[Block] = []
    long: list[Table] = []
    for block in mention_all(b for s in _SECTIONS for b in s.blocks(view)):
        if isinstance(block, Table) and block.appendix:
            long.append(block)
        else:
            blocks.append(block)
    blocks += appendix.blocks(view, long)
    return Report(
        title=result.title,
        subtitle="",
        running=result.name,
        blocks=tuple(blocks),
    )
