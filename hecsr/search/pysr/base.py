"""What PySR's estimators share: a search put as a job, and its answer read."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

from sklearn.utils.validation import check_random_state

from hecsr.errors import (
    EngineMissing,
    FormulaError,
    SearchError,
    SearchWarning,
    UnitError,
)
from hecsr.formula.formula import Formula
from hecsr.formula.physics import check_units
from hecsr.formula.printers.text import to_text
from hecsr.search.pysr.checking import read_all
from hecsr.search.pysr.guesses import written
from hecsr.search.pysr.julia import available
from hecsr.search.pysr.options import PySRBudget, PySRSpace
from hecsr.search.pysr.process import Answer, Job, Settings, Workers
from hecsr.search.pysr.units import in_si, quantity
from hecsr.search.running import Callback, Running, SearchProgress, one_blas_thread
from hecsr.search.symbolic.estimator import Candidates, SymbolicEstimator
from hecsr.search.symbolic.forms import as_form
from hecsr.search.symbolic.front import FrontRule
from hecsr.units import NUMBER, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.formula.expression import Expression
    from hecsr.formula.nonlinear import Form
    from hecsr.search.front import Searched
    from hecsr.search.pysr.checking import Readings
    from hecsr.search.samples import Samples

_PENALTY: Final = 1000.0
"""What unlawful units cost, in variances of the target or logarithmic losses."""


@dataclass(frozen=True)
class _PySRRunning(Running):
    """How a fit runs, with its processes and one seed for all its searches."""

    workers: Workers = field(default_factory=Workers)
    seed: int = 0
    aloud: bool = True


class PySREstimator(SymbolicEstimator):
    """What regression and classification share."""

    space: PySRSpace | None
    budget: PySRBudget | None
    guesses: Sequence[Formula | Expression] | None
    install: bool
    loss: str = "squared"

    pysr_version_: str

    def fit(
        self,
        X: Any,
        y: Any,
        groups: Any = None,
        sample_weight: Any = None,
        *,
        callback: Callback | None = None,
    ) -> Self:
        """Search formulas for `y`.

        Ctrl-C ends PySR and keeps the formulas that it had by then, with a warning;
        if there are none it is passed on.

        Parameters
        ----------
        X
            Table of descriptors (DataFrame with descriptor names, or array).
        y
            Target values, or labels of two classes.
        groups
            Rows of one group are never parted by the inner folds.
        sample_weight
            Non-negative weights; rows of weight zero take no part.
        callback
            Called with a :class:`~hecsr.search.running.SearchProgress`: before and
            after the search on all rows, and after each inner fold.

        Raises
        ------
        EngineMissing
            If PySR or Julia is not installed, or does not start.
        SearchError
            If these data cannot be searched, or PySR fails; the message says why.
        """
        given = self._given(X, y, groups, sample_weight)
        self._check_enough(given.samples)
        reason = None if self.install else available()
        if reason is not None:
            raise EngineMissing(reason)
        # drawn once: the searches of the folds run in any order
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with one_blas_thread(), Workers(Settings(install=self.install)) as workers:
            running = _PySRRunning(callback, workers=workers, seed=seed)
            self._build_front(given.samples, given.groups, given.target, running)
        return self

    def _searched_in_fold(self, samples: Samples, running: Running) -> Searched:
        assert isinstance(running, _PySRRunning)
        # what there is to warn of was said of the search on all rows
        return super()._searched_in_fold(samples, replace(running, aloud=False))

    def _front_rule(self) -> FrontRule:
        space = self.space or PySRSpace()
        return FrontRule(poles=space.poles, snap=space.snap)

    def _candidates(self, samples: Samples, running: Running) -> Candidates:
        assert isinstance(running, _PySRRunning)
        space, budget = self.space or PySRSpace(), self.budget or PySRBudget()
        penalty = self._penalty(samples, space)
        guesses, unwritten = self._guesses(samples, space)
        job = self._job(samples, space, budget, guesses, penalty, running.seed)
        text = f"PySR: {budget.iterations} rounds of {budget.populations} populations"
        running.tell(SearchProgress("size", 0, budget.iterations, text=text))
        with running.workers.one() as process:
            answer = process.search(
                job, seconds=budget.max_seconds, stopped=lambda: running.stop.asked
            )
        found = read_all(answer.equations, samples, penalty)
        forms, beyond = self._forms(found, samples, space)
        if running.aloud:
            self.pysr_version_ = answer.version
            _warn(answer, found, unwritten)
        n = len(answer.equations)
        running.tell(SearchProgress("found", n, n, models=len(forms)))
        counts = {
            "equations": float(n),
            "unlawful_units": float(found.unlawful + beyond),
            "not_reproduced": float(len(found.refused)),
        }
        return Candidates(forms, answer.ended == "interrupted", counts)

    def _result(self) -> Unit:
        """Return the unit of what is searched: of classes, the inside of the link."""
        if self._task == "classification" or self.target is None:
            return NUMBER
        return self.target.unit

    def _penalty(self, samples: Samples, space: PySRSpace) -> float | None:
        """Return what PySR adds to the loss of unlawful units; None without units."""
        units = [self._result(), *(d.unit for d in samples.descriptors)]
        if not space.units or all(u.dimension.dimensionless for u in units):
            return None
        if samples.task == "classification":
            return _PENALTY
        mean = samples.share @ samples.y
        return _PENALTY * float(samples.share @ (samples.y - mean) ** 2)

    def _guesses(
        self, samples: Samples, space: PySRSpace
    ) -> tuple[list[str], list[str]]:
        """Return the guesses as text, and why others could not be written."""
        # as they were before the search took logarithms
        known = {d.name: d for d in self.descriptors or ()}
        columns = tuple(known.get(d.name, d) for d in samples.descriptors)
        given = replace(samples, descriptors=columns)
        texts, unwritten = [], []
        for guess in self.guesses or ():
            try:
                texts.append(written(guess, given, space.names))
            except FormulaError as error:
                unwritten.append(f"the guess {_shown(guess)} is left out: {error}")
        return texts, unwritten

    def _job(
        self,
        samples: Samples,
        space: PySRSpace,
        budget: PySRBudget,
        guesses: list[str],
        penalty: float | None,
        seed: int,
    ) -> Job:
        """Return what PySR is given; the same seed gives the same formulas."""
        options = {
            **space.arguments(),
            **budget.arguments(),
            "deterministic": True,
            "parallelism": "serial",
            "random_state": seed,
            "precision": 64,
            "verbosity": 0,
            "progress": False,
            "input_stream": "devnull",
            "delete_tempfiles": False,
            "elementwise_loss": self._elementwise(samples),
        }
        fit: dict[str, Any] = {
            "variable_names": [f"x{i}" for i in range(len(samples.descriptors))]
        }
        of_each = space.of_descriptors(samples)
        if isinstance(of_each, list):
            fit["complexity_of_variables"] = of_each
        else:
            options["complexity_of_variables"] = of_each
        if guesses:
            options["guesses"] = guesses
        if penalty is not None:
            options["dimensional_constraint_penalty"] = penalty
            fit["X_units"] = [quantity(d.unit) for d in samples.descriptors]
            fit["y_units"] = quantity(self._result())
        y = 2 * samples.y - 1 if self.loss == "margin" else samples.y
        # what is not asked for is left to PySR: None means other things to old versions
        options = {name: value for name, value in options.items() if value is not None}
        return Job(samples.values, y, samples.weights, options, fit)

    def _elementwise(self, samples: Samples) -> str:
        del samples
        return "L2DistLoss()"

    def _forms(
        self, found: Readings, samples: Samples, space: PySRSpace
    ) -> tuple[list[Form], int]:
        """Return the forms of lawful expressions, and the number of others."""
        units = {d.name: d.unit for d in samples.descriptors}
        forms, beyond = [], 0
        for expression in found.expressions:
            # the front sees to constants that carry units
            if space.dimensionless_constants_only and not _closes(
                expression, samples, self._result()
            ):
                beyond += 1
                continue
            # a number may overflow on its way to the front of a product
            try:
                forms.append(as_form(expression, units=units))
            except SearchError:
                continue
        return forms, beyond


def _shown(guess: Formula | Expression) -> str:
    return guess.to_text() if isinstance(guess, Formula) else to_text(guess)


def _closes(expression: Expression, samples: Samples, result: Unit) -> bool:
    """Say whether dimensions close where every number is pure.

    A factor may turn one unit into another of its dimension.
    """
    units = {d.name: in_si(d.unit) for d in samples.descriptors}
    try:
        check_units(expression, units, in_si(result))
    except UnitError:
        return False
    return True


def _warn(answer: Answer, found: Readings, unwritten: list[str]) -> None:
    """Say what was asked for and not done, and what was found and not used."""
    said = [*unwritten, *(f"PySR warns: {w}" for w in answer.warnings)]
    if answer.unsupported:
        said.append(
            f"PySR {answer.version} does not know {', '.join(answer.unsupported)}, "
            "which is left out"
        )
    if answer.ended == "time":
        said.append(
            "PySR did not end in time and was ended; its formulas up to then are used, "
            "which may differ from run to run"
        )
    said += [f"an equation of PySR's is left out: {r}" for r in found.refused]
    if not found.expressions:
        said.append("PySR gave no formula that can be used")
    for text in said:
        warnings.warn(text, SearchWarning, stacklevel=6)
