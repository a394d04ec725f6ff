"""The rows of further families and properties that share terms with a target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr import tables
from hecsr.config import Analysis, Column, Data, Descriptors, Validation
from hecsr.descriptors import describe, describe_where_known
from hecsr.descriptors.catalogue import catalogue
from hecsr.errors import ConfigError, suggestion
from hecsr.study.rows import Rows, read_rows
from hecsr.study.samples import Samples, make_samples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.composition import Composition
    from hecsr.config_multitask import CompanionTask, MultiTask
    from hecsr.formula.formula import Target, Task
    from hecsr.result import SetAside


_UNDEFINED: Final = "a descriptor is undefined"
# what make_samples calls rows without data, beside what is selected out
_LACKING: Final = ("the tables lack data", _UNDEFINED)


@dataclass(frozen=True, eq=False)
class TaskRows:
    """The rows of one task beside the analysis' own.

    `frame` holds the descriptors that all tasks have, `metals` the set of metals of
    each row as text, `weight` what a row counts beside one of the analysis, `set_aside`
    the rows that lack data or descriptors.
    """

    label: str
    kind: Task
    table: str
    target: Target
    frame: pd.DataFrame
    y: NDArray[np.float64]
    metals: tuple[str, ...]
    weight: float
    set_aside: tuple[SetAside, ...]


@dataclass(frozen=True, eq=False)
class Tasks:
    """The analysis' own task, by its label and the metals of its rows, and others.

    `shared` are the descriptors that all tasks have, `left_out` those that some
    companion lacks.
    """

    own: str
    metals: tuple[str, ...]
    others: tuple[TaskRows, ...]
    shared: tuple[str, ...]
    left_out: tuple[str, ...]


def find_tasks(
    analysis: Analysis, samples: Samples, base: Path, output: Path
) -> Tasks | None:
    """Return the tasks that share their terms; None where the analysis asks for none.

    Rows that lack data, or of which a descriptor is undefined, are set aside.

    Parameters
    ----------
    base, output
        As for :func:`hecsr.study.rows.read_rows`.

    Raises
    ------
    ConfigError
        If a family or table is not there, a task has too few rows, or the analysis
        has no settings of SISSO.
    """
    asked = analysis.multitask
    if asked is None:
        return None
    own = _own_label(analysis, asked)
    _check(analysis, asked)
    supplied = [c.name for c in analysis.data.columns]
    computed = [n for n in samples.table.names if n not in supplied]
    found = []
    for family in asked.families:
        rows = _rows_of(_of_family(analysis, family), family, base, output)
        found.append((family, True, rows, supplied))
    for companion in asked.companions:
        narrowed = _of_companion(analysis, companion, samples)
        rows = _rows_of(narrowed, companion.called, base, output)
        found.append((companion.called, False, rows, companion.columns))
    common = [n for n in supplied if all(n in has for *_, has in found)]
    shared = [n for n in samples.table.names if n in computed or n in common]
    if not shared:
        raise ConfigError(
            f"no descriptor is left that all tasks have: the companions lack "
            f"{', '.join(supplied)}; name columns that they have too in their "
            "'columns', or add computed descriptors to 'descriptors.use'"
        )
    return Tasks(
        own=own,
        metals=tuple(_metals(c) for c in samples.compositions),
        others=tuple(
            _task(
                *(analysis, asked, samples, label, *rows, computed, common),
                of_family=of_family,
            )
            for label, of_family, rows, _ in found
        ),
        shared=tuple(shared),
        left_out=tuple(n for n in samples.table.names if n not in shared),
    )


def terms_of(analysis: Analysis) -> int:
    """Return the most terms of the shared search."""
    asked, sisso = analysis.multitask, analysis.engines.sisso
    assert asked is not None
    assert sisso is not None
    return asked.terms or sisso.terms


def _own_label(analysis: Analysis, asked: MultiTask) -> str:
    """Return what the analysis' own task is called."""
    families = analysis.data.families
    if asked.families and not families:
        raise ConfigError(
            "'multitask.families' adds families to those of 'data.families', which "
            "is empty and so takes all; name there the families that the analysis is "
            "about"
        )
    both = [f for f in asked.families if f in families]
    if both:
        raise ConfigError(
            f"'multitask.families' names {', '.join(both)}, which the analysis itself "
            "is about ('data.families'); name further families only"
        )
    label = ", ".join(families) or analysis.data.target
    if label in asked.labels:
        raise ConfigError(
            f"the companion '{label}' has the name of the analysis' own task; give it "
            "another 'name'"
        )
    return label


def _check(analysis: Analysis, asked: MultiTask) -> None:
    if analysis.engines.sisso is None:
        raise ConfigError(
            "[multitask] searches with the settings of SISSO, which the analysis has "
            "not; add [engines.sisso]"
        )
    known = analysis.validation.leave_one_out
    for name in asked.leave_one_out:
        if name not in known:
            hint = suggestion(name, known) if known else "there it is empty"
            raise ConfigError(
                f"'multitask.leave_one_out' names '{name}', which is none of "
                f"'validation.leave_one_out'; {hint}"
            )


