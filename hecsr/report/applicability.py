"""Look-ups of the applicability domain for its section and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.report.view import View
    from hecsr.result import Competitor, Scheme


def hardest(view: View) -> list[Scheme]:
    """Return the other scheme that leaves most rows outside; none where there is none.

    A scheme on a part of the rows asks the same as the main one and is passed over.
    """
    found = view.result.applicability
    if found is None:
        return []
    every = found.places.loc[
        found.places["scheme"] == view.main.name, "sample"
    ].nunique()
    share: dict[str, float] = {}
    for scheme, rows in found.places.groupby("scheme", sort=False):
        # rows that are held out by more than one fold of a repeat, or by few folds
        again = rows.groupby(["competitor", "repeat", "sample"]).size().max() > 1
        if scheme != view.main.name and (again or rows["sample"].nunique() == every):
            share[str(scheme)] = float((rows["distance"] > 1).mean())
    if not share:
        return []
    name = max(share, key=lambda s: share[s])
    return [s for s in view.result.schemes if s.name == name]


def of_repeat(places: pd.DataFrame, scheme: str, competitor: str) -> pd.DataFrame:
    """Return the first repeat's rows of a competitor under a scheme."""
    of = (places["scheme"] == scheme) & (places["competitor"] == competitor)
    own: pd.DataFrame = places.loc[of]
    first: pd.DataFrame = own.loc[own["repeat"] == own["repeat"].min()]
    return first


def shown(view: View) -> list[Competitor]:
    """Return the best formula and the best black box that were placed."""
    found = view.result.applicability
    if found is None:
        return []
    placed = set(found.places["competitor"])
    chosen = []
    for kind in ("formula", "black box"):
        best = next((c for c in view.ranked(kind) if c.name in placed), None)
        chosen += [] if best is None else [best]
    return chosen
