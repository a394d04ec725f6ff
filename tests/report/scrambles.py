"""Results of scrambled targets, made up: one engine is no better than chance."""

from dataclasses import replace

import numpy as np
import pandas as pd

from hecsr.validation.chance import Chance
from hecsr.validation.feature_space import FeatureSpace

TRUE = {"sisso": 5.0, "lasso": 12.4}


def chance_of(metric, space=None, n=50):
    rng = np.random.default_rng(1)
    scores, fits, tests = [], [], []
    for engine, value in TRUE.items():
        values = rng.normal(12, 0.5, n)
        scores += [(engine, k, metric, v) for k, v in enumerate([value, *values], -1)]
        fits += [(engine, k, 0.1 + 0.001 * k, 0.7, 0, 2.0) for k in range(-1, n)]
        as_good = int((values <= value).sum())
        low, high = values.min(), values.max()
        p = (1 + as_good) / (1 + n)
        tests.append(
            (engine, metric, value, values.mean(), low, high, 12.1, n, as_good, p, 30)
        )
    return Chance(
        metric,
        pd.DataFrame(scores, columns=["engine", "scramble", "metric", "value"]),
        pd.DataFrame(
            fits,
            columns=[
                *("engine", "scramble", "in_sample"),
                *("held_out", "mean_alone", "limit"),
            ],
        ),
        pd.DataFrame(
            tests,
            columns=[
                *("engine", "metric", "value", "mean", "low", "high", "constant"),
                *("scrambles", "as_good", "p", "mean_alone"),
            ],
        ),
        {"sisso": "the budget of the comparison", "lasso": "two folds"},
        5,
        90,
        space,
    )


def space_of(**changes):
    lines = pd.DataFrame(
        {
            "space": [0, 1, 2],
            "rungs": [0, 1, 2],
            "complexity": [0, 1, 2],
            "candidates": [30, 1000, 100_000],
            "used": [False, True, False],
            "true": [0.6, 0.7, 0.72],
            "mean": [0.05, 0.1, 0.15],
            "low": [0.03, 0.08, 0.12],
            "high": [0.08, 0.13, 0.19],
        }
    )
    made = FeatureSpace(
        engine="sisso",
        fits=pd.DataFrame(),
        growth=lines,
        terms=2,
        n_rows=90,
        scrambles=20,
        held_out=0.25,
        supported=2e6,
        extrapolated=True,
    )
    return replace(made, **changes)
