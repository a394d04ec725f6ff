"""An applicability domain and learning curves made up for a made-up study."""

from dataclasses import replace

import numpy as np
import pandas as pd

from hecsr.validation.applicability import Applicability
from hecsr.validation.inside_outside import compared_places, rank_correlations
from hecsr.validation.learning import LearningCurves
from hecsr.validation.metrics import LOSS
from hecsr.validation.power_law import outlook

ENGINES = ("sisso", "lasso")


def placed(study):
    """Return the study with both."""
    return replace(study, applicability=domain(study), learning=curves(study))


def domain(study, *, known=True):
    """Every third row is outside, where the error is three times as large."""
    rng = np.random.default_rng(8)
    held = study.predictions
    held = held[held["competitor"].isin([*ENGINES, "random_forest"])].copy()
    n = len(held)
    outside = held["sample"].to_numpy() % 3 == 0
    formula = held["competitor"].isin(ENGINES).to_numpy()
    distance = np.where(outside, 1.6, 0.6) * rng.uniform(0.8, 1.2, n)
    of_formula = np.where(formula & known, 1.0, np.nan)
    places = held.assign(
        replaced=False,
        loss=np.where(outside, 3.0, 1.0) * rng.uniform(0.5, 1.5, n),
        inside_ranges=~outside,
        inside_hull=pd.array(
            [bool(not o) if f else None for o, f in zip(outside, formula, strict=True)],
            dtype="boolean",
        ),
        leverage=np.where(outside, 0.3, 0.05) * rng.uniform(0.5, 1.5, n) * of_formula,
        leverage_limit=0.12 * of_formula,
        parameters=3 * of_formula,
        train_rows=72,
        distance=distance,
        residual=np.where(outside, 3.0, 1.0) * rng.normal(size=n) * of_formula,
    )
    return Applicability(
        places=places,
        summary=compared_places(places, draws=200),
        ranks=rank_correlations(places, draws=200),
        metric=LOSS[study.data.task],
    )


def curves(study):
    """The law 2 + 40 / n with little noise, and a flat one for the lasso."""
    rng = np.random.default_rng(9)
    competitors = tuple(
        c for c in study.competitors if c.name in (*ENGINES, "random_forest")
    )
    rows, fronts = [], []
    for c in competitors:
        for fold in range(5):
            for size in (0.2, 0.4, 0.6, 0.8, 1.0):
                n = round(72 * size)
                error = 5.0 if c.name == "lasso" else 2 + 40 / n
                rows.append(
                    {
                        "competitor": c.name,
                        "size": size,
                        "repeat": 0,
                        "fold": fold,
                        "rows": n,
                        "train": 0.5 * error,
                        "held_out": error + 0.01 * rng.normal(),
                        "seconds": 1.0,
                        "failed": "",
                    }
                )
            if c.name in ENGINES:
                fronts += [
                    {
                        "competitor": c.name,
                        "fold": fold,
                        "limit": limit,
                        "train": 5.0 - limit,
                        "held_out": 4.0 + (limit - 2) ** 2 + 0.01 * rng.normal(),
                        "chosen": limit == 2,
                    }
                    for limit in range(4)
                ]
    table = pd.DataFrame(rows)
    outlooks = {
        name: outlook(
            72 * np.array([0.2, 0.4, 0.6, 0.8, 1.0]),
            own.pivot_table(index="fold", columns="size", values="held_out").to_numpy(),
        )
        for name, own in table.groupby("competitor")
    }
    return LearningCurves(
        competitors=competitors,
        curves=table,
        fronts=pd.DataFrame(fronts),
        outlooks=outlooks,
        metric=LOSS[study.data.task],
        scheme=study.schemes[0].name,
        repeats=1,
    )
