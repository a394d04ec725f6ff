"""What every importance measure shares: which models, and the shape of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecsr.errors import HecsrError, suggestion
from hecsr.validation.metrics import loss
from hecsr.validation.predicting import filled, predicted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.validation.compare import Comparison, KeptModel, Progress
    from hecsr.validation.problem import Problem

COLUMNS = ["competitor", "method", "name", "repeat", "fold", "value"]
EXPLAINED = frozenset({"formula", "black box"})


def explained_models(
    comparison: Comparison, competitors: Sequence[str] | None
) -> list[KeptModel]:
    """Return the kept models of the named competitors, or of all that can be explained.

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
    return chosen


def held_out_loss(
    model: Any, X: pd.DataFrame, observed: NDArray[np.float64], fill: float, task: Any
) -> float:
    """Loss on held-out rows, the training mean standing in where undefined."""
    return loss(task, observed, filled(predicted(model, X, task), fill))


def held_out(kept: KeptModel, problem: Problem) -> pd.DataFrame:
    """Return the rows that the fold held out, in the columns that the model saw."""
    return problem.frame[list(kept.record.columns)].iloc[kept.record.split.test]


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


def in_order(
    jobs: Sequence[Any], n_jobs: int | None, progress: Progress | None, what: str
) -> list[Any]:
    """Run joblib's delayed calls in parallel; results in the order of the calls."""
    from joblib import Parallel

    results = []
    for result in Parallel(n_jobs=n_jobs, return_as="generator")(jobs):
        results.append(result)
        if progress is not None:
            progress(len(results), len(jobs), what)
    return results
