"""Labels turned over, made up: one that reports contradict and one that is missing."""

from dataclasses import replace

import numpy as np
import pandas as pd

from hecsr.study.doubt import COLUMNS

BEFORE = ("labels as they are", "", np.nan, np.nan, "", "", 90, 0.9, 0.9, 0.9, True)
ROWS = [
    (*BEFORE, 0.0, 0, "logistic(1 - x)", 0.84, 0.95, 0.84, 0.95),
    (
        "(HfTi)C", "contradicted", 0.0, 1.0, "first_2001 (B)", "second_2002 (A)", 90,
        0.85, 0.86, 0.91, True, 0.31, 4, "logistic(1.1 - x)", 0.78, 0.91, 0.79, 0.92,
    ),
    (
        "(TiZr)C", "no label: reports disagree", np.nan, 0.0, "first_2001 (B)",
        "third_2003 (B)", 91, 0.80, 0.82, 0.9, False, np.nan, 12, "logistic(2 - z)",
        0.71, 0.88, np.nan, np.nan,
    ),
    (
        "all doubtful labels", "all at once", np.nan, 0.0, "", "", 91, 0.78, 0.79, 0.9,
        False, np.nan, 15, "logistic(3 - z)", 0.7, 0.86, 0.71, 0.87,
    ),
]  # fmt: skip


def doubted(study, rows):
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return replace(study, doubt=frame, doubted="sisso")
