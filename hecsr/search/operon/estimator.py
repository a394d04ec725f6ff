"""Formulas by Operon: estimators for numbers and for two classes."""

from __future__ import annotations

import warnings
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import SearchError, SearchWarning
from hecsr.formula.expression import Binary, Number
from hecsr.formula.nonlinear import Form
from hecsr.search.engine import FormulaClassifier, FormulaRegressor
from hecsr.search.front import Searched
from hecsr.search.operon.available import check_available
from hecsr.search.operon.reading import read_tree
from hecsr.search.operon.restarts import RestartsLostError, run_restarts
from hecsr.search.operon.space import SYMBOLS, OperonBudget, OperonSpace
from hecsr.search.running import Running, threads_for
from hecsr.search.symbolic.estimator import Candidates, SymbolicEstimator
from hecsr.search.symbolic.forms import as_form
from hecsr.search.symbolic.front import FrontRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array
    from hecsr.formula.formula import Target
    from hecsr.search.samples import Samples

_PER_LENGTH: Final = 5
"""Trees of each length that a restart hands over."""
_LINK_SLOPE: Final = 4.0
"""Slope of the logit at a probability of one half."""


class _Operon(SymbolicEstimator):
    """What regression and classification share."""

    space: OperonSpace | None
    budget: OperonBudget | None

    def __init__(
        self,
        *,
        space: OperonSpace | None = None,
        budget: OperonBudget | None = None,
        inner_folds: int = 5,
        random_state: Any = 0,
        n_jobs: int | None = None,
        descriptors: Sequence[Descriptor] | None = None,
        target: Target | None = None,
    ) -> None:
        self.space = space
        self.budget = budget
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.descriptors = descriptors
        self.target = target

    def _check_options(self) -> Sequence[Descriptor] | None:
        check_available()
        return super()._check_options()

    def _front_rule(self) -> FrontRule:
        space = self.space or OperonSpace()
        return FrontRule(poles=space.poles, snap=space.snap)

    def _candidates(self, samples: Samples, running: Running) -> Candidates:
        space, budget = self.space or OperonSpace(), self.budget or OperonBudget()
        scales = _scales(samples.values)
        centre, size = float(samples.y.mean()), float(samples.y.std())
        table = np.column_stack([samples.values / scales, (samples.y - centre) / size])
        settings = {
            "symbols": [SYMBOLS[sign] for sign in space.operators],
            "max_length": space.max_length,
            "max_depth": space.max_depth,
            "population": budget.population,
            "generations": budget.generations,
            "local_steps": budget.local_steps,
            "per_length": _PER_LENGTH,
        }
        seeds = _seeds(self._entropy, 2 * budget.restarts)
        run = partial(
            run_restarts,
            table,
            settings,
            threads=threads_for(self.n_jobs),
            running=running,
            max_seconds=budget.max_seconds,
        )
        try:
            outcome = run(seeds[: budget.restarts])
        except RestartsLostError:
            if budget.max_seconds is not None:
                raise
            # an input on which Operon aborts may be met from some seeds alone
            outcome = run(seeds[budget.restarts :])
        lost = len(outcome.answers) - len(outcome.finished)
        if lost and not outcome.interrupted:
            msg = f"{lost} of {len(outcome.answers)} restarts of Operon were lost"
            warnings.warn(msg, SearchWarning, stacklevel=2)
        trees = [tree for answer in outcome.finished for tree in answer["trees"]]
        slope = size
        if self._task == "classification":
            centre, slope = _LINK_SLOPE * (centre - 0.5), _LINK_SLOPE * size
        forms = list(_forms(trees, samples, scales, slope, centre))
        counts = {
            "restarts": float(len(outcome.answers)),
            "restarts_lost": float(lost),
            "candidate_formulas": float(len(forms)),
        }
        return Candidates(forms, outcome.interrupted, counts)

    def _searched_in_fold(self, samples: Samples, running: Running) -> Searched:
        try:
            return super()._searched_in_fold(samples, running)
        except RestartsLostError as lost:
            # one fold of many must not end an analysis
            msg = f"in an inner fold the mean stands for Operon: {lost}"
            warnings.warn(msg, SearchWarning, stacklevel=2)
            return Searched({})


