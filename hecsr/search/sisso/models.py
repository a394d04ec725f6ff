"""The best models of a search, with what is needed to average over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.formula.expression import complexity
from hecsr.formula.printers.text import to_text
from hecsr.search.logarithms import written_out
from hecsr.search.selection import Terms
from hecsr.search.sisso.averaging import akaike_weights, criteria
from hecsr.search.sisso.search import weighting_of

if TYPE_CHECKING:
    from hecsr.formula.formula import Target
    from hecsr.search.samples import Samples
    from hecsr.search.sisso.search import Found
    from hecsr.search.sisso.sparsifying.sparsify import Model


@dataclass(frozen=True)
class RankedModel:
    """One of the best models of a number of terms.

    Attributes
    ----------
    terms
        The forms whose coefficients are fitted.
    rmse
        Root of the weighted mean square of what the model leaves, in the target's
        unit; for classes of label minus probability.
    condition
        Condition number of the standardised terms: large if they nearly depend on
        each other.
    aicc, bic
        Information criteria given the form: how many forms were searched does not
        enter. Infinite where the samples are too few for them.
    weight
        Akaike weight among all models of the search.
    n_samples
        Samples fitted to.
    """

    terms: Terms
    rmse: float
    condition: float
    aicc: float
    bic: float
    weight: float
    n_samples: int
    _samples: Samples = field(repr=False, compare=False)
    _target: Target = field(repr=False, compare=False)

    @cached_property
    def formula(self) -> Any:
        """The fitted formula; of several tasks a formula for each."""
        return self._samples.refit(self.terms, self._target)

    @property
    def complexity(self) -> int:
        """Operator nodes of the terms, without those that join them."""
        return sum(complexity(term) for term in self.terms)

    @property
    def text(self) -> str:
        """The terms as plain text."""
        return "; ".join(to_text(term, digits=4) for term in self.terms)


def ranked_models(
    found: Found, inside: Samples, samples: Samples, target: Target
) -> dict[int, tuple[RankedModel, ...]]:
    """Describe every model that a search kept, by number of terms.

    Parameters
    ----------
    inside
        The samples as the search saw them.
    samples
        The samples that formulas are fitted to.
    """
    every = [(d, model) for d, models in found.models.items() for model in models]
    numbers = [_criteria(d, model, samples) for d, model in every]
    weights = akaike_weights([aicc for aicc, _ in numbers])
    ranked: dict[int, list[RankedModel]] = {}
    for (d, model), (aicc, bic), weight in zip(every, numbers, weights, strict=True):
        described = RankedModel(
            tuple(written_out(t, samples) for t in found.terms(model, inside)),
            _rmse(model, samples),
            model.condition,
            aicc,
            bic,
            float(weight),
            len(samples.y),
            samples,
            target,
        )
        ranked.setdefault(d, []).append(described)
    return {d: tuple(models) for d, models in ranked.items()}


def simplest_of_each(
    models: Mapping[int, Sequence[RankedModel]],
) -> tuple[RankedModel, ...]:
    """Return the models of lower error than all that are simpler or as simple."""
    every = [(m.complexity, m.rmse, d, m) for d, of in models.items() for m in of]
    found: list[RankedModel] = []
    for _, rmse, _, model in sorted(every, key=lambda e: e[:3]):
        if not found or rmse < found[-1].rmse:
            found.append(model)
    return tuple(found)


def _rmse(model: Model, samples: Samples) -> float:
    top = float(np.abs(model.residual).max()) or 1.0
    return top * float(np.sqrt(samples.share @ (model.residual / top) ** 2))


def _criteria(terms: int, model: Model, samples: Samples) -> tuple[float, float]:
    """Return AICc and BIC."""
    if samples.task == "regression":
        found = criteria(model, weighting_of(samples))
        return found.aicc, found.bic
    # coefficients and intercept; the loss is minus the log-likelihood
    n, k = len(samples.y), terms + 1
    spare = n - k - 1
    aicc = 2 * k + 2 * model.loss + 2 * k * (k + 1) / spare if spare > 0 else np.inf
    return aicc, k * float(np.log(n)) + 2 * model.loss
