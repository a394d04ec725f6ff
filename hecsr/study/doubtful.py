"""Which labels are in doubt: single reports against the label of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr import tables
from hecsr.composition import Composition
from hecsr.errors import ConfigError, suggestion
from hecsr.study.classes import classes_of
from hecsr.study.rows import read_rows
from hecsr.study.samples import make_samples

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from hecsr.config import Analysis
    from hecsr.study.rows import Rows
    from hecsr.validation.problem import Problem

NO_LABEL = "no label: reports disagree"
CONTRADICTED = "contradicted"
UNRELIABLE = "contradicted by unreliable reports alone"
_MARK = "without a label of its own"
"""A column added to the rows; a blank in its name keeps it apart from a table's."""


@dataclass(frozen=True)
class _Said:
    """What one report says of a composition."""

    value: float
    source: str
    quality: str


@dataclass(frozen=True, eq=False)
class Doubtful:
    """A label in doubt, and the reports on it.

    Attributes
    ----------
    kind
        `NO_LABEL`, `CONTRADICTED` or `UNRELIABLE`.
    label
        The table's own; None where it has none.
    rows
        Positions in the problem that :func:`find_doubtful` returns with it.
    reports_1, reports_0
        Sources that report one phase, or several, each with its quality.
    """

    composition: Composition
    kind: str
    label: float | None
    rows: tuple[int, ...]
    reports_1: str
    reports_0: str

    @property
    def reliable(self) -> bool:
        """Whether a reliable report is against the label, or against another one."""
        return self.kind != UNRELIABLE


def find_doubtful(
    analysis: Analysis, base: Path, output: Path
) -> tuple[Problem, tuple[Doubtful, ...]]:
    """Return the analysis' problem with the rows that have no label, and all doubts.

    The rows are those of the analysis in its order. Between them stand, with a label
    0 for the time being, the rows that pass all its selections but have no label for
    their reliable reports disagree.

    Raises
    ------
    ConfigError
        If the table of reports lacks a column that is needed.
    """
    from hecsr.validation.problem import make_problem

    asked = analysis.doubt
    if asked is None:
        raise ConfigError("the analysis has no section [doubt]")
    reports = _reports(asked.reports, analysis.data.target)
    rows = _with_unlabelled(analysis, base, output)
    unlabelled = rows.frame[_MARK].to_numpy(dtype=bool)
    torn = [_disagree(reports.get(c, ()), asked.unreliable) for c in rows.compositions]
    rows.keep(~unlabelled | np.array(torn), "it has no label")
    # words are numbers by now
    plain = analysis.data.model_copy(update={"positive": None})
    # sets rows without data aside
    samples = make_samples(analysis.model_copy(update={"data": plain}), rows)
    unlabelled = rows.frame[_MARK].to_numpy(dtype=bool)
    problem = make_problem(
        samples.table,
        samples.y,
        task=analysis.task,
        groups=samples.groups,
        threshold=analysis.descriptors.redundancy,
        required=analysis.descriptors.required,
    )
    found: dict[tuple[Composition, float | None], list[int]] = {}
    for row, composition in enumerate(samples.compositions):
        label = None if unlabelled[row] else float(samples.y[row])
        found.setdefault((composition, label), []).append(row)
    doubts = [
        doubt
        for (composition, label), where in found.items()
        if (doubt := _doubt(composition, label, where, reports, asked.unreliable))
    ]
    order = (NO_LABEL, CONTRADICTED, UNRELIABLE)
    return problem, tuple(sorted(doubts, key=lambda d: order.index(d.kind)))


def _doubt(
    composition: Composition,
    label: float | None,
    rows: Sequence[int],
    reports: Mapping[Composition, Sequence[_Said]],
    unreliable: Collection[str],
) -> Doubtful | None:
    own = reports.get(composition, ())
    against = [r for r in own if label is not None and r.value != label]
    if label is None:
        kind = NO_LABEL
    elif not against:
        return None
    else:
        firm = any(r.quality not in unreliable for r in against)
        kind = CONTRADICTED if firm else UNRELIABLE
    return Doubtful(
        composition, kind, label, tuple(rows), _listed(own, 1.0), _listed(own, 0.0)
    )


def _listed(reports: Sequence[_Said], value: float) -> str:
    said = [f"{r.source} ({r.quality})" for r in reports if r.value == value]
    counts = {text: said.count(text) for text in said}
    return ", ".join(t if n == 1 else f"{t} {n} times" for t, n in counts.items())


def _disagree(reports: Sequence[_Said], unreliable: Collection[str]) -> bool:
    return len({r.value for r in reports if r.quality not in unreliable}) > 1


def _reports(table: str, target: str) -> dict[Composition, list[_Said]]:
    if table not in tables.names():
        hint = suggestion(table, tables.names())
        raise ConfigError(f"'doubt.reports' names no shipped table '{table}'; {hint}")
    frame = tables.load(table)
    for name in ("composition", target, "source", "quality"):
        if name not in frame.columns:
            msg = f"'doubt.reports': the table '{table}' has no column '{name}'"
            raise ConfigError(f"{msg}; {suggestion(name, frame.columns)}")
    found: dict[Composition, list[_Said]] = {}
    columns = (frame[n] for n in ("composition", "source", "quality"))
    values = _numbers(frame[target])
    for value, text, source, quality in zip(values, *columns, strict=True):
        if np.isfinite(value):
            said = _Said(float(value), str(source), str(quality))
            found.setdefault(Composition.parse(text), []).append(said)
    return found


def _with_unlabelled(analysis: Analysis, base: Path, output: Path) -> Rows:
    """Read the rows that pass every selection, whether or not they have a label."""
    data = analysis.data
    # the composition stands in every row: asked for as target, it keeps all of them
    whole = data.model_copy(update={"target": data.composition})
    rows = read_rows(analysis.model_copy(update={"data": whole}), base, output)
    label = classes_of(data, rows)
    frame = rows.frame.copy()
    frame[data.target] = np.where(np.isnan(label), 0.0, label)
    frame[_MARK] = np.isnan(label)
    rows.frame = frame
    return rows


def _numbers(column: Any) -> Any:
    import pandas as pd

    return pd.to_numeric(column, errors="coerce").astype(float).to_numpy()
