"""The verdict says of the differences what the report's tables say."""

import numpy as np
import pandas as pd
from compared import comparison_of, dealt, held, line_up

from hecsr.study.verdict import against_kinds, make_verdict
from hecsr.validation.significance import significance


def _compared(task="regression", scale=1.0, **noise):
    random = np.random.default_rng(1)
    y = random.normal(size=80)
    said = {k: y + scale * s * random.normal(size=80) for k, s in noise.items()}
    said["m"] = np.zeros(80)
    if task == "classification":
        said = {k: 1 / (1 + np.exp(-3 * v)) for k, v in said.items()}
        y = (y > 0).astype(float)
    frame = pd.concat([held(n, y, p, dealt(80, 5, 4)) for n, p in said.items()])
    return comparison_of(frame, line_up(*said), task)


def _sentence(verdict, opening):
    return next(s for s in verdict.sentences if s.startswith(opening))


def test_an_equal_black_box_is_no_significant_difference_in_words():
    for task, metric in (
        ("regression", "mae"),
        ("classification", "balanced_accuracy"),
    ):
        comparison = _compared(task, f=0.3, b=0.3)
        said = _sentence(
            make_verdict(comparison, (), metric, "GPa"), "The best black box is B"
        )
        assert ", but not shown to differ (no significant difference): " in said


def test_a_bad_baseline_and_a_better_black_box_are_told_apart():
    comparison = _compared(f=0.5, b=0.1)
    verdict = make_verdict(comparison, (), "mae", "GPa")
    assert "; the formula is worse: the difference" in _sentence(
        verdict, "The best black box"
    )
    baseline = _sentence(verdict, "The best baseline")
    assert "; the formula is better: the difference" in baseline
    assert "p < 0.001 after Holm over 2 rivals" in baseline


def test_the_numbers_are_those_of_the_frame_that_the_report_shows():
    comparison = _compared(f=0.3, b=0.35)
    found = significance(comparison, "mae", seed=2, draws=100)
    said = _sentence(
        make_verdict(comparison, (), "mae", "GPa", found=found), "The best black box"
    )
    line = found.rivals.set_index("first").loc["b"]
    ratio = abs(line["difference"]) / line["se"]
    assert (
        f"is {abs(line['difference']):.2f} ({ratio:.1f} standard errors), "
        f"p = {line['p_holm']:.3f} after Holm over 2 rivals"
    ) in said
    assert said == _sentence(make_verdict(comparison, (), "mae", "GPa"), said[:20])


def test_the_same_predictions_are_said_to_be_the_same():
    comparison = _compared(f=0.0, b=0.0)
    said = _sentence(make_verdict(comparison, (), "mae", "GPa"), "The best black box")
    assert "the formula gives the same in every fold" in said


def test_a_lone_constant_difference_is_left_open():
    folds = dealt(20, 2)
    y = np.zeros(20)
    frame = pd.concat([held(n, y, y + k, folds) for k, n in enumerate("fbm")])
    comparison = comparison_of(frame, line_up(*"fbm"))
    said = _sentence(make_verdict(comparison, (), "mae", "GPa"), "The best black box")
    assert "the folds are too few to compare it" in said


def test_rivals_of_a_kind_are_counted_by_what_is_shown():
    comparison = _compared(f=0.3, b1=0.3, b2=0.05, r1=0.3, r2=5.0, r3=6.0)
    found = significance(comparison, "mae", draws=100)
    boxes, rules = against_kinds(found, comparison.competitors)
    assert "Of 2 black boxes F is shown to be better than 0 and worse than 1" in boxes
    assert boxes.endswith("no significant difference from the other 1.")
    assert "Of 3 known rules F is shown to be better than 2 and worse than 0" in rules
    assert "(Holm over 6 rivals)" in rules


def test_a_lone_rival_of_its_kind_needs_no_count():
    comparison = _compared(f=0.3, b=0.3, r=0.3)
    found = significance(comparison, "mae", draws=50)
    assert against_kinds(found, comparison.competitors) == ()
