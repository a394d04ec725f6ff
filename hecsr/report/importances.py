"""Importances aggregated over folds, for tables and figures alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hecsr.report.view import View

METHODS: Final = {"permutation": "Permutation", "drop": "Drop", "shap": "SHAP"}
# Those that are not of single descriptors.
OF_GROUPS: Final = {"permutation-group": "Permutation, groups", "drop-family": "Family"}
_JOINED: Final = " + "


@dataclass(frozen=True, slots=True)
class Importance:
    """Mean and standard deviation over the folds where there is a value."""

    mean: float = math.nan
    sd: float = math.nan
    folds: int = 0


@dataclass(frozen=True, slots=True)
class Relatives:
    """Two correlated descriptors, and whether a cluster holds both."""

    first: str
    second: str
    r: float
    grouped: bool


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
    first = next((m for m in METHODS if any(m == method for method, _ in of)), "")
    return _ranked(of, first, list(dict.fromkeys(name for _, name in of)))


def ranked_groups(of: Mapping[tuple[str, str], Importance]) -> list[str]:
    """Return the clusters that were shuffled together, the most important first.

    Descriptors without relatives are clusters too. Clusters differ a little from fold
    to fold; those found in fewer than half of the folds are left out.
    """
    method = "permutation-group"
    own = {name: i for (m, name), i in of.items() if m == method}
    most = max((i.folds for i in own.values()), default=0)
    return _ranked(of, method, [n for n, i in own.items() if 2 * i.folds >= most])


def members(group: str) -> list[str]:
    """Return the descriptors of a cluster."""
    return group.split(_JOINED)


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


def stand_ins(view: View, names: list[str]) -> list[Relatives]:
    """Return the correlated pairs that one of the names belongs to, closest first."""
    agreement = view.result.agreement
    if agreement is None:
        return []
    frame = view.result.importance
    groups = [
        set(members(str(g)))
        for g in frame.loc[frame["method"] == "permutation-group", "name"].unique()
    ]
    return [
        Relatives(
            str(row["first"]),
            str(row["second"]),
            float(row["pearson"]),
            any({row["first"], row["second"]} <= g for g in groups),
        )
        for row in agreement.correlated.to_dict("records")
        if row["first"] in names or row["second"] in names
    ]


def _ranked(
    of: Mapping[tuple[str, str], Importance], method: str, names: list[str]
) -> list[str]:
    def key(name: str) -> float:
        # a descriptor that took part in few folds must not lead by them alone
        found = of.get((method, name), Importance())
        return -found.mean * found.folds if found.folds else math.inf

    return sorted(names, key=key)
