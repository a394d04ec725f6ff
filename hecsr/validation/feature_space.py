"""How large a feature space the number of rows supports, from scrambled targets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError, SearchError
from hecsr.validation.chance import TRUE, share_explained
from hecsr.validation.compare import filtered_columns
from hecsr.validation.ladder import ladder
from hecsr.validation.parts import Part, Runner, digest
from hecsr.validation.predicting import filled, fit_on
from hecsr.validation.scrambling import scrambled_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.search.sisso.space import SearchSpace
    from hecsr.study.engines import Engine
    from hecsr.validation.problem import Problem

    Array = NDArray[np.float64]

LOW: Final = 0.05
HIGH: Final = 0.95


@dataclass(frozen=True, eq=False)
class FeatureSpace:
    """How well chance fits in spaces of growing size, and what that allows.

    Attributes
    ----------
    engine
        The one whose spaces were searched.
    fits
        space, rungs, complexity, candidates, scramble, terms, share. Best share of
        the variance of all rows that so many terms explain; scramble -1 is the true
        target. `candidates` counts the features as SISSO does.
    growth
        space, rungs, complexity, candidates, used, true, mean, low, high: for
        formulas of `terms` terms, the share on the true target and the mean and the
        5 and 95 % quantiles over the scrambles. `used` marks the analysis' space.
    terms, n_rows, scrambles
        What `growth` is about.
    held_out
        Share of the variance of held-out rows that the real procedure explains.
    supported
        Largest number of candidates at which chance stays below `held_out` in 19 of
        20 scrambles; 0 where it does in no space that was searched, infinite where
        chance does not grow.
    extrapolated
        Whether that is beyond every space that was searched.
    """

    engine: str
    fits: pd.DataFrame
    growth: pd.DataFrame
    terms: int
    n_rows: int
    scrambles: int
    held_out: float
    supported: float
    extrapolated: bool

    @property
    def used(self) -> dict[str, Any]:
        """The line of `growth` that is the analysis' own space."""
        return dict(self.growth[self.growth["used"]].iloc[0])

    @property
    def gap(self) -> float:
        """How far chance stays below the held-out share in the space that is used.

        Negative where it does not.
        """
        return self.held_out - float(self.used["high"])

    @property
    def far(self) -> bool:
        """Whether it is extrapolated, in ln M, further than spaces were searched."""
        sizes = self.growth["candidates"]
        smallest, largest = float(sizes.min()), float(sizes.max())
        return self.extrapolated and self.supported > largest * (largest / smallest)

    @property
    def rows_per_term(self) -> float:
        """The k of n = k D ln M: rows for each term and ln of the candidates used."""
        candidates = float(self.used["candidates"])
        return self.n_rows / (self.terms * math.log(candidates))


def supported_space(
    engine: Engine,
    problem: Problem,
    *,
    held_out: float,
    terms: int | None = None,
    scrambles: int = 20,
    seed: int = 0,
    runner: Runner | None = None,
) -> FeatureSpace:
    """Estimate the largest feature space that the rows support.

    Spaces from the descriptors alone up to the analysis' own, and one more where it
    costs little, are searched for the best formula of D terms on the true and on
    scrambled targets, on all rows. Only the sparse search can be asked: of the other
    engines nobody can count what they might have built.

    The best of M independent candidates explains by chance about
    1 - exp(-2 D ln M / n) of the variance of n rows: one candidate exceeds r^2 with
    a probability that falls as (1 - r^2)^(n / 2), and there are about M^D sets of D.
    So -ln(1 - r^2) is taken as linear in ln M. Its slope is fitted and not taken
    from n and D, for candidates are far from independent. That n has to grow as
    k D ln M is the rule of compressed sensing, on which such searches rest
    (Ghiringhelli et al., New J. Phys. 19, 023017 (2017),
    10.1088/1367-2630/aa57bf). Chance stays below the real formula while the 95 %
    quantile over the scrambles is below the share of variance that the real
    procedure explains on held-out rows; between searched spaces this is
    interpolated, beyond them extrapolated with the fitted slope.

    Parameters
    ----------
    engine
        The sparse search ('sisso').
    held_out
        What the real procedure explains of held-out rows, as
        :meth:`hecsr.validation.chance.Chance.held_out` gives it.
    terms
        Terms of the formula that is compared; by default as many as the engine may
        take.
    scrambles
        How often the target is permuted, as
        :func:`hecsr.validation.scrambling.scrambled_target` does.

    Raises
    ------
    HecsrError
        If the engine is not the sparse search, or there is nothing to scramble.
    SearchError
        If a search fails.
    """
    from joblib import delayed

    estimator = engine.repeated
    most = int(getattr(estimator, "max_terms", 0))
    if not hasattr(estimator, "space"):
        raise HecsrError(
            f"the space of {engine.label} cannot be counted; give the sparse search"
        )
    if scrambles < 1:
        raise HecsrError(f"scrambles is {scrambles}; at least 1 is needed")
    if terms is not None and not 1 <= terms <= most:
        raise HecsrError(f"terms is {terms}; the engine takes 1 to {most}")
    X, spaces, used = searched_spaces(engine, problem)
    numbers = range(TRUE, scrambles)
    targets = {
        k: problem.y if k == TRUE else scrambled_target(problem, seed, k)
        for k in numbers
    }
    parts, places = [], []
    for s, space in enumerate(spaces):
        for k, y in targets.items():
            target = y if problem.task == "regression" else y.astype(np.int64)
            key = (
                *(engine.name, engine.description, engine.light_words),
                *(space.rungs, space.max_complexity, k, digest(y), digest(X), seed),
            )
            call = delayed(_shares)(estimator, space, X, target)
            parts.append(Part(f"space {s + 1}", key, call))
            places.append((s, k))
    found = (runner or Runner()).run("feature space", parts)
    chosen = most if terms is None else terms
    fits = _fit_frame(spaces, places, found, most)
    growth = _growth_frame(fits, chosen, used)
    supported, beyond = largest_supported(
        growth["candidates"].to_numpy(), growth["high"].to_numpy(), held_out
    )
    return FeatureSpace(
        engine=engine.name,
        fits=fits,
        growth=growth,
        terms=chosen,
        n_rows=len(problem.y),
        scrambles=scrambles,
        held_out=held_out,
        supported=supported,
        extrapolated=beyond,
    )


