"""Who else may take part beside a given formula, and what they see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr import baselines
from hecsr.descriptors.descriptor import Descriptor
from hecsr.descriptors.table import describe_where_known
from hecsr.errors import HecsrError
from hecsr.formula.formula import Target, Task
from hecsr.result import Competitor, SetAside

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.scoring.inputs import Inputs
    from hecsr.validation.compare import Entrant

SEARCHES: Final = ("lasso", "sisso")
RIVALS: Final = (*SEARCHES, *baselines.BLACK_BOXES)
"""Formula searches with their default settings, and the black boxes."""


def rival(
    name: str,
    task: Task,
    seed: int,
    descriptors: Sequence[Descriptor],
    target: Target,
) -> Entrant:
    """Return one of :data:`RIVALS`, unfitted."""
    from hecsr.validation.compare import Entrant

    if name not in SEARCHES:
        kind = baselines.BLACK_BOXES[name]
        text = baselines.black_box_description(name, task)
        line = Competitor(kind.name, kind.label, "black box", text)
        return Entrant(line, baselines.black_box(name, task, seed))
    model = _search(name, task)(
        descriptors=tuple(descriptors), target=target, random_state=seed
    )
    label = f"{name.upper()} formula"
    line = Competitor(name, label, "formula", f"{label}, default settings", engine=name)
    return Entrant(line, model)


def with_descriptors(
    inputs: Inputs,
) -> tuple[pd.DataFrame, tuple[Descriptor, ...], Inputs]:
    """Put the descriptors of the compositions beside the formula's variables.

    Rows that the tables lack data for are set aside for all; descriptors that are
    undefined on a row are left out.

    Raises
    ------
    HecsrError
        If the tables lack data for every row.
    """
    import pandas as pd

    if inputs.compositions is None:
        return inputs.table, inputs.descriptors, inputs
    described, gaps = describe_where_known(inputs.compositions)
    missing = {gap.position for gap in gaps}
    there = [i for i in range(len(inputs.compositions)) if i not in missing]
    if not there:
        raise HecsrError("the tables lack descriptors of every row; leave out rivals")
    if gaps:
        lacks = sorted({gap.error.property for gap in gaps})
        reason = f"the tables lack what rivals see: {', '.join(lacks)}"
        inputs = replace(
            inputs,
            table=inputs.table.iloc[there].reset_index(drop=True),
            positions=inputs.positions[there],
            compositions=tuple(inputs.compositions[i] for i in there),
            set_aside=(*inputs.set_aside, SetAside(reason, len(gaps))),
        )
    finite = np.asarray(np.isfinite(described.values).all(axis=0))
    own = set(inputs.table.columns)
    new = [d for d, f in zip(described.descriptors, finite, strict=True) if f]
    new = [d for d in new if d.name not in own]
    beside = described.frame[[d.name for d in new]].reset_index(drop=True)
    table = pd.concat([inputs.table, beside], axis=1)
    return table, (*inputs.descriptors, *new), inputs


def _search(name: str, task: Task) -> Any:
    if name == "lasso":
        from hecsr.search.lasso import LassoFormula, LassoFormulaClassifier

        return LassoFormula if task == "regression" else LassoFormulaClassifier
    from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor

    return SissoRegressor if task == "regression" else SissoClassifier
