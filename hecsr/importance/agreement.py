"""Whether black boxes and formulas rest on the same descriptors, in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.importance.clusters import THRESHOLD, correlated_pairs
from hecsr.importance.dependence import at_medians, local_effects, partial_dependence
from hecsr.importance.rank_agreement import rank_agreement
from hecsr.importance.term_agreement import TermAgreement, term_agreement
from hecsr.validation.compare import filtered_columns
from hecsr.validation.parts import Part, Runner, digest
from hecsr.validation.predicting import fit_on, predicted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Formula
    from hecsr.result import FormulaResult, ShapValues
    from hecsr.validation.compare import Comparison, Entrant
    from hecsr.validation.problem import Problem

    Array = NDArray[np.float64]

FOREST: Final = "rf"
DEPENDENCE: Final = (
    "engine", "name", "value", "box", "box_low", "box_high",
    "formula", "formula_low", "formula_high", "at_medians",
)  # fmt: skip
EFFECTS: Final = ("engine", "name", "value", "box", "formula")


@dataclass(frozen=True, eq=False)
class Agreement:
    """How formulas and black boxes compare beyond their errors.

    Attributes
    ----------
    ranks
        As :func:`hecsr.importance.rank_agreement.rank_agreement` returns it.
    top
        How many of the most important descriptors it compares.
    box
        Name of the black box that the formulas are set against: the random forest if
        it takes part, else the first black box; empty where there is none.
    terms
        Each term of the printed formulas against the SHAP values of `box`.
    dependence
        engine, name, value, and the partial dependence of the box and of the printed
        formula, both fitted to all rows, with their bands, in the unit of the target
        or as probability; `at_medians` is the formula with all other descriptors at
        their medians.
    effects
        engine, name, value, box, formula: accumulated local effects, which make up no
        sample that is far from the data.
    samples
        The descriptors of the printed formulas on all rows.
    correlated
        first, second, pearson, spearman of the descriptors that enter on all rows.
    threshold
        ``|Pearson r|`` from which on two descriptors are named as correlated.
    """

    ranks: pd.DataFrame
    top: int
    box: str
    terms: tuple[TermAgreement, ...]
    dependence: pd.DataFrame
    effects: pd.DataFrame
    samples: pd.DataFrame
    correlated: pd.DataFrame
    threshold: float = THRESHOLD

    def relatives(self, name: str) -> list[tuple[str, float]]:
        """Return the descriptors correlated with one, and r, the closest first."""
        found = []
        for row in self.correlated.to_dict("records"):
            if name in (row["first"], row["second"]):
                other = row["second"] if name == row["first"] else row["first"]
                found.append((str(other), float(row["pearson"])))
        return found

    def terms_frame(self) -> pd.DataFrame:
        """Return the rows of all terms under each other: engine, term, and the rest."""
        import pandas as pd

        frames = [
            t.rows.assign(engine=t.engine, term=t.text, box=self.box)
            for t in self.terms
        ]
        columns = ["engine", "term", "box", "repeat", "fold", "sample"]
        columns += ["contribution", "shap"]
        if not frames:
            return pd.DataFrame(columns=columns)
        return pd.concat(frames, ignore_index=True)[columns]


def agreement(
    comparison: Comparison,
    formulas: Sequence[FormulaResult],
    importance: pd.DataFrame,
    shap: Sequence[ShapValues],
    *,
    top: int = 5,
    draws: int = 500,
    seed: int = 0,
    runner: Runner | None = None,
) -> Agreement:
    """Set formulas and black boxes side by side.

    Parameters
    ----------
    formulas
        The printed formulas; only the chosen ones with a variable are looked at.
    importance
        Tidy, of all models that were explained.
    shap
        SHAP values on held-out rows; without those of the box no term is compared.
    top
        How many of the most important descriptors of two models are compared.
    draws
        Draws of folds for the bounds of the rank correlations.
    seed
        The seed that the comparison was given.
    runner
        Fits the box to all rows.
    """
    problem = comparison.problem
    rows = np.arange(len(problem.frame))
    columns = filtered_columns(problem.filter_on(rows))
    chosen = [f for f in formulas if f.chosen and f.formula.names]
    box = compared_box(kept.entrant for kept in comparison.models)
    name = "" if box is None else box.competitor.name
    own = next((s for s in shap if s.competitor == name), None)
    terms: list[TermAgreement] = []
    if own is not None:
        for f in chosen:
            terms += term_agreement(f.engine, f.formula, own, problem.frame)
    dependence, effects = _curves(box, columns, chosen, problem, seed, runner)
    names = list(dict.fromkeys(n for f in chosen for n in f.formula.names))
    return Agreement(
        ranks=rank_agreement(importance, top=top, draws=draws, seed=seed),
        top=top,
        box=name,
        terms=tuple(terms),
        dependence=dependence,
        effects=effects,
        samples=problem.frame[names],
        correlated=correlated_pairs(problem.frame[list(columns)]),
    )


def compared_box(entrants: Iterable[Entrant]) -> Entrant | None:
    """Return the black box that formulas are set against: the forest, or the first."""
    boxes: dict[str, Entrant] = {}
    for entrant in entrants:
        if entrant.competitor.kind == "black box":
            boxes.setdefault(entrant.competitor.name, entrant)
    return boxes.get(FOREST, next(iter(boxes.values()), None))


def _curves(
    box: Entrant | None,
    columns: tuple[str, ...],
    chosen: Sequence[FormulaResult],
    problem: Problem,
    seed: int,
    runner: Runner | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return partial dependences and local effects of box and formulas."""
    import pandas as pd
    from joblib import delayed

    parts: list[Part] = []
    wanted = tuple(dict.fromkeys(n for f in chosen for n in f.formula.names))
    entering = tuple(n for n in wanted if n in columns)
    if box is not None and entering:
        X = problem.frame[list(columns)]
        said = (box.competitor.name, box.competitor.description)
        key = (*said, digest(X.to_numpy(), problem.y), seed, str((columns, entering)))
        call = delayed(_of_box)(box, columns, entering, problem, seed)
        parts.append(Part(box.competitor.name, key, call))
    drawn = (runner or Runner()).run("partial dependence", parts)
    of_box: dict[str, dict[str, list[float]]] = drawn[0] if drawn else {}
    dependence, effects = [], []
    for f in chosen:
        # the formula looks at no other column
        X = problem.frame[list(f.formula.names)]
        for name in f.formula.names:
            own = of_box.get(name)
            lines = _of_formula(f.formula, X, name)
            shared = {"engine": f.engine, "name": name}
            gone: Any = np.nan
            dependence.append(
                pd.DataFrame(
                    {
                        **shared,
                        "value": lines["value"],
                        "box": gone if own is None else own["mean"],
                        "box_low": gone if own is None else own["low"],
                        "box_high": gone if own is None else own["high"],
                        "formula": lines["mean"],
                        "formula_low": lines["low"],
                        "formula_high": lines["high"],
                        "at_medians": lines["medians"],
                    }
                )
            )
            effects.append(
                pd.DataFrame(
                    {
                        **shared,
                        "value": lines["edges"],
                        "box": gone if own is None else own["local"],
                        "formula": lines["local"],
                    }
                )
            )
    if not dependence:
        return pd.DataFrame(columns=DEPENDENCE), pd.DataFrame(columns=EFFECTS)
    return (
        pd.concat(dependence, ignore_index=True),
        pd.concat(effects, ignore_index=True),
    )