def _of_family(analysis: Analysis, family: str) -> Analysis:
    changes = {"families": [family], "companions": [], "on_missing": "set_aside"}
    return _narrowed(analysis, analysis.data.model_copy(update=changes))


def _of_companion(
    analysis: Analysis, companion: CompanionTask, samples: Samples
) -> Analysis:
    units = {}
    if companion.table in tables.names():
        units = {f.name: f.unit for f in tables.info(companion.table).fields}
    own = {c.name: c for c in analysis.data.columns}
    described = {d.name: d for d in samples.table.descriptors}
    columns = []
    for name in companion.columns:
        if name not in own:
            hint = suggestion(name, list(own)) if own else "it has none"
            raise ConfigError(
                f"companion '{companion.called}': 'columns' names '{name}', which is "
                f"no column of the analysis ('data.columns'); {hint}"
            )
        column = {"unit": units.get(name) or None, "label": own[name].label}
        columns.append(
            Column(name=name, convert_to=described[name].unit.text, **column)
        )
    data = Data(
        table=companion.table,
        target=companion.target,
        columns=columns,
        on_missing="set_aside",
        **{
            key: getattr(companion, key)
            for key in (
                "target_unit", "target_label", "select", "exclude", "present",
                "families", "ratio_within",
            )
        },
    )  # fmt: skip
    return _narrowed(analysis, data, task="regression")


def _narrowed(analysis: Analysis, data: Data, **changes: Any) -> Analysis:
    """Return the analysis of other rows; its schemes do not concern them."""
    # columns that a user supplies are not known of another table
    required = [n for n in analysis.descriptors.required if n in catalogue()]
    update = {
        "data": data,
        "validation": Validation(),
        "descriptors": Descriptors(
            **(analysis.descriptors.model_dump() | {"required": required})
        ),
    }
    return analysis.model_copy(update=update | changes)


def _rows_of(
    analysis: Analysis, label: str, base: Path, output: Path
) -> tuple[Analysis, Rows]:
    try:
        return analysis, read_rows(analysis, base, output)
    except ConfigError as error:
        raise ConfigError(f"[multitask], '{label}': {error}") from error


def _task(
    analysis: Analysis,
    asked: MultiTask,
    samples: Samples,
    label: str,
    narrowed: Analysis,
    rows: Rows,
    computed: Sequence[str],
    common: Sequence[str],
    *,
    of_family: bool,
) -> TaskRows:
    try:
        if computed:
            _set_undefined_aside(rows, computed)
        made = make_samples(narrowed, rows)
    except ConfigError as error:
        raise ConfigError(f"[multitask], '{label}': {error}") from error
    own_task: Task = analysis.task if of_family else "regression"
    _check_rows(analysis, label, own_task, made.y)
    frame = made.table.frame.reset_index(drop=True)[list(common)]
    if computed:
        known = describe(made.compositions, computed).frame.reset_index(drop=True)
        frame = known.join(frame)
    usual = min(1.0, len(samples.y) / len(made.y))
    return TaskRows(
        label=label,
        kind=own_task,
        table=made.summary.table,
        target=samples.target if of_family else replace(made.target, name=label),
        frame=frame,
        y=made.y,
        metals=tuple(_metals(c) for c in made.compositions),
        weight=asked.weights.get(label, usual),
        set_aside=tuple(s for s in made.summary.set_aside if s.reason in _LACKING),
    )


def _check_rows(
    analysis: Analysis, label: str, kind: Task, y: NDArray[np.float64]
) -> None:
    """Refuse a task of numbers that no inner fold could be fitted to."""
    if kind == "classification":
        return
    terms = terms_of(analysis)
    if len(y) < least_rows(terms) or np.ptp(y) == 0:
        what = "one value only" if np.ptp(y) == 0 else f"{len(y)} usable rows"
        raise ConfigError(
            f"[multitask], '{label}' has {what}; with {terms} terms at least "
            f"{least_rows(terms)} rows of different values are needed: leave it out, "
            "or lower 'multitask.terms'"
        )


def least_rows(terms: int) -> int:
    """Return how many rows a task of numbers needs, so that inner folds can train."""
    return 2 * (terms + 2)


def _set_undefined_aside(rows: Rows, names: Sequence[str]) -> None:
    """Set rows aside of which a descriptor is undefined; those without data stay."""
    table, gaps = describe_where_known(rows.compositions, names)
    lost = {gap.position for gap in gaps}
    known = [i for i in range(len(rows.compositions)) if i not in lost]
    bad = ~np.isfinite(table.values)
    undefined = {known[i] for i in np.flatnonzero(bad.any(axis=1))}
    which = [table.names[j] for j in np.flatnonzero(bad.any(axis=0))]
    kept = [i not in undefined for i in range(len(rows.compositions))]
    if not any(kept):
        raise ConfigError(
            f"{', '.join(which)} is undefined for every row; name it in "
            "'descriptors.without'"
        )
    rows.keep(kept, _UNDEFINED, ", ".join(which))


def _metals(composition: Composition) -> str:
    return "-".join(sorted(composition.fractions))
