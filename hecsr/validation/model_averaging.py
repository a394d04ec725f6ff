"""Bayesian averaging over the formulas that cannot be told from the best one.

Hoeting, Madigan, Raftery, Volinsky, Stat. Sci. 14, 382 (1999), 10.1214/ss/1009212519.
The weight of a formula is proportional to its prior probability times exp(-BIC / 2),
which stands for its marginal likelihood (Kass, Raftery, J. Am. Stat. Assoc. 90, 773
(1995), 10.1080/01621459.1995.10476572); formulas outside of the set have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from hecsr.errors import HecsrError
from hecsr.formula.expression import evaluate
from hecsr.formula.expression import variables as variables_of
from hecsr.formula.printers.text import to_text
from hecsr.search.sisso.averaging import akaike_weights
from hecsr.validation.mixture import mixture_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.expression import Expression
    from hecsr.formula.formula import Task
    from hecsr.validation.tuple_fits import Fits, Scale

    Array = NDArray[np.float64]

PRIOR: Final = (
    "every number of terms equally likely, for each term every number of operators, "
    "and among the features of that many operators in the whole space each of them"
)
"""What is said of the prior, in words."""
_LEFT_OUT: Final = 5e-3
_ROOM: Final = 4_000_000


class Averaged(NamedTuple):
    """Prediction for n rows; NaN where no formula is defined.

    `mean` is in the target's unit, or the probability of class 1; `lower` and `upper`
    bound the interval, NaN for classes.
    """

    mean: Array
    lower: Array
    upper: Array


@dataclass(frozen=True, eq=False)
class ModelAverage:
    """Formulas with their weights, ready to predict.

    Attributes
    ----------
    terms
        The features that formulas are made of.
    scale
        Centre and length of each.
    fits
        By number of terms.
    weights
        By number of terms the probability of each formula, in sum 1.
    n_samples
        Rows fitted to.
    effective
        Independent rows that say as much: fewer where errors within groups are alike.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from hecsr.search.sisso.estimator import SissoRegressor
    >>> from hecsr.validation.formula_set import rashomon_set
    >>> rng = np.random.default_rng(0)
    >>> x = pd.DataFrame(rng.uniform(1, 2, (40, 3)), columns=["a", "b", "c"])
    >>> y = 3 * x["a"] / x["b"] + rng.normal(0, 0.1, 40)
    >>> found = rashomon_set(SissoRegressor(max_terms=1), x, y)
    >>> new = pd.DataFrame({"a": [1.5], "b": [1.2], "c": [1.0]})
    >>> mean, lower, upper = found.average.predict(new, level=0.9)
    >>> bool(lower[0] < 3 * 1.5 / 1.2 < upper[0])
    True
    """

    task: Task
    terms: tuple[Expression, ...]
    scale: Scale
    fits: Mapping[int, Fits]
    weights: Mapping[int, Array]
    n_samples: int
    effective: float

    def predict(self, X: pd.DataFrame, level: float = 0.9) -> Averaged:
        """Return the averaged prediction and its interval for each row.

        The interval holds `level` of the mixture of the formulas' predictive t
        distributions (under the usual reference prior of coefficients and variance),
        as much above as below; a quantile of the mixture, not a mean of quantiles.
        Formulas that are undefined on a row have no say there.

        Parameters
        ----------
        X
            The descriptors by name; others do no harm.
        level
            Between 0 and 1.

        Raises
        ------
        HecsrError
            If the level is not between 0 and 1.
        FormulaError
            If a descriptor is missing.
        """
        return self.predict_levels(X, (level,))[level]

    def predict_levels(
        self, X: pd.DataFrame, levels: Sequence[float]
    ) -> dict[float, Averaged]:
        """Return :meth:`predict` for several levels at once."""
        for level in levels:
            if not 0 < level < 1:
                msg = f"the level of an interval is {level}; give one in (0, 1)"
                raise HecsrError(msg)
        mean, spread, freedom, weights = self.components(X)
        own = _renormalised(weights, mean)
        average = np.where(own > 0, own * np.nan_to_num(mean), 0.0).sum(axis=1)
        average = np.where(own.any(axis=1), average, np.nan)
        unknown = np.full(len(average), np.nan)
        if self.task == "classification":
            return {level: Averaged(average, unknown, unknown) for level in levels}
        # formulas of next to no weight cost time and move no quantile
        order = np.argsort(-weights, kind="stable")
        enough = np.searchsorted(np.cumsum(weights[order]), 1 - _LEFT_OUT) + 1
        few = np.sort(order[:enough])
        own = _renormalised(weights[few], mean[:, few])
        parts = mean[:, few], spread[:, few], freedom[few], own
        return {
            level: Averaged(
                average,
                mixture_quantile((1 - level) / 2, *parts),
                mixture_quantile((1 + level) / 2, *parts),
            )
            for level in levels
        }

    def components(self, X: pd.DataFrame) -> tuple[Array, Array, Array, Array]:
        """Return what each of the m formulas says of each of the n rows.

        Returns
        -------
        tuple
            Predictions and the spreads of new values about them (NaN for classes),
            shape (n, m), degrees of freedom and weights, shape (m,).
        """
        z = self._standardised(X)
        parts = [self._of_size(z, self.fits[d]) for d in self.fits]
        mean, spread = (np.concatenate(p, axis=1) for p in zip(*parts, strict=True))
        freedom = np.concatenate(
            [
                np.full(len(f.members), max(self.effective - d - 1, 1.0))
                for d, f in self.fits.items()
            ]
        )
        return mean, spread, freedom, self.flat_weights

    @property
    def flat_weights(self) -> Array:
        """Weights of all formulas, in the order of :meth:`components`."""
        return np.concatenate([self.weights[d] for d in self.fits])

    @property
    def texts(self) -> list[str]:
        """Terms of all formulas as text, in the order of :meth:`components`."""
        terms = [to_text(term, digits=4) for term in self.terms]
        return [
            "; ".join(terms[t] for t in members)
            for fits in self.fits.values()
            for members in fits.members.tolist()
        ]

    @property
    def inclusion(self) -> pd.DataFrame:
        """Share of the formulas, and their weight, that contain each descriptor.

        Columns name, share, probability; the most probable first.
        """
        names = [variables_of(term) for term in self.terms]
        return self._included([tuple(of) for of in names])

    @property
    def term_inclusion(self) -> pd.DataFrame:
        """The same of each term."""
        return self._included([(to_text(term, digits=4),) for term in self.terms])

    def _included(self, names: Sequence[tuple[str, ...]]) -> pd.DataFrame:
        import pandas as pd

        known = list(dict.fromkeys(name for of in names for name in of))
        holds = np.array([[name in of for name in known] for of in names])
        found = np.concatenate(
            [holds[f.members].any(axis=1) for f in self.fits.values()]
        )
        frame = pd.DataFrame(
            {
                "name": known,
                "share": found.mean(axis=0),
                "probability": self.flat_weights @ found,
            }
        )
        frame = frame[frame["share"] > 0]
        by = ["probability", "share", "name"]
        return frame.sort_values(by, ascending=[False, False, True], ignore_index=True)

    def _standardised(self, X: pd.DataFrame) -> Array:
        """Return the terms that formulas use, shape (n, p); NaN where undefined."""
        used = np.unique(
            np.concatenate([f.members.ravel() for f in self.fits.values()])
        )
        columns = {str(c): X[c].to_numpy(dtype=np.float64) for c in X.columns}
        z = np.full((len(X), len(self.terms)), np.nan)
        for t in used:
            z[:, t] = evaluate(self.terms[t], columns)
        return np.asarray((z - self.scale.centre) / self.scale.length)

    def _of_size(self, z: Array, fits: Fits) -> tuple[Array, Array]:
        n, m = len(z), len(fits.members)
        mean, spread = np.empty((n, m)), np.full((n, m), np.nan)
        step = max(1, _ROOM // max(n * fits.members.shape[1], 1))
        for s in range(0, m, step):
            part = slice(s, s + step)
            v = np.einsum("nmk,mkj->nmj", z[:, fits.members[part]], fits.inverse[part])
            line = fits.level[part] + np.einsum("nmj,mj->nm", v, fits.along[part])
            if self.task == "classification":
                mean[:, part] = 1 / (1 + np.exp(np.clip(-line, -700, 700)))
                continue
            mean[:, part] = line
            wide = 1 + 1 / self.n_samples + np.einsum("nmj,nmj->nm", v, v)
            # an exact law still has a width, so that its quantiles are defined
            sd = np.maximum(fits.sd[part], np.finfo(np.float64).tiny)
            spread[:, part] = sd * np.sqrt(wide)
        return mean, spread


def weighed(fits: Mapping[int, Fits], rows: float) -> dict[int, Array]:
    """Return the probability of each formula, by number of terms; in sum 1.

    Parameters
    ----------
    rows
        Independent rows that say as much as those fitted to: a likelihood of rows that
        stand in groups, as if they were independent, is far too sure of itself.
    """
    each = {d: f.bic(rows) - 2 * f.log_prior for d, f in fits.items()}
    weights = akaike_weights(np.concatenate(list(each.values())).tolist())
    ends = np.cumsum([len(of) for of in each.values()])[:-1]
    return dict(zip(each, np.split(weights, ends), strict=True))


def _renormalised(weights: Array, mean: Array) -> Array:
    """Return weights for each row, of the formulas that are defined there."""
    own = np.where(np.isfinite(mean), weights, 0.0)
    total = own.sum(axis=1, keepdims=True)
    zero = np.zeros_like(own)
    return np.asarray(np.divide(own, total, out=zero, where=total > 0))