def _scales(values: Array) -> Array:
    """Return root mean squares: the search computes in single precision."""
    size = np.sqrt((values**2).mean(axis=0))
    return np.where(np.isfinite(size) & (size > 0), size, 1.0)


def _seeds(entropy: int, restarts: int) -> list[int]:
    children = np.random.SeedSequence(entropy).spawn(restarts)
    return [int(child.generate_state(1, np.uint64)[0] >> 1) for child in children]


def _forms(
    trees: Sequence[Mapping[str, Any]],
    samples: Samples,
    scales: Array,
    slope: float,
    offset: float,
) -> Iterator[Form]:
    """Yield the forms of trees whose target was ``(y - offset) / slope``."""
    names = [d.name for d in samples.descriptors]
    units = {d.name: d.unit for d in samples.descriptors}
    for tree in trees:
        inner, values = read_tree(tree["nodes"], names, scales.tolist())
        scaled = Binary("*", Number(slope * tree["slope"]), inner)
        whole = Binary("+", Number(offset + slope * tree["offset"]), scaled)
        # a law without an offset must not have to win by snapping it away
        bare = [scaled] if samples.task == "regression" else []
        for form in (whole, *bare):
            # a number may be beyond what double precision holds
            with suppress(SearchError):
                yield as_form(form, values, units)


class OperonFormula(FormulaRegressor, _Operon):
    """Formulas by genetic programming with Operon.

    Operon (Burlacu, Kronberger, Kommenda, GECCO 2020 Companion, 1562,
    10.1145/3377929.3398099) breeds trees by squared error and length, and improves
    their constants by Levenberg and Marquardt's method in single precision. It runs
    in processes of their own, one thread each, and the trees of all restarts are put
    together in the order of the seeds, so that the outcome depends on the seed alone.
    Each is written as few constants as say the same, these are fitted anew in double
    precision, and what remains is the best formula of each complexity. Among these
    the inner cross-validation chooses, with the whole search inside each fold; the
    mean alone competes.

    Parameters
    ----------
    space
        Which formulas may be built.
    budget
        What the search may cost.
    inner_folds
        Folds of the inner cross-validation; 0 takes what Schwarz's criterion prefers.
    random_state
        Seed of the restarts and inner folds.
    n_jobs
        Restarts, and inner folds, that run at once.
    descriptors
        Units and metadata, looked up by column name.
    target
        Name, symbol and unit of the target.
    """


class OperonFormulaClassifier(FormulaClassifier, _Operon):
    """Probability of the second of two classes: Operon inside the logistic link.

    Operon has no likelihood of classes: trees are bred by the squared error of the
    labels 0 and 1. Those that come out are put inside the link and fitted by Firth's
    likelihood. On planted laws, breeding a second time by the working responses of
    the first formulas was not reliably better at the same cost. Parameters are those
    of :class:`OperonFormula`, and one more.

    Parameters
    ----------
    class_weight
        None, 'balanced', or weights by label, which multiply those of the samples;
        they enter the fits and the choice, not the search.
    """

    def __init__(
        self,
        *,
        space: OperonSpace | None = None,
        budget: OperonBudget | None = None,
        class_weight: str | Mapping[Any, float] | None = None,
        inner_folds: int = 5,
        random_state: Any = 0,
        n_jobs: int | None = None,
        descriptors: Sequence[Descriptor] | None = None,
        target: Target | None = None,
    ) -> None:
        super().__init__(
            space=space,
            budget=budget,
            inner_folds=inner_folds,
            random_state=random_state,
            n_jobs=n_jobs,
            descriptors=descriptors,
            target=target,
        )
        self.class_weight = class_weight