def searched_spaces(
    engine: Engine, problem: Problem
) -> tuple[pd.DataFrame, list[SearchSpace], int]:
    """Return the descriptors on all rows, the spaces to search, and which is its own.

    Raises
    ------
    SearchError
        As :func:`hecsr.validation.ladder.ladder` says.
    """
    rows = np.arange(len(problem.y))
    X = problem.frame[list(filtered_columns(problem.filter_on(rows)))]
    return X, *ladder(engine.repeated, X, problem.y, problem.task)


def largest_supported(
    candidates: Sequence[float] | Array, chance: Sequence[float] | Array, level: float
) -> tuple[float, bool]:
    """Return where chance reaches a level, and whether that is extrapolated.

    -ln(1 - chance) is taken as linear in ln(candidates) between the points given,
    and beyond them with the slope of a straight line through all.

    Parameters
    ----------
    candidates
        Sizes of the spaces, growing.
    chance
        Share of variance that chance explains in each.
    level
        Share of variance that it must stay below.

    Returns
    -------
    tuple
        The size; 0 where chance is at the level in the smallest space, infinite
        where it does not grow.

    Examples
    --------
    >>> largest_supported([10, 1000], [0.1, 0.3], 0.1 + 1e-12)[1]
    False
    """
    size = np.log(np.asarray(candidates, dtype=np.float64))
    # a larger space holds the smaller one: what is found there cannot be less
    most = np.maximum.accumulate(np.asarray(chance, dtype=np.float64))
    if np.isnan(level) or level <= most[0]:
        return 0.0, False
    fit, reached = -np.log1p(-np.minimum(most, 1.0)), -np.log1p(-min(level, 1 - 1e-15))
    last = int(np.flatnonzero(fit < reached)[-1])
    if last < len(fit) - 1:
        share = (reached - fit[last]) / (fit[last + 1] - fit[last])
        return float(np.exp(size[last] + share * (size[last + 1] - size[last]))), False
    slope = float(np.polyfit(size, fit, 1)[0]) if len(size) > 1 else 0.0
    if slope <= 0:
        return float("inf"), True
    with np.errstate(over="ignore"):
        return float(np.exp(size[-1] + (reached - fit[-1]) / slope)), True


def _shares(
    estimator: Any, space: SearchSpace, X: pd.DataFrame, y: NDArray[Any]
) -> dict[str, Any]:
    """Return the candidates and the share explained by each number of terms."""
    from sklearn.base import clone

    model = clone(estimator).set_params(space=space, inner_folds=0)
    try:
        fit_on(model, X, y, None)
    except HecsrError as error:
        said = f"{space.rungs} rungs, {space.max_complexity} operators: {error}"
        raise SearchError(f"feature space, {said}") from None
    if model.interrupted_:
        raise KeyboardInterrupt
    target = np.asarray(y, dtype=np.float64)
    fronts = np.asarray(model.predict_front(X), dtype=np.float64)
    fronts = filled(np.where(np.isfinite(fronts), fronts, np.nan), target.mean())
    return {
        "candidates": int(model.size_["candidate_features"]),
        "shares": [
            [int(p.limit), share_explained(target, fronts[:, j])]
            for j, p in enumerate(model.front_)
        ],
    }


def _fit_frame(
    spaces: Sequence[SearchSpace],
    places: Sequence[tuple[int, int]],
    found: Sequence[Any],
    most: int,
) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for (s, k), one in zip(places, found, strict=True):
        shares = dict(one["shares"])
        for terms in range(1, most + 1):
            # a search that met the target ends with fewer terms
            reached = max(t for t in shares if t <= terms)
            rows.append(
                (
                    *(s, spaces[s].rungs, spaces[s].max_complexity),
                    *(one["candidates"], k, terms, shares[reached]),
                )
            )
    columns = ["space", "rungs", "complexity", "candidates", "scramble", "terms"]
    return pd.DataFrame(rows, columns=[*columns, "share"])


def _growth_frame(fits: pd.DataFrame, terms: int, used: int) -> pd.DataFrame:
    import pandas as pd

    rows = []
    of_size = fits[fits["terms"] == terms]
    for space, own in of_size.groupby("space", sort=True):
        chance = own[own["scramble"] != TRUE]["share"].to_numpy()
        rows.append(
            {
                "space": space,
                "rungs": int(own["rungs"].iloc[0]),
                "complexity": int(own["complexity"].iloc[0]),
                "candidates": int(own["candidates"].max()),
                "used": space == used,
                "true": float(own[own["scramble"] == TRUE]["share"].iloc[0]),
                "mean": float(chance.mean()),
                "low": float(np.quantile(chance, LOW)),
                "high": float(np.quantile(chance, HIGH)),
            }
        )
    return pd.DataFrame(rows)
