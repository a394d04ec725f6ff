"""Choices over bootstraps and folds, made up: some find the printed formula again."""

import numpy as np
import pandas as pd

from hecsr.validation.coefficient_spread import coefficient_spread
from hecsr.validation.forms import Forms, read_formula
from hecsr.validation.parts import Runner
from hecsr.validation.problem import make_problem
from hecsr.validation.recurrence import BOOTSTRAPS, Choice, recurrence
from hecsr.validation.resampling import bootstraps_of
from hecsr.validation.stability import PRIMARY, Stability

OTHER = "c0 + c1 * (h_mix * a_dev)"
LONG = " + ".join(["c0", *(f"c{i} * (vec_mean + delta_r^{i})" for i in range(1, 8))])


def stable(study, hits, *, folds=4, failed=0):
    """Make up ten bootstraps of which `hits` found the printed formula."""
    rng = np.random.default_rng(0)
    known = [d for d in study.descriptors.computed if d.name != "s_mix"]
    frame = pd.DataFrame(rng.uniform(1, 2, (90, len(known))))
    frame.columns = [d.name for d in known]
    # turns with delta_r
    frame["vec_range"] = frame["delta_r"] + rng.normal(0, 0.02, 90)
    y = rng.normal(size=90)
    if study.data.task == "classification":
        y = (y > 0).astype(float)
    problem = make_problem(frame, y, task=study.data.task)
    forms = Forms(problem.frame)
    printed = {f.engine: f.formula for f in study.best_formulas}
    wanted = {name: forms.form(f.expression) for name, f in printed.items()}
    other = forms.form(read_formula(OTHER, ("h_mix", "a_dev")))
    long = forms.form(read_formula(LONG, ("vec_mean", "delta_r")))
    choices, draws = [], []
    for name, formula in printed.items():
        of = (formula.names, wanted[name])
        for i in range(10 - failed):
            names, form = of if i < hits else (("h_mix", "a_dev"), other)
            if i == 9 and hits < 10:
                names, form = ("vec_mean", "vec_range"), long
            score = 5.0 + i
            choices.append(Choice(name, BOOTSTRAPS, 2, names, form, {}, score))
            draws.append((name, i, score, 90, 57, 33, ""))
        draws += [(name, 9, np.nan, 90, 57, 33, "lost") for _ in range(failed)]
        choices += [Choice(name, "grouped", 2, *of, {}) for _ in range(folds)]
    columns = ["engine", "bootstrap", "score", "rows", "distinct", "out_of_bag"]
    drawn = bootstraps_of(problem, 6, 0)
    return Stability(
        bootstraps=10,
        metric=PRIMARY[study.data.task],
        budgets={"sisso": "the budget of the comparison", "lasso": "a lighter one"},
        draws=pd.DataFrame(draws, columns=[*columns, "failure"]),
        coefficients=coefficient_spread(printed, problem, drawn, Runner(n_jobs=1)),
        **recurrence(["sisso", "lasso"], choices, forms, wanted, problem),
    )
