"""What every importance measure shares: which models, and the shape of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecsr.errors import HecsrError, suggestion
from hecsr.validation.metrics import loss
from hecsr.validation.parts import Label, digest
from hecsr.validation.predicting import filled, predicted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.validation.compare import Comparison, KeptModel
    from hecsr.validation.problem import Problem

COLUMNS = ["competitor", "method", "name", "repeat", "fold", "value"]
EXPLAINED = frozenset({"formula", "black box"})


def explained_models(
    comparison: Comparison,
    competitors: Sequence[str] | None,
    *,
    first_repeat_only: bool = False,
) -> list[KeptModel]:
    """Return the kept models of the named competitors, or of all that can be explained.

    A model is None where its fold was finished in an earlier run.

    Raises
    ------
    HecsrError
        If a name is unknown or no model was kept.
    """
    known = {m.entrant.competitor.name for m in comparison.models}
    for name in competitors or ():
        if name not in known:
            msg = f"no fitted models of '{name}' were kept; {suggestion(name, known)}"
            raise HecsrError(msg)
    chosen = [
        m
        for m in comparison.models
        if (
            m.entrant.competitor.kind in EXPLAINED
            if competitors is None
            else m.entrant.competitor.name in competitors
        )
    ]
    if not chosen:
        raise HecsrError("no fitted models were kept to explain")
    return [m for m in chosen if not first_repeat_only or m.record.split.repeat == 0]


def part_key(kept: KeptModel, *more: Label) -> tuple[Label, ...]:
    """Return what sets the work on one model apart, and what it was asked for."""
    competitor, split = kept.entrant.competitor, kept.record.split
    rows = digest(split.train, split.test)
    said = (competitor.name, competitor.description, kept.entrant.columns)
    return (*said, rows, kept.seed, split.repeat, split.fold, *more)


def held_out_loss(
    model: Any, X: pd.DataFrame, observed: NDArray[np.float64], fill: float, task: Any
) -> float:
    """Loss on held-out rows, the training mean standing in where undefined."""
    return loss(task, observed, filled(predicted(model, X, task), fill))


def held_out(
    kept: KeptModel, problem: Problem, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the rows that the fold held out, in the columns that the model saw.

    Or in other `columns`.
    """
    names = kept.record.columns if columns is None else columns
    return problem.frame[list(names)].iloc[kept.record.split.test]


def row(kept: KeptModel, method: str, name: str, value: float) -> dict[str, Any]:
    """One line of the importance frame."""
    split = kept.record.split
    return {
        "competitor": kept.entrant.competitor.name,
        "method": method,
        "name": name,
        "repeat": split.repeat,
        "fold": split.fold,
        "value": value,
    }


def frame_of(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Put lines into the frame that the report reads."""
    import pandas as pd

    return pd.DataFrame(list(rows), columns=COLUMNS)
