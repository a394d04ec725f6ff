"""A comparison made from held-out predictions alone, without any fit."""

import numpy as np
import pandas as pd

from hecsr.result import Competitor
from hecsr.validation.compare import Comparison, FoldRecord
from hecsr.validation.folds import Split
from hecsr.validation.frames import score_frame
from hecsr.validation.problem import Problem


def comparison_of(
    predictions, competitors, task="regression", *, named=(), groups=None, hard=()
):
    """Folds hold out the rows they predict and train on the other rows of a scheme.

    Those of the schemes `named` leave out kinds; the others are numbered parts.
    """
    records = []
    for scheme, part in predictions.groupby("scheme", sort=False):
        rows = np.unique(part["sample"])
        for (repeat, fold), own in part.groupby(["repeat", "fold"], sort=False):
            test = np.unique(own["sample"])
            label = f"kind {fold}" if scheme in named else str(fold + 1)
            split = Split(repeat, fold, label, np.setdiff1d(rows, test), test)
            records.append(FoldRecord(scheme, split, (), (), 0.0))
    gone = predictions[predictions["predicted"].isna()]
    undefined = gone.groupby(["scheme", "competitor"], as_index=False).size()
    n = int(predictions["sample"].max()) + 1
    frame = pd.DataFrame(index=range(n))
    return Comparison(
        problem=Problem(frame, (), (), np.zeros(n), task, groups=groups),
        competitors=tuple(competitors),
        scores=score_frame(predictions, task, frozenset(hard), {}),
        predictions=predictions,
        undefined=undefined,
        choices=pd.DataFrame(),
        timings=pd.DataFrame(),
        hard=frozenset(hard),
        records=tuple(records),
    )


def held(name, observed, predicted, folds, scheme="main", threshold=0.5):
    """Rows of one competitor: each (repeat, fold) with the samples it holds out."""
    parts = [
        pd.DataFrame(
            {
                "scheme": scheme,
                "competitor": name,
                "repeat": repeat,
                "fold": fold,
                "sample": rows,
                "observed": np.asarray(observed, dtype=float)[rows],
                "predicted": np.asarray(predicted, dtype=float)[rows],
                "threshold": threshold,
            }
        )
        for (repeat, fold), rows in folds.items()
    ]
    return pd.concat(parts, ignore_index=True)


def dealt(n, k=5, repeats=1, seed=0):
    """Return (repeat, fold): rows, shuffled anew in each repeat."""
    random = np.random.default_rng(seed)
    found = {}
    for repeat in range(repeats):
        order = random.permutation(n)
        found |= {(repeat, fold): np.sort(order[fold::k]) for fold in range(k)}
    return found


KINDS = {"f": "formula", "g": "formula", "b": "black box", "r": "rule", "m": "baseline"}


def line_up(*names):
    """Competitors whose kind is told by the first letter of their name."""
    return tuple(Competitor(n, n.upper(), KINDS[n[0]], "", n) for n in names)