def _of_box(
    box: Entrant,
    columns: tuple[str, ...],
    names: tuple[str, ...],
    problem: Problem,
    seed: int,
) -> dict[str, dict[str, list[float]]]:
    """Fit the box to all rows, as the printed formulas are, and draw its curves."""
    from sklearn.base import clone
    from threadpoolctl import threadpool_limits

    X = problem.frame[list(columns)]
    model = clone(box.estimator)
    if model.get_params(deep=False).get("random_state", 0) is None:
        state = np.random.SeedSequence([seed]).generate_state(1)[0]
        model.set_params(random_state=int(state))
    fit_on(model, X, problem.target(np.arange(len(X))), problem.groups)

    def function(table: pd.DataFrame) -> Array:
        return predicted(model, table, problem.task)

    found = {}
    with threadpool_limits(1):
        for name in names:
            curve = partial_dependence(function, X, name)
            found[name] = {
                "mean": curve.mean.tolist(),
                "low": curve.low.tolist(),
                "high": curve.high.tolist(),
                "local": local_effects(function, X, name)[1].tolist(),
            }
    return found


def _of_formula(formula: Formula, X: pd.DataFrame, name: str) -> dict[str, Array]:
    curve = partial_dependence(formula.evaluate, X, name)
    edges, local = local_effects(formula.evaluate, X, name)
    return {
        "value": curve.grid,
        "mean": curve.mean,
        "low": curve.low,
        "high": curve.high,
        "medians": at_medians(formula.evaluate, X, name, curve.grid),
        "edges": edges,
        "local": local,
    }
