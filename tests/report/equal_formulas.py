"""A set of formulas that are not told from the best, made up."""

import numpy as np
import pandas as pd

from hecsr.validation.rashomon import RashomonSet

LEVELS = (0.5, 0.8, 0.9, 0.95)


def a_set(task="regression", observed=(0.5, 0.8, 0.9, 0.95)):
    rng = np.random.default_rng(0)
    names = ["delta_r", "vec_mean", "chi_dev", "my col_1 [%$#]"]
    coverage = [
        {
            "kind": kind, "level": level, "observed": at, "low": at - 0.05,
            "high": min(at + 0.05, 1.0), "n": 90, "width": 40 * level,
        }
        for kind in ("average", "best", "conformal")
        for level, at in zip(LEVELS, observed, strict=True)
    ]  # fmt: skip
    classes = task == "classification"
    metrics = ["brier", "log_loss"] if classes else ["mae", "rmse", "r2"]
    held = pd.DataFrame({"sample": np.arange(90), "repeat": 0, "fold": 0})
    held["low"], held["high"] = rng.uniform(0, 1, 90), rng.uniform(2, 3, 90)
    return RashomonSet(
        engine="sisso", label="SISSO", task=task, level=0.9, n_rows=90, n_groups=30,
        effective_rows=41.2, size=1234, same=2, listed=5000, full=(3,), critical=3.1,
        best="delta_r * chi_dev; vec_mean", best_error=5.21, simplest="delta_r",
        simplest_error=6.0,
        members=pd.DataFrame({
            "terms": [2, 1], "text": ["delta_r * chi_dev; vec_mean", "delta_r"],
            "complexity": [1, 0], "error": [5.21, 6.0], "statistic": [0.0, 2.2],
            "weight": [0.4, 0.1],
        }),
        sizes=pd.DataFrame({
            "terms": [1, 2, 3], "fitted": [50, 4950, 551300],
            "listed": [50, 4950, 5000], "members": [1, 33, 1200],
            "weight": [0.1, 0.6, 0.3], "leading": [True, False, True],
        }),
        descriptors=pd.DataFrame({
            "name": names, "share": [1.0, 0.6, 0.2, 0.0],
            "probability": [1.0, 0.3, 0.9, 0.0], "in_folds": [0.9, 0.4, 0.5, 0.1],
        }),
        features=pd.DataFrame(
            {"name": ["delta_r"], "share": [0.1], "probability": [1.0]}
        ),
        folds=pd.DataFrame({
            "repeat": 0, "fold": range(5), "size": 900, "full": False,
            "same_best": [True, False, False, True, False], "critical": 3.0,
        }),
        held=held,
        coverage=pd.DataFrame([] if classes else coverage),
        scores=pd.DataFrame([
            {"kind": kind, "metric": m, "value": value}
            for kind, value in (("average", 0.1), ("best", 0.2)) for m in metrics
        ]),
        calibration=pd.DataFrame({
            "predicted": [0.1, 0.9], "observed": [0.2, 0.8], "low": [0.1, 0.6],
            "high": [0.4, 0.9], "n": 45,
        }),
    )  # fmt: skip
