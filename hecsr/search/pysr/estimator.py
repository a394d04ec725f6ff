"""PySR as scikit-learn estimators: formulas from evolution, in a process of its own.

PySR: Cranmer, Interpretable Machine Learning for Science with PySR and
SymbolicRegression.jl (2023), 10.48550/arXiv.2305.01582.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hecsr.errors import SearchError, suggestion
from hecsr.search.engine import FormulaClassifier, FormulaRegressor
from hecsr.search.pysr.base import PySREstimator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Expression
    from hecsr.formula.formula import Formula, Target
    from hecsr.search.pysr.options import PySRBudget, PySRSpace
    from hecsr.search.samples import Samples

LOGISTIC: Final = {
    # log(1 + exp(p)) - p t, without overflow on either side
    False: "hecsr_logistic(p, t) = max(p, zero(p)) - p * t + log1p(exp(-abs(p)))",
    True: "hecsr_logistic(p, t, w) = "
    "w * (max(p, zero(p)) - p * t + log1p(exp(-abs(p))))",
}
LOSSES: Final = ("logistic", "margin")


class PySRFormula(FormulaRegressor, PySREstimator):
    """Formula with constants anywhere, found by PySR's evolution.

    PySR runs in a process of its own, in a single thread and with a seed, so that
    the result is the same whatever `n_jobs` is. Its equations are read, checked to
    predict what PySR predicts, and their constants fitted again; the inner folds
    repeat the whole search, and the simplest formula within one standard error of
    the best is chosen. Starting PySR takes some ten seconds, the first time of all
    some minutes.

    Parameters
    ----------
    space
        What may be built; by default :class:`PySRSpace`'s own defaults.
    budget
        How long each search takes; by default :class:`PySRBudget`'s own.
    guesses
        Formulas that every search starts from beside random ones, such as those of
        SISSO; left out with a warning where PySR knows no guesses. If they were
        found on these rows, the inner folds favour them.
    install
        Whether PySR may download Julia and its packages where they are missing.
    inner_folds
        Folds of the inner cross-validation that chooses the complexity, each with
        its own search; 0 takes what Schwarz's criterion prefers.
    random_state
        Seed of the inner folds and of PySR.
    n_jobs
        Inner folds searched at once, each with a process of some 0.7 GB; -1 for all
        cores.
    descriptors
        Units and metadata, looked up by column name.
    target
        Name, symbol and unit of the target.

    Attributes
    ----------
    pysr_version_
        Version of PySR that ran.
    """

    def __init__(
        self,
        *,
        space: PySRSpace | None = None,
        budget: PySRBudget | None = None,
        guesses: Sequence[Formula | Expression] | None = None,
        install: bool = False,
        inner_folds: int = 5,
        random_state: Any = 0,
        n_jobs: int | None = None,
        descriptors: Sequence[Descriptor] | None = None,
        target: Target | None = None,
    ) -> None:
        self.space = space
        self.budget = budget
        self.guesses = guesses
        self.install = install
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.descriptors = descriptors
        self.target = target


class PySRFormulaClassifier(FormulaClassifier, PySREstimator):
    """Probability of the second of two classes, by PySR with a logistic loss.

    PySR finds what stands inside the logistic link; Firth's penalised likelihood
    fits it again.

    Parameters
    ----------
    loss
        'logistic' is that of labels 0 and 1 written out, 'margin' PySR's own
        ``LogitMarginLoss`` of labels -1 and 1. They are the same function.
    class_weight
        None, 'balanced', or weights by label, which multiply those of the samples.

    Other parameters and attributes are those of :class:`PySRFormula`.
    """

    def __init__(
        self,
        *,
        space: PySRSpace | None = None,
        budget: PySRBudget | None = None,
        loss: str = "logistic",
        class_weight: str | Mapping[Any, float] | None = None,
        guesses: Sequence[Formula | Expression] | None = None,
        install: bool = False,
        inner_folds: int = 5,
        random_state: Any = 0,
        n_jobs: int | None = None,
        descriptors: Sequence[Descriptor] | None = None,
        target: Target | None = None,
    ) -> None:
        self.space = space
        self.budget = budget
        self.loss = loss
        self.class_weight = class_weight
        self.guesses = guesses
        self.install = install
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.descriptors = descriptors
        self.target = target

    def _check_options(self) -> Sequence[Descriptor] | None:
        if self.loss not in LOSSES:
            hint = suggestion(self.loss, LOSSES)
            raise SearchError(f"unknown loss '{self.loss}'; {hint}")
        return super()._check_options()

    def _elementwise(self, samples: Samples) -> str:
        if self.loss == "margin":
            return "LogitMarginLoss()"
        return LOGISTIC[samples.weights is not None]
