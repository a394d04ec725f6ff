"""How descriptors correlate, those that were removed beside those that stayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.result import DescriptorSummary
    from hecsr.study.samples import Samples


def correlations(samples: Samples, summary: DescriptorSummary) -> pd.DataFrame | None:
    """Return Pearson's r of the descriptors that vary; None of fewer than two.

    Rows and columns are in the order of a drawing: the descriptors that enter by
    average linkage on ``1 - |r|``, and behind each the removed ones that it speaks
    for, the closest first.
    """
    import pandas as pd

    frame = samples.table.frame
    speaks = {one.name: one for one in summary.removed if one.kept}
    names = [n for n in frame.columns if n in summary.entering or n in speaks]
    # a required column may be constant: it correlates with nothing
    names = [n for n in names if frame[n].max() > frame[n].min()]
    entering = [n for n in names if n not in speaks]
    if len(names) < 2 or not entering:
        return None
    values = np.corrcoef(frame[names].to_numpy(), rowvar=False)
    found = pd.DataFrame(values, index=names, columns=names)
    order: list[str] = []
    for name in _clustered(found.loc[entering, entering].abs()):
        behind = [n for n, one in speaks.items() if one.kept == name and n in names]
        order.append(name)
        order += sorted(behind, key=lambda n: -abs(speaks[n].r))
    order += [n for n in names if n not in order]
    return found.loc[order, order]


def _clustered(r: pd.DataFrame) -> list[str]:
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    names = [str(n) for n in r.columns]
    if len(names) < 3:
        return names
    apart = np.clip(1.0 - r.to_numpy(), 0.0, None)
    np.fill_diagonal(apart, 0.0)
    near = squareform((apart + apart.T) / 2, checks=False)
    return [
        names[i] for i in leaves_list(linkage(near, "average", optimal_ordering=True))
    ]
