"""From a table to the text of a first analysis, which runs as it stands."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from hecsr.config import parse_analysis
from hecsr.proposal.analysis import summary, written
from hecsr.proposal.doubts import undecided
from hecsr.proposal.findings import look_at, samples_of
from hecsr.study.schemes import schemes


@dataclass(frozen=True)
class Proposal:
    """An analysis as TOML text, what it rests on, and what a person must decide."""

    text: str
    found: tuple[str, ...]
    undecided: tuple[str, ...]


def propose(
    path: str | Path,
    target: str,
    *,
    composition: str | None = None,
    folder: str | Path | None = None,
) -> Proposal:
    """Propose an analysis of a user's table.

    The text is read again as an analysis, and its descriptors and folds are made,
    before it is returned: it can be run as it stands.

    Parameters
    ----------
    path
        The CSV file.
    target
        Column of the quantity to explain.
    composition
        Column of the compositions; by default the one that reads as such.
    folder
        Where the analysis will stand, to which the file is relative; by default the
        folder of the table.

    Raises
    ------
    TableError, BadRowsError
        If the file cannot be read, lacks a column, or most of its rows are bad.
    ConfigError
        If the target is no number and no pair of classes, or too few rows are left.
    """
    source = Path(path)
    found = look_at(source, target, composition)
    text = written(found, Path(folder) if folder is not None else source.parent)
    analysis = parse_analysis(tomllib.loads(text), "the proposed analysis")
    data = analysis.data.model_copy(update={"file": str(source.absolute())})
    schemes(analysis, samples_of(analysis.model_copy(update={"data": data})))
    return Proposal(text, summary(found), undecided(found))
