"""Tables that a real PySR wrote, with the samples that it learnt from."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from hecsr.descriptors.descriptor import plain
from hecsr.search.pysr.reading import read_table
from hecsr.search.samples import Samples

RECORDED = Path(__file__).parent / "pysr_recorded"
SINGLE = 1e-5
"""How far rounding to single precision may go."""

# a table, its data, task, weights of the second class, factor of the target, penalty
TABLES = [
    ("cos", "cos", "regression", None, 1, None),
    ("units_first", "units", "regression", None, 1, 1000),
    ("dimless_const", "units", "regression", None, 1, 1000),
    ("multi/1", "units", "regression", None, 1, None),
    ("multi/2", "units", "regression", None, 2, None),
    ("logistic_custom", "binary", "classification", None, 1, None),
    ("logistic_pm1", "binary", "classification", None, 1, None),
    ("logistic_weighted", "binary", "classification", 1.0, 1, None),
]


def recorded(table, data, task, weight, factor):
    """A recorded table with its variables called x0, x1, ..., and its samples."""
    name, _, output = table.partition("/")
    file = f"{name}_hall_of_fame{f'_output{output}' * bool(output)}.csv"
    frame = pd.read_csv(RECORDED / f"{data}_data.csv")
    names = [n for n in frame.columns if n != "y"]
    text = (RECORDED / file).read_text(encoding="utf-8")
    for i, variable in enumerate(names):
        text = re.sub(rf"\b{variable}\b", f"x{i}", text)
    y = frame["y"].to_numpy() * factor
    weights = None if weight is None else np.where(y == 1, weight, 2.0)
    descriptors = tuple(map(plain, names))
    values = frame[names].to_numpy()
    return read_table(text), Samples(values, descriptors, y, weights, task)
