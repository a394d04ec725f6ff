"""Everything a run found out; the report shows it and computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

LimitBy = Literal["terms", "complexity"]

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Expression
    from hecsr.formula.formula import Formula, Target, Task
    from hecsr.importance.agreement import Agreement
    from hecsr.study.maps import Maps
    from hecsr.study.used_rows import UsedRows
    from hecsr.validation.applicability import Applicability
    from hecsr.validation.chance import Chance
    from hecsr.validation.learning import LearningCurves
    from hecsr.validation.parts import Work
    from hecsr.validation.rashomon import RashomonSet
    from hecsr.validation.significance import Significance
    from hecsr.validation.stability import Stability


@dataclass(frozen=True)
class SetAside:
    """Rows of the table that took no part, and why."""

    reason: str
    rows: int
    detail: str = ""


@dataclass(frozen=True)
class SourceUse:
    """A source of the data, and how many of the rows used come from it."""

    key: str
    citation: str
    doi: str
    rows: int


@dataclass(frozen=True)
class DataSummary:
    """What the run was given and what it used.

    `target_summary` holds mean, standard deviation, minimum and maximum for a
    regression, and the class counts for a classification.
    """

    table: str
    description: str
    sha256: str
    rows_read: int
    rows_used: int
    set_aside: tuple[SetAside, ...]
    target: Target
    task: Task
    target_summary: Mapping[str, float]
    element_counts: Mapping[str, int]
    family_counts: Mapping[str, int]
    groups: str
    n_groups: int
    sources: tuple[SourceUse, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemovedDescriptor:
    """A descriptor that did not enter the search, and the one that speaks for it."""

    name: str
    reason: str
    kept: str = ""
    r: float = float("nan")


@dataclass(frozen=True)
class DescriptorSummary:
    """Descriptors computed, those that enter on all data, and those removed.

    `entering_per_fold` counts the descriptors after the filter in each fold;
    `kept_in_folds` says in what share of the folds each descriptor was kept.
    """

    computed: tuple[Descriptor, ...]
    entering: tuple[str, ...]
    removed: tuple[RemovedDescriptor, ...]
    entering_per_fold: tuple[int, ...]
    kept_in_folds: Mapping[str, float]
    threshold: float


@dataclass(frozen=True)
class Competitor:
    """One line of the comparison: a model, a front point, a rule or a baseline.

    `kind` is 'formula', 'front', 'black box', 'rule' or 'baseline'. A front point
    is the whole search of `engine` limited to `limit` terms, or operators.
    """

    name: str
    label: str
    kind: str
    description: str
    engine: str = ""
    limit: int | None = None
    limit_by: LimitBy = "terms"


@dataclass(frozen=True)
class Scheme:
    """A way of splitting: its name, what it asks, and how many splits it made."""

    name: str
    label: str
    description: str
    n_splits: int
    n_repeats: int = 1


@dataclass(frozen=True)
class FormulaResult:
    """A formula refitted on all rows, with what chose it.

    `inner_error` is the engine's own inner cross-validation, used for choosing
    only; the error to quote is that of the procedure, in the comparison. `digits`
    of each coefficient are printed, and `rounding` says what that changes.
    """

    engine: str
    label: str
    limit: int
    formula: Formula
    chosen: bool
    inner_error: float | None = None
    inner_se: float | None = None
    chosen_in_folds: float | None = None
    limit_by: LimitBy = "terms"
    digits: int = 4
    rounding: str = ""

    @property
    def size(self) -> str:
        """The limit in words, as '2 terms' or '7 operators'."""
        return limited(self.limit, self.limit_by)


def limited(limit: int, by: LimitBy) -> str:
    """Return a limit in words, as '2 terms' or '7 operators'."""
    word = "term" if by == "terms" else "operator"
    return f"{limit} {word}{'' if limit == 1 else 's'}"


@dataclass(frozen=True, eq=False)
class ClassMap:
    """Where the samples of two classes lie in the features of a printed formula.

    Attributes
    ----------
    features
        The formula's terms without their coefficients; the argument of its link
        where it is no sum of at most two terms.
    values
        The features of the samples, shape (n, k).
    single
        Which samples are of the second class.
    overlap_samples, overlap_size
        Samples of either class in the domain (convex hull) of the other, and what
        the domains share of the smaller one's volume.
    threshold
        Probability from which on the second class is called.
    samples
        Composition of each sample.
    terms
        The three terms of a formula that has so many, which its argument stands for
        in `features`; else empty.
    terms_samples, terms_size
        The overlap in these terms.
    """

    engine: str
    features: tuple[Expression, ...]
    values: NDArray[np.float64]
    single: NDArray[np.bool_]
    overlap_samples: int
    overlap_size: float
    threshold: float
    samples: tuple[str, ...] = ()
    terms: tuple[Expression, ...] = ()
    terms_samples: int = 0
    terms_size: float = 0.0


@dataclass(frozen=True)
class ShapValues:
    """SHAP values of one competitor on the held-out rows of every fold.

    `values` and `data` have one column per descriptor; a descriptor that the
    filter removed in a fold is NaN in that fold's rows. `explains` says what
    quantity the values add up to.
    """

    competitor: str
    values: pd.DataFrame
    data: pd.DataFrame
    explains: str


@dataclass(frozen=True)
class SharedTask:
    """A task of a search for terms that several tasks share.

    Attributes
    ----------
    label, table, target, kind
        What it is called, the table of its rows, and what is explained.
    rows, second
        How many it has, and how many of these are of class 1; None of numbers.
    weight
        What a row counts beside one of the analysis.
    role
        'own' for the rows that are held out and scored; 'searched' where terms are
        screened for it too; 'lends' where it only has a say among the best terms;
        'silent' where one class alone says nothing of them.
    set_aside
        Rows that lack data or descriptors.
    formula
        With the shared terms and coefficients of its own, fitted to all rows.
    """

    label: str
    table: str
    target: Target
    kind: Task
    rows: int
    second: int | None
    weight: float
    role: Literal["own", "searched", "lends", "silent"]
    set_aside: tuple[SetAside, ...]
    formula: Formula


@dataclass(frozen=True, eq=False)
class MultiTaskResult:
    """Terms shared with companions, and whether these help on held-out rows.

    Attributes
    ----------
    tasks
        The analysis' own first.
    competitors
        'alone' and 'companions'.
    scores, predictions
        Of these two, with the columns of :class:`StudyResult`.
    significance
        Their difference under every scheme.
    left_out
        scheme, repeat, fold, rows: companion rows that are not trained on in a fold,
        for they have the metals of a row held out.
    coefficients
        task, coefficient, term, value, standard_error, unit, rows: of the formulas on
        all rows; the term of an intercept is empty.
    min_per_class
        Groups of each class that a family needs to be screened for.
    lacking
        Descriptors of the analysis that some companion lacks.
    as_compared
        Whether 'alone' is the search of the comparison, setting by setting.
    """

    tasks: tuple[SharedTask, ...]
    competitors: tuple[Competitor, ...]
    schemes: tuple[Scheme, ...]
    scores: pd.DataFrame
    predictions: pd.DataFrame
    significance: Significance
    left_out: pd.DataFrame
    coefficients: pd.DataFrame
    min_per_class: int
    lacking: tuple[str, ...] = ()
    as_compared: bool = False


@dataclass(frozen=True)
class Verdict:
    """Which model to trust, where, how far: a paragraph, and the figures behind it.

    `goal` says whether a small closed form does what the best black box does.
    """

    sentences: tuple[str, ...]
    paragraph: str = ""
    goal: str = ""


@dataclass(frozen=True)
class StudyResult:
    """Everything the report shows.

    Attributes
    ----------
    scores
        Tidy: scheme, competitor, repeat, fold, metric, value, n. Fold -1 is the
        metric of all held-out predictions of one repeat taken together. For
        leave-one-element-out and alike `fold_label` names what was left out.
    predictions
        Tidy: scheme, competitor, repeat, fold, sample (row position), composition,
        observed, predicted.
    importance
        Tidy: competitor, method ('permutation', 'drop', 'drop-family', 'shap'),
        name (descriptor or family), repeat, fold, value. For SHAP the mean of the
        absolute values on the fold's held-out rows; for the others the rise of
        `importance_metric`.
    in_sample_importance
        The same columns for the final formula on the rows it was fitted to.
    sub_scores
        Scores on a part of the rows: part, competitor, metric, value, sd, n.
    intervals
        Scores with their bootstrap intervals: scheme, competitor, metric, value, low,
        high, n; None where not computed.
    choices
        What each engine chose in each fold, as in
        :class:`hecsr.validation.compare.Comparison`; None where not kept.
    doubt
        What becomes of score and formula where doubtful labels are turned over, as
        :func:`hecsr.study.doubt.doubt_labels` returns it, of the engine `doubted`;
        None where not asked for.
    durations
        Seconds by the clock of each stage of this call.
    work
        By stage of the work in parts what its parts took, those of earlier runs too.
    full
        Whether the long validation was asked for; without it `chance`, `stability`
        and `learning` are None.
    rows
        The rows used, with their descriptors, for the supplement.
    maps
        What the printed formulas give along their variables and between metals.
    correlations
        Pearson's r of the descriptors, as
        :func:`hecsr.study.correlations.correlations` returns it.
    multitask
        Terms shared with further families and properties; None where not asked for.
    """

    name: str
    title: str
    question: str
    data: DataSummary
    descriptors: DescriptorSummary
    competitors: tuple[Competitor, ...]
    schemes: tuple[Scheme, ...]
    primary_metric: str
    scores: pd.DataFrame
    predictions: pd.DataFrame
    formulas: tuple[FormulaResult, ...]
    importance_metric: str
    importance: pd.DataFrame
    in_sample_importance: pd.DataFrame
    shap: tuple[ShapValues, ...]
    sub_scores: pd.DataFrame
    search_sizes: Mapping[str, Mapping[str, float]]
    settings: Mapping[str, Any]
    command: str
    seed: int
    versions: Mapping[str, str]
    durations: Mapping[str, float]
    verdict: Verdict
    intervals: pd.DataFrame | None = None
    choices: pd.DataFrame | None = None
    class_maps: tuple[ClassMap, ...] = ()
    doubt: pd.DataFrame | None = None
    doubted: str = ""
    work: Mapping[str, Work] = field(default_factory=dict)
    full: bool = False
    significance: Significance | None = None
    chance: Chance | None = None
    stability: Stability | None = None
    rashomon: tuple[RashomonSet, ...] = ()
    applicability: Applicability | None = None
    learning: LearningCurves | None = None
    agreement: Agreement | None = None
    rows: UsedRows | None = None
    maps: Maps | None = None
    correlations: pd.DataFrame | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    multitask: MultiTaskResult | None = None

    @property
    def best_formulas(self) -> tuple[FormulaResult, ...]:
        """The formula that each engine chose."""
        return tuple(f for f in self.formulas if f.chosen)
