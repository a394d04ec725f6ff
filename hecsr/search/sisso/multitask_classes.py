"""SISSO for the classes of several families, with numbers as companions.

One set of terms serves all tasks, as in Ouyang, Ahmetcik, Carbogno, Scheffler,
Ghiringhelli, J. Phys. Mater. 2, 024002 (2019), 10.1088/2515-7639/ab077b; here the
tasks may be classifications.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score

from hecsr.errors import SearchError
from hecsr.search.class_weights import class_weighted, threshold_of
from hecsr.search.mixed_samples import MixedSamples, coded_targets, mixed
from hecsr.search.selection import make_splits
from hecsr.search.sisso.joint_models import compared
from hecsr.search.sisso.multitask import SharedTerms, labels_of
from hecsr.search.sisso.sparsifying.joint import joint_solver

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array
    from hecsr.formula.formula import Task
    from hecsr.search.engine import Given
    from hecsr.search.front import Searched
    from hecsr.search.samples import Samples
    from hecsr.search.selection import Split
    from hecsr.search.sisso.space import Budget, SearchSpace
    from hecsr.search.sisso.sparsifying.sparsify import Solver
    from hecsr.search.task_samples import Label, Targets


class SissoMultiTaskClassifier(ClassifierMixin, SharedTerms):  # type: ignore[misc]
    """One set of terms for the classes of several families, coefficients for each.

    A feature counts by the mean over the scored tasks of its squared correlation with
    labels minus probabilities (with numbers minus fit), each task for itself. The
    best tuples by least squares are decided among by the sum of the tasks'
    log-likelihoods: with Firth's penalty for classes, Gaussian for numbers
    (:mod:`~hecsr.search.sisso.sparsifying.joint`). The inner folds choose the number
    of terms by the squared error over all rows of scored tasks, numbers scaled to the
    variance of the labels.

    Numbers count by their rows, like classes: where a companion has many, a
    `sample_weight` below one keeps it from outvoting the classes.

    A family with fewer than `min_per_class` samples of a class lends only: it has a
    say in which tuple is the best, as far as its likelihood goes, and all its rows
    are in every training part of the inner folds (but for those of a group held out),
    but it is neither screened for nor held out. Its formula has its own coefficients.
    A family of one class cannot even lend: beside an intercept of its own it says
    nothing of the terms. Its formula is its share alone.

    Parameters other than these are those of
    :class:`~hecsr.search.sisso.estimator.SissoClassifier`.

    Parameters
    ----------
    numbers
        The tasks whose targets are numbers. All others have the same two classes.
    min_per_class
        Samples of each class, in groups of their own where groups are given, that a
        family needs to be scored.
    class_weight
        None, weights by label, or 'balanced' within each family that is scored.
    target
        Name, symbol and unit of the target, or of each task's by its label.

    Attributes
    ----------
    classes_
        The two labels, sorted.
    tasks_
        The labels of the tasks, sorted.
    scored_tasks_
        Those that are scored: families with enough of both classes, and all numbers.
    formulas_
        The chosen formula of each task.
    front_
        The formulas of all tasks from simple to complex.
    models_
        The best models by number of terms; the `formula` of each is a formula for
        each task, and `rmse` is of what is left of labels and of scaled numbers.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(1, 2, (120, 3))
    >>> family = np.repeat(["carbide", "oxide"], 60)
    >>> sign = np.where(family == "carbide", 1, -1)
    >>> y = np.where(sign * (x[:, 0] / x[:, 1] - 1) > 0, "single", "multi")
    >>> found = SissoMultiTaskClassifier(max_terms=1, inner_folds=0)
    >>> sorted(found.fit(x, y, family).formulas_["oxide"].names)
    ['x0', 'x1']
    """

    _task = "classification"
    classes_: NDArray[Any]
    scored_tasks_: tuple[Label, ...]

    def __init__(
        self,
        *,
        space: SearchSpace | None = None,
        budget: Budget | None = None,
        max_terms: int = 3,
        n_residuals: int = 1,
        numbers: Collection[Label] = (),
        min_per_class: int = 5,
        class_weight: str | Mapping[Any, float] | None = None,
        inner_folds: int = 5,
        random_state: Any = 0,
        n_jobs: int | None = None,
        descriptors: Sequence[Descriptor] | None = None,
        target: Targets | None = None,
    ) -> None:
        self.space = space
        self.budget = budget
        self.max_terms = max_terms
        self.n_residuals = n_residuals
        self.numbers = numbers
        self.min_per_class = min_per_class
        self.class_weight = class_weight
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.descriptors = descriptors
        self.target = target  # type: ignore[assignment]

    def predict(self, X: Any, tasks: Any) -> NDArray[Any]:
        """Return the likelier class of each row, and the value where it is a number.

        Where a probability is undefined its family's commoner class stands for it; an
        undefined number is NaN. Classes that are not numbers beside numbers make an
        array of objects.

        Raises
        ------
        SearchError
            If a row's task was not there at fit.
        """
        values, of_classes = self._all_values(X, tasks)
        called = self._called(values, 0.5)
        if of_classes.all():
            return called
        plain = called.dtype.kind in "biuf"
        found = called.astype(np.float64 if plain else object)
        found[~of_classes] = values[~of_classes, 0]
        return found

    def predict_proba(self, X: Any, tasks: Any) -> Array:
        """Return the probabilities of both classes for each row; NaN if undefined.

        Raises
        ------
        SearchError
            If a row's task was not there at fit, or has numbers.
        """
        p = self._probabilities(X, tasks)[:, 0]
        return np.column_stack([1 - p, p])

    def decide(self, X: Any, tasks: Any, *, costs: Sequence[float]) -> NDArray[Any]:
        """Return the class that costs less to call, given the probability.

        As :meth:`hecsr.search.engine.FormulaClassifier.decide`, with the share of
        the row's own family where a probability is undefined.

        Raises
        ------
        SearchError
            If a row's task was not there at fit, or has numbers, or the costs are
            none.
        """
        return self._called(self._probabilities(X, tasks), threshold_of(costs))

    def score(self, X: Any, y: Any, tasks: Any, sample_weight: Any = None) -> float:
        """Return the share of right classes, over the families that are scored.

        Raises
        ------
        SearchError
            If no row is of such a family.
        """
        called = self.predict(X, tasks)
        labels = labels_of(tasks, len(called))
        families = [t for t in self.scored_tasks_ if t not in set(self.numbers)]
        rows = np.array([t in families for t in labels.tolist()], dtype=np.bool_)
        if not rows.any():
            known = ", ".join(map(str, families))
            raise SearchError(
                f"no row is of a family that is scored; these are {known}"
            )
        weights = None if sample_weight is None else np.asarray(sample_weight)[rows]
        truth = np.asarray(np.asarray(y, dtype=object)[rows].tolist())
        found = np.asarray(called[rows].tolist())
        return float(accuracy_score(truth, found, sample_weight=weights))

    def _all_values(self, X: Any, tasks: Any) -> tuple[Array, NDArray[np.bool_]]:
        """Return values beside those of the shares alone, and which are of classes."""
        chosen = self._chosen
        values = self._values(X, tasks, [chosen, self.front_[0].formulas])
        numbers = set(self.numbers)
        labels = labels_of(tasks, len(values)).tolist()
        return values, np.array([t not in numbers for t in labels], dtype=np.bool_)

    def _probabilities(self, X: Any, tasks: Any) -> Array:
        values, of_classes = self._all_values(X, tasks)
        if not of_classes.all():
            row = int(np.flatnonzero(~of_classes)[0])
            label = labels_of(tasks, len(values)).tolist()[row]
            raise SearchError(
                f"task {label!r} has numbers, which have no probability; predict gives "
                "their values"
            )
        return values

    def _called(self, values: Array, threshold: float) -> NDArray[Any]:
        p, share = values.T
        second = np.where(np.isnan(p), share, p) > threshold
        return np.asarray(self.classes_[second.astype(np.intp)])

    def _check_options(self) -> Sequence[Descriptor] | None:
        if self.min_per_class < 1:
            raise SearchError(
                f"min_per_class is {self.min_per_class}; at least 1 is needed"
            )
        return super()._check_options()

    def _given_tasks(
        self, X: Any, y: Any, tasks: Any, groups: Any, sample_weight: Any
    ) -> tuple[Given, NDArray[Any]]:
        import pandas as pd

        given = np.asarray(y, dtype=object)
        if given.ndim != 1:
            raise SearchError(f"y has shape {given.shape}; one target a row is needed")
        labels = labels_of(tasks, len(given))
        self.classes_, coded = coded_targets(given, labels, self.numbers)
        named = pd.Series(coded, name=getattr(y, "name", None))
        return super()._given_tasks(X, named, tasks, groups, sample_weight)

    def _by_task(
        self, given: Given, labels: NDArray[Any]
    ) -> tuple[MixedSamples, NDArray[Any] | None]:
        ordered, groups = super()._by_task(given, labels)
        numbers = set(self.numbers)
        kinds: tuple[Task, ...] = tuple(
            "regression" if label in numbers else "classification"
            for label in ordered.labels
        )
        counts = [
            _fewest(ordered.y[part], None if groups is None else groups[part])
            for part in ordered.parts
        ]
        scored = tuple(
            kind == "regression" or count >= self.min_per_class
            for kind, count in zip(kinds, counts, strict=True)
        )
        made = mixed(ordered, kinds, scored)
        if made.constant:
            told = ", ".join(
                f"{label!r} has {count}"
                for label, kind, count in zip(made.labels, kinds, counts, strict=True)
                if kind == "classification"
            )
            raise SearchError(
                f"no family has {self.min_per_class} samples of both classes"
                f"{'' if groups is None else ' in groups of their own'}: of the rarer "
                f"{told}; lower min_per_class, or put families together"
            )
        pairs = zip(made.labels, scored, strict=True)
        self.scored_tasks_ = tuple(label for label, counts_ in pairs if counts_)
        weighted = replace(ordered, weights=self._class_weights(made))
        return mixed(weighted, kinds, scored), groups

    def _class_weights(self, samples: MixedSamples) -> Array | None:
        if self.class_weight is None:
            return samples.weights
        n = len(samples.y)
        weights = np.ones(n) if samples.weights is None else samples.weights.copy()
        tasks = zip(samples.kinds, samples.scored, samples.parts, strict=True)
        for kind, scored, part in tasks:
            # one rare sample must not count as half of a family that lends
            if kind == "regression" or (self.class_weight == "balanced" and not scored):
                continue
            found = class_weighted(
                self.class_weight, self.classes_, samples.y[part], weights[part]
            )
            assert found is not None
            weights[part] = found
        return weights

    @property
    def _needed(self) -> int:
        """Rows that a task needs: one more than coefficients."""
        return self.max_terms + 2

    def _check_enough(self, samples: Samples) -> None:
        assert isinstance(samples, MixedSamples)
        tasks = zip(
            *(samples.labels, samples.kinds, samples.scored, samples.parts), strict=True
        )
        for label, kind, scored, part in tasks:
            y = samples.y[part]
            if scored and len(y) < self._needed:
                raise SearchError(
                    f"task {label!r} has {len(y)} samples, too few for "
                    f"{self.max_terms} terms; at least {self._needed} are needed, or "
                    "lower max_terms"
                )
            if kind == "regression" and np.ptp(y) == 0:
                raise SearchError(
                    f"the target of task {label!r} holds one value only: there is "
                    "nothing to find; leave it out"
                )

    def _splits(
        self, samples: Samples, groups: NDArray[Any] | None, random_state: int
    ) -> list[Split]:
        assert isinstance(samples, MixedSamples)
        held = np.flatnonzero(samples.counted)
        lent = np.flatnonzero(~samples.counted)
        own = None if groups is None else groups[held]
        tasks, codes = np.unique(samples.codes[held], return_inverse=True)
        splits = []
        for train, test in make_splits(
            samples.rows(held), self.inner_folds, own, random_state
        ):
            # groups may leave a task too few rows for the coefficients
            if np.bincount(codes[train], minlength=len(tasks)).min() < self._needed:
                continue
            lending = lent
            if groups is not None:
                lending = lent[~np.isin(groups[lent], groups[held[test]])]
            splits.append((np.sort(np.concatenate([held[train], lending])), held[test]))
        if len(splits) < 2:
            raise SearchError(
                f"fewer than two inner folds train on {self._needed} rows of every "
                "task; take fewer terms, or with inner_folds=0 the formula of the most "
                "terms is chosen instead"
            )
        return splits

    def _screened(self, samples: Samples) -> Samples:
        assert isinstance(samples, MixedSamples)
        return replace(samples, y=np.where(samples.counted, samples.scaled, 0.0))

    def _solver(self, samples: Samples, threads: int) -> Solver:
        assert isinstance(samples, MixedSamples)
        return joint_solver(samples, self.n_residuals, threads=threads)

    def _told(self, samples: Samples) -> dict[str, Any]:
        assert isinstance(samples, MixedSamples)
        joint = {name: getattr(samples, name) for name in ("kinds", "scored", "scales")}
        return super()._told(samples) | joint

    def _keep(self, searched: Searched, samples: Samples, target: Any) -> None:
        super()._keep(searched, samples, target)
        assert isinstance(samples, MixedSamples)
        found = searched.found  # type: ignore[attr-defined]
        self.models_ = compared(self.models_, found.models, samples)


def _fewest(y: Array, groups: NDArray[Any] | None) -> int:
    """Return how many samples, or groups, the rarer class has."""
    units = np.arange(len(y)) if groups is None else groups
    return min(len(np.unique(units[y == c])) for c in (0.0, 1.0))
