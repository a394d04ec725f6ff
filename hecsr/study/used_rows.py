"""The rows that a study used, as a reader of its report may want to see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.study.samples import Samples


@dataclass(frozen=True, eq=False)
class UsedRows:
    """One entry per row, at the position that predictions call `sample`.

    Attributes
    ----------
    observed
        The target; 0 or 1 for a class.
    groups
        Number of the group that is kept whole when rows are held out.
    sources
        Keys of the sources of a row, joined by semicolons; empty where unknown.
    descriptors
        Values before any filter, one column per descriptor.
    """

    compositions: tuple[str, ...]
    observed: NDArray[np.float64]
    groups: NDArray[np.intp]
    sources: tuple[str, ...]
    descriptors: pd.DataFrame


def used_rows(samples: Samples) -> UsedRows:
    """Return the rows of the samples that a comparison is run on."""
    import pandas as pd

    table = samples.table
    return UsedRows(
        compositions=tuple(str(name) for name in table.samples),
        observed=samples.y,
        groups=samples.groups,
        sources=tuple("; ".join(sorted(keys)) for keys in samples.sources),
        descriptors=pd.DataFrame(table.values, columns=list(table.names)),
    )
