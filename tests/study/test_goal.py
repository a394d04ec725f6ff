"""The goal sentence says whether a small closed form does what a black box does."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from compared import comparison_of, dealt, held, line_up

from hecsr.result import Competitor
from hecsr.study.goal import goal
from hecsr.validation.frames import fold_mean
from hecsr.validation.significance import rivals_of, significance, t_interval

FRONT = tuple(
    Competitor(f"f:{n}", f"F, {'1 term' if n == 1 else f'up to {n} terms'}",
               "front", "", "f", n)
    for n in (1, 2, 3)
)  # fmt: skip


def compared(fronts, task="classification", **noise):
    random = np.random.default_rng(1)
    y = random.normal(size=120)
    truth = (y > 0).astype(float) if task == "classification" else y
    scale = noise | {c.name: s for c, s in zip(FRONT, fronts, strict=False)}
    frames = []
    for name, s in {**scale, "m": None}.items():
        values = y + s * random.normal(size=120) if s is not None else 0 * y - 0.1
        if task == "classification":
            values = 1 / (1 + np.exp(-3 * values))
        frames.append(held(name, truth, values, dealt(120, 5, 4)))
    lines = (*line_up(*noise, "m"), *FRONT[: len(fronts)])
    return comparison_of(pd.concat(frames), lines, task)


def printed(limit=1, names=("a", "b", "c")):
    size = f"{limit} term{'' if limit == 1 else 's'}"
    made = SimpleNamespace(names=names)
    return (
        SimpleNamespace(engine="f", limit=limit, chosen=True, size=size, formula=made),
    )


def said(comparison, metric="balanced_accuracy", formulas=(), unit="1"):
    found = significance(comparison, metric, draws=200)
    return goal(comparison, found, formulas, unit, draws=200)


def test_a_procedure_of_at_most_two_terms_is_compared_as_the_report_does():
    comparison = compared((0.9, 0.9), f=0.5, b=0.5, r1=0.5, r2=5.0)
    text = said(comparison, formulas=printed())
    found = significance(comparison, "balanced_accuracy", draws=200)
    line = found.rivals.set_index("first").loc["b"]
    assert "at most two terms, F (balanced accuracy" in text
    assert ", the best of 3 by these same held-out rows)" in text
    low, high = t_interval(line)
    assert (
        f"95 % interval of its gain {low:.3f} to {high:.3f}".replace(" -", " −") in text
    )
    assert "after Holm over 4 rivals" in text
    assert "Of the 2 known rules it beats 1, ties with 1 and loses to 0" in text
    assert text.endswith("the form has 1 term with 3 variables.")


def test_the_front_stands_for_an_engine_that_may_take_more_terms():
    comparison = compared((0.9, 0.5, 0.3), f=0.3, b=0.1)
    text = said(comparison, formulas=printed(2, ("a",)))
    assert "at most two terms, F of up to 2 terms (balanced accuracy" in text
    assert "does not reach the balanced accuracy of the best black box, b" in text
    assert "the form has 2 terms with 1 variable." in text
    assert "rules" not in text
    rivals = rivals_of(comparison, "f:2", "balanced_accuracy", draws=200)
    assert list(rivals["first"]) == ["f", "b", "m"]
    assert f"after Holm over {len(rivals)} rivals" in text
    assert "the black box is shown to be better" in text


def test_of_a_regression_one_sentence_says_whether_it_is_reached():
    comparison = compared((0.3, 0.2), "regression", f=0.3, b=0.6, r1=0.3)
    text = said(comparison, "mae", unit="GPa")
    ours = fold_mean(comparison.scores, "main", "f:2", "mae")
    assert f"F of up to 2 terms (MAE {ours:.2f} GPa, the best of 3" in text
    assert "reaches the MAE of the best black box, b" in text
    assert "the form is shown to be better" in text
    assert "rules" not in text
    better = fold_mean(comparison.scores, "main", "b", "mae") - ours
    assert f"the black box is behind by {better:.2f} GPa (95 %" in text


def test_without_a_small_form_or_a_black_box_nothing_is_said():
    assert said(compared((), f=0.3, b=0.3)) == ""
    assert said(compared((0.3,), f=0.3)) == ""


def test_the_rivals_of_the_reference_are_those_of_the_report():
    comparison = compared((0.3,), f=0.3, b=0.4, r1=0.5)
    found = significance(comparison, "balanced_accuracy", draws=200)
    own = rivals_of(comparison, found.reference, "balanced_accuracy", draws=200)
    pd.testing.assert_frame_equal(own, found.rivals)
