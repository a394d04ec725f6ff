"""The searches that are measured: the only module here that knows their parts."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from hecsr.descriptors.descriptor import Descriptor
from hecsr.search.sisso.building.generate import stored_features
from hecsr.search.sisso.building.units import UnitTable
from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.estimator import SissoRegressor
from hecsr.search.sisso.screening.goals import Goal
from hecsr.search.sisso.screening.ranking import Evaluator
from hecsr.search.sisso.screening.screening import Screening
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.search.sisso.sparsifying.sparsify import Pool, best_tuples
from hecsr.units import parse_unit

if TYPE_CHECKING:
    from machine import Precision
    from workloads import Workload

Rules = Literal["preset", "default"]
LISTED = 100
"""Models listed by an exhaustive search that is timed, as SISSO's ``nmodel``."""


@dataclass(frozen=True)
class Pass:
    """One screening of a whole space, from the numbers of the descriptors on.

    Attributes
    ----------
    generation, scan
        Processor seconds of building the stored rungs, and of what follows.
    wall
        Seconds by the clock, of both.
    nominal, evaluated, exact
        Candidates as SISSO counts them, those scanned, and those scored one by one.
    flops
        Of the matrix products; None if the search does not count them.
    stored_bytes
        Of the values of the stored features.
    """

    generation: float
    scan: float
    wall: float
    nominal: int
    evaluated: int
    exact: int
    flops: float | None
    stored_bytes: int

    @property
    def cpu(self) -> float:
        """Processor seconds of the whole."""
        return self.generation + self.scan


def space_of(work: Workload, rules: Rules, **changes: Any) -> SearchSpace:
    """Return the space of a workload, by SISSO's own rules or by the default ones."""
    options = {
        "operators": work.operators,
        "rungs": work.rungs,
        "max_complexity": work.max_complexity,
        **changes,
    }
    if rules == "preset":
        return SearchSpace.sisso35(**options)
    return SearchSpace(**options)


def last_rung(space: SearchSpace, operators: tuple[str, ...]) -> SearchSpace:
    """Return the space with other operators in its last rung only."""
    earlier = [space.at(rung) for rung in range(1, space.rungs)]
    return replace(space, by_rung=(*earlier, operators))


def roomy(sis: int, **changes: Any) -> Budget:
    """Return a budget that refuses none of the workloads."""
    return Budget(
        **{
            "sis": sis,
            "max_candidates": 10**11,
            "max_models": 10**12,
            "max_bytes": 8 * 1024**3,
            **changes,
        }
    )


def descriptors_of(work: Workload) -> tuple[Descriptor, ...]:
    """Describe the columns; without units nothing is known of them but the name."""
    return tuple(
        Descriptor(name)
        if unit == "1"
        else Descriptor(name, unit=parse_unit(unit), lower=0.0, reaches_zero=False)
        for name, unit in zip(work.names, work.units, strict=True)
    )


def screen(
    work: Workload,
    space: SearchSpace,
    *,
    sis: int | None = None,
    precision: Precision = "float64",
    threads: int = 1,
) -> Pass:
    """Screen the space of a workload once against its target."""
    wall, start = time.perf_counter(), time.process_time()
    with threadpool_limits(limits=1, user_api="blas"):
        screening, evaluator = prepare(work, space, precision, threads)
        built = time.process_time()
        empty = np.empty((0, len(work.target)))
        residual = work.target - work.target.mean()
        screening.best([Goal(residual)], sis or work.sis, empty)
    end = time.process_time()
    done = screening.work
    return Pass(
        generation=built - start,
        scan=end - built,
        wall=time.perf_counter() - wall,
        nominal=done.nominal,
        evaluated=done.scanned,
        exact=done.exact,
        flops=getattr(done, "flops", None),
        stored_bytes=evaluator.features.values.nbytes,
    )


def prepare(
    work: Workload, space: SearchSpace, precision: Precision, threads: int
) -> tuple[Screening, Evaluator]:
    """Build the stored rungs of a workload, ready to be screened."""
    n = len(work.target)
    weighting = Weighting(np.full(n, 1 / n))
    units = UnitTable()
    features = stored_features(
        work.values, descriptors_of(work), weighting, space, units
    )
    evaluator = Evaluator(features, weighting, space)
    screening = Screening(
        evaluator,
        space,
        units,
        cache_bytes=Budget().cache_bytes,
        precision=precision,
        threads=threads,
    )
    return screening, evaluator


def pool_of(work: Workload, wanted: int) -> Pool:
    """Return the best features of a workload."""
    with threadpool_limits(limits=1, user_api="blas"):
        space = space_of(work, "preset")
        screening, evaluator = prepare(work, space, "float64", 1)
        residual = work.target - work.target.mean()
        empty = np.empty((0, len(residual)))
        [found] = screening.best([Goal(residual)], wanted, empty)
        rows = evaluator.standardised(found)
    return Pool(rows, evaluator.weighting, evaluator.bits(found))


def exhaustive(work: Workload, pool: Pool, size: int, threads: int = 1) -> Any:
    """Return the best tuples of a pool."""
    with threadpool_limits(limits=1, user_api="blas"):
        return best_tuples(pool, work.target, size, LISTED, threads=threads)


def fit(
    work: Workload,
    space: SearchSpace,
    *,
    sis: int | None = None,
    terms: int | None = None,
    budget: dict[str, Any] | None = None,
    **options: Any,
) -> SissoRegressor:
    """Fit the estimator as a user would, on one core, without inner folds."""
    settings = {"n_jobs": 1, "descriptors": descriptors_of(work), **options}
    estimator = SissoRegressor(
        space=space,
        budget=roomy(sis or work.sis, **(budget or {})),
        max_terms=terms or work.terms,
        inner_folds=0,
        **settings,
    )
    return estimator.fit(frame_of(work), work.target)


def frame_of(work: Workload) -> pd.DataFrame:
    """Return the descriptors as a table."""
    return pd.DataFrame(work.values, columns=list(work.names))


def rmse(work: Workload, estimator: SissoRegressor, limit: int) -> float:
    """Return the root mean square error on the samples, of a point of the front."""
    formula = next(p.formula for p in estimator.front_ if p.limit == limit)
    error = formula.evaluate(frame_of(work)) - work.target
    return float(np.sqrt(np.mean(error**2)))
