"""Importances aggregated over folds, for tables and figures alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

METHODS: Final = {"permutation": "Permutation", "drop": "Drop", "shap": "SHAP"}


@dataclass(frozen=True, slots=True)
class Importance:
    """Mean and standard deviation over the folds where there is a value."""

    mean: float = math.nan
    sd: float = math.nan
    folds: int = 0


def aggregate(own: pd.DataFrame) -> dict[tuple[str, str], Importance]:
    """Return the importance by method and name, of the rows of one competitor."""
    return {
        (str(key[0]), str(key[1])): Importance(
            float(rows["value"].mean()),
            float(rows["value"].std(ddof=1)),
            int(rows["value"].count()),
        )
        for key, rows in own.groupby(["method", "name"], sort=False)
    }


def ranked_names(of: Mapping[tuple[str, str], Importance]) -> list[str]:
    """Return the names, the most important by the first method present first."""
    names = list(dict.fromkeys(name for _, name in of))
    first = next((m for m in METHODS if any(m == method for method, _ in of)), "")

    def key(name: str) -> float:
        # a descriptor that took part in few folds must not lead by them alone
        found = of.get((first, name), Importance())
        return -found.mean * found.folds if found.folds else math.inf

    return sorted(names, key=key)


def ranked_families(
    of: Mapping[str, Mapping[tuple[str, str], Importance]],
) -> list[str]:
    """Return the families, that with the largest mean in any model first."""
    largest: dict[str, float] = {}
    for by_name in of.values():
        for (_, name), found in by_name.items():
            mean = found.mean if math.isfinite(found.mean) else 0.0
            largest[name] = max(largest.get(name, -math.inf), mean)
    return sorted(largest, key=lambda name: -largest[name])
