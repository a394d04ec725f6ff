"""Which held-out rows two runs share, told by composition and observed value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.changes.folder import ReportFolder

_PLACE: Final = ["repeat", "fold", "sample"]
_NAME: Final = ["composition", "value", "turn"]


@dataclass(frozen=True)
class RowChange:
    """Rows of the main scheme in both runs, and in one of them only."""

    kept: int
    added: tuple[str, ...]
    gone: tuple[str, ...]


def compare_rows(old: ReportFolder, new: ReportFolder) -> RowChange | None:
    """Say which rows took part, by composition and observed value."""
    if old.predictions is None or new.predictions is None:
        return None
    before, after = (Counter(_of_main(f.predictions)) for f in (old, new))
    added, gone = after - before, before - after
    kept = sum((before & after).values())
    return RowChange(kept, _listed(added), _listed(gone))


def same_places(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether the folds hold the same rows, by number, composition and value.

    Both are the predictions of one scheme and competitor.
    """
    if len(one) != len(other):
        return False
    a, b = (part.sort_values(_PLACE).reset_index(drop=True) for part in (one, other))
    same = [*_PLACE, "composition"]
    return bool(
        a[same].equals(b[same]) and np.allclose(a["observed"], b["observed"], rtol=1e-9)
    )


def in_common(
    one: pd.DataFrame, other: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the predictions of the rows that both predict, numbered alike.

    Rows are told as :func:`compare_rows` tells them; of several alike the first in
    one run is the first in the other. A row without a prediction of one run, in
    whatever fold, is in neither.
    """
    names = [_named(part) for part in (one, other)]
    shared = names[0].merge(names[1], on=_NAME, suffixes=("_one", "_other"))
    found = []
    for part, column in ((one, "sample_one"), (other, "sample_other")):
        number = dict(zip(shared[column], shared.index, strict=True))
        inside = part[part["sample"].isin(shared[column])]
        found.append(inside.assign(sample=inside["sample"].map(number).astype(int)))
    return found[0], found[1]


def _named(part: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a prediction in every fold, and what tells each."""
    lacking = part.loc[part["predicted"].isna(), "sample"]
    seen = part[~part["sample"].isin(lacking)].drop_duplicates("sample")
    seen = seen.sort_values("sample")
    seen = seen.assign(value=_values(seen))
    turn = seen.groupby(_NAME[:2], sort=False).cumcount()
    return seen.assign(turn=turn)[["sample", *_NAME]]


def _values(seen: pd.DataFrame) -> list[float]:
    # CSVs hold ten digits
    return [float(f"{v:.9g}") for v in seen["observed"]]


def _of_main(predictions: pd.DataFrame | None) -> list[tuple[str, float]]:
    if predictions is None or predictions.empty:
        return []
    main = predictions[predictions["scheme"] == predictions["scheme"].iloc[0]]
    seen = main.drop_duplicates("sample")
    return list(zip(seen["composition"], _values(seen), strict=True))


def _listed(rows: dict[tuple[str, float], int]) -> tuple[str, ...]:
    return tuple(
        f"{composition} ({value:g})"
        for (composition, value), n in sorted(rows.items())
        for _ in range(n)
    )
