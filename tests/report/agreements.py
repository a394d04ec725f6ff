"""A made-up study with all that the section on agreement shows."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from hecsr.importance.agreement import agreement
from hecsr.validation.compare import Entrant
from hecsr.validation.problem import make_problem

GROUP = "delta_r + a_dev"


def with_agreement(study):
    """Add a forest on made-up rows, and a pair of correlated descriptors."""
    rng = np.random.default_rng(2)
    names = [d.name for d in study.descriptors.computed[:7]]
    low = np.array([1.0, 8.0, 0.05, 2300.0, -40.0, 0.02, 0.0])
    high = np.array([6.5, 10.5, 0.4, 3400.0, 5.0, 0.2, 1.0])
    n = study.data.rows_used
    frame = pd.DataFrame(low + (high - low) * rng.random((n, 7)), columns=names)
    frame["a_dev"] = 0.03 * frame["delta_r"] + 0.02 * rng.random(n)
    task = study.data.task
    y = frame["delta_r"].to_numpy()
    make = RandomForestRegressor
    if task == "classification":
        make, y = RandomForestClassifier, (y > 3).astype(float)
    problem = make_problem(frame, y, task=task, threshold=1.0)
    forest = next(c for c in study.competitors if c.kind == "black box")
    entrant = Entrant(forest, make(5, random_state=0))
    own = [SimpleNamespace(entrant=entrant)]
    comparison = SimpleNamespace(problem=problem, models=own)
    single = study.importance["method"] == "permutation"
    groups = study.importance[single].copy()
    groups["method"] = "permutation-group"
    groups = groups[groups["name"] != "a_dev"].replace({"name": {"delta_r": GROUP}})
    importance = pd.concat([study.importance, groups], ignore_index=True)
    shap = []
    for one in study.shap:
        index = pd.MultiIndex.from_tuples(
            [(0, i % 5, i % n) for i in range(len(one.values))],
            names=["repeat", "fold", "sample"],
        )
        shap.append(replace(one, values=one.values.set_axis(index)))
    found = agreement(comparison, study.formulas, importance, shap, draws=10)
    return replace(study, importance=importance, agreement=found)
