"""The models of several tasks of classes and numbers, compared by their size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.averaging import akaike_weights

if TYPE_CHECKING:
    from hecsr.search.mixed_samples import MixedSamples
    from hecsr.search.sisso.models import RankedModel
    from hecsr.search.sisso.sparsifying.sparsify import Model


def compared(
    ranked: Mapping[int, Sequence[RankedModel]],
    models: Mapping[int, Sequence[Model]],
    samples: MixedSamples,
) -> dict[int, tuple[RankedModel, ...]]:
    """Count the coefficients of all tasks in the criteria of the models."""
    counted = samples.counted
    share = samples.share[counted] / samples.share[counted].sum()
    every = []
    for size, of in ranked.items():
        tasks = [t for t in range(len(samples.labels)) if samples.informs(t, size)]
        parts = [samples.parts[t] for t in tasks]
        n = sum(part.stop - part.start for part in parts)
        # of numbers the variance too
        k = sum(size + 1 + (samples.kinds[t] == "regression") for t in tasks)
        spare = n - k - 1
        for described, model in zip(of, models[size], strict=True):
            aicc = np.inf
            if spare > 0:
                aicc = 2 * k + 2 * model.loss + 2 * k * (k + 1) / spare
            rmse = float(np.sqrt(share @ model.residual[counted] ** 2))
            bic = k * float(np.log(n)) + 2 * model.loss
            every.append((size, replace(described, rmse=rmse, aicc=aicc, bic=bic)))
    weights = akaike_weights([model.aicc for _, model in every])
    found: dict[int, list[RankedModel]] = {}
    for (size, described), weight in zip(every, weights.tolist(), strict=True):
        found.setdefault(size, []).append(replace(described, weight=weight))
    return {size: tuple(of) for size, of in found.items()}
