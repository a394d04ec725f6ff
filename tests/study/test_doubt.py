"""Doubtful labels: which they are, in which folds they stand, and what they change."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import delayed, parallel_config

from hecsr.composition import Composition
from hecsr.config import parse_analysis
from hecsr.descriptors.descriptor import plain
from hecsr.errors import ConfigError
from hecsr.formula.expression import Binary, Constant, Expression, Variable
from hecsr.formula.formula import Coefficient, Formula, Target, linear_combination
from hecsr.result import Competitor, FormulaResult
from hecsr.study.doubt import (
    COLUMNS,
    STAGE,
    UNCHANGED,
    Doubts,
    doubt_labels,
    expect_doubts,
    find_doubts,
)
from hecsr.study.doubt_cases import TOGETHER, Case, cases_of, places, splits_of
from hecsr.study.doubtful import (
    CONTRADICTED,
    NO_LABEL,
    UNRELIABLE,
    Doubtful,
    find_doubtful,
)
from hecsr.study.engines import Engine, engines
from hecsr.study.form_change import largest_shift, same_terms
from hecsr.study.rows import read_rows
from hecsr.study.samples import make_samples
from hecsr.validation.compare import Entrant, compare
from hecsr.validation.folds import k_fold
from hecsr.validation.parts import Part, Runner
from hecsr.validation.problem import make_problem
from hecsr.validation.store import Store, count_parts


def analysis(*, quality=("A", "B"), doubt=None, task="classification"):
    content = {
        "name": "a",
        "title": "t",
        "question": "q",
        "task": task,
        "data": {
            "table": "formability",
            "target": "single_phase",
            "select": {"quality": list(quality)},
            "families": ["carbide"],
        },
        "descriptors": {"use": ["delta", "vec", "chi_dev", "x_Cr", "x_Zr", "x_Hf"]},
        "validation": {"folds": 3, "decision": "share"},
        "engines": {"lasso": {"terms": 1, "inner_folds": 0}},
        "doubt": {"engine": "lasso"} | (doubt or {}),
    }
    return parse_analysis(content, "x.toml")


def doubtful_of(**changes):
    problem, found = find_doubtful(analysis(**changes), Path(), Path())
    return problem, {d.composition.formula: d for d in found}


def test_labels_that_reports_contradict_and_rows_that_they_leave_without_one():
    problem, found = doubtful_of()
    assert {name: d.kind for name, d in found.items()} == {
        "(Cr0.2Nb0.2Ta0.2Ti0.2Zr0.2)C": NO_LABEL,
        "(Hf0.25Ta0.25Ti0.25Zr0.25)C": NO_LABEL,
        "(Hf0.2Mo0.2Ta0.2W0.2Zr0.2)C": CONTRADICTED,
        "(Hf0.2Mo0.2Ti0.2W0.2Zr0.2)C": CONTRADICTED,
    }
    assert len(problem.y) == 102
    told = found["(Hf0.2Mo0.2Ta0.2W0.2Zr0.2)C"]
    assert told.label == 0
    assert told.reports_1 == "wylu_lit66 (B)"
    assert told.reports_0 == "zhang2022 (B), sarker2018 (A)"


def test_the_rows_with_a_label_are_those_of_the_analysis_in_its_order():
    problem, found = doubtful_of()
    asked = analysis()
    own = make_samples(asked, read_rows(asked, Path(), Path()))
    kept = places(len(own.y), tuple(found.values()))
    assert [problem.samples[i] for i in kept] == list(own.table.samples)
    np.testing.assert_array_equal(problem.y[kept], own.y)


def test_reports_said_to_be_unreliable_are_kept_apart_and_leave_no_row_torn():
    problem, found = doubtful_of(doubt={"unreliable": ["B", "C"]})
    assert {d.kind for d in found.values()} == {UNRELIABLE}
    assert len(found) == 2
    assert len(problem.y) == 100
    assert [c.what for c in cases_of(tuple(found.values()))] == list(found)


def test_rows_that_the_analysis_does_not_select_do_not_enter():
    problem, found = doubtful_of(quality=["A"])
    assert {d.kind for d in found.values()} == {CONTRADICTED}
    assert len(problem.y) == 43


def doubt_on(label, row, name="TiC"):
    kind = NO_LABEL if label is None else CONTRADICTED
    return Doubtful(Composition.parse(name), kind, label, (row,), "p (A)", "q (B)")


def test_a_label_has_one_other_and_none_has_two_and_at_last_all_are_taken_at_once():
    one, two = doubt_on(1.0, 0), doubt_on(None, 5, "ZrC")
    cases = cases_of([one, two])
    assert [(c.what, dict(c.taken)) for c in cases] == [
        ("TiC", {0: 0.0}),
        ("ZrC", {5: 0.0}),
        ("ZrC", {5: 1.0}),
        (TOGETHER, {0: 0.0, 5: 0.0}),
        (TOGETHER, {0: 0.0, 5: 1.0}),
    ]


def small_problem(groups=None):
    y = np.array([0.0, 1, 1, 0, 1, 1, 1])
    frame = pd.DataFrame({"a": np.arange(7.0)})
    return make_problem(frame, y, task="classification", groups=groups)


BEFORE = [np.array([0, 1, 2]), np.array([3, 4, 5])]


def test_a_row_that_enters_joins_the_fold_with_the_fewest_of_its_class():
    problem = small_problem()
    problem.y[:] = [1, 1, 1, 0, 1, 1, 1]
    case = Case("x", NO_LABEL, (doubt_on(None, 6),), {6: 1.0}, 1.0)
    first, second = splits_of(case, problem, BEFORE)
    assert first.test.tolist() == [0, 1, 2]
    assert second.test.tolist() == [3, 4, 5, 6]
    assert first.train.tolist() == [3, 4, 5, 6]


def test_a_row_that_enters_stays_with_its_group_and_never_trains_against_it():
    problem = small_problem(groups=[0, 1, 2, 0, 3, 4, 0])
    case = Case("x", NO_LABEL, (doubt_on(None, 6),), {6: 1.0}, 1.0)
    first, second = splits_of(case, problem, BEFORE)
    assert first.test.tolist() == [0, 1, 2, 6]
    assert second.train.tolist() == [0, 1, 2]  # row 6 is tied to row 3, held out


def test_a_case_without_rows_that_enter_keeps_the_folds():
    case = Case("x", CONTRADICTED, (doubt_on(0.0, 3),), {3: 1.0}, 1.0)
    tests = [s.test.tolist() for s in splits_of(case, small_problem(), BEFORE)]
    assert tests == [[0, 1, 2], [3, 4, 5]]


@pytest.fixture(scope="module")
def study():
    """A comparison of one engine on the carbides, its formula, and its doubts."""
    asked = analysis()
    own = make_samples(asked, read_rows(asked, Path(), Path()))
    problem = make_problem(
        own.table, own.y, task="classification", groups=own.groups, threshold=0.9
    )
    (engine,), _ = engines(asked, own)
    line = Competitor("lasso", "LASSO", "formula", "", "lasso")
    folds = k_fold(own.y, n_splits=3, groups=own.groups, stratified=True)
    entrant = Entrant(line, engine.estimator)
    comparison = compare([entrant], problem, [folds], decision="share")
    every = np.arange(len(own.y))
    kept = list(problem.filter_on(every).kept_)
    fitted = engine.estimator.fit(problem.frame[kept], problem.target(every))
    formula = FormulaResult("lasso", "LASSO", 1, fitted.formula_, chosen=True)
    doubts = find_doubts(asked, [engine], Path(), Path())
    return asked, doubts, comparison, [formula]


@pytest.fixture(scope="module")
def turned(study):
    return doubt_labels(*study, Runner(n_jobs=1))


def test_the_first_line_is_the_comparison_itself(study, turned):
    scores = study[2].scores
    own = scores[
        (scores["competitor"] == "lasso")
        & (scores["fold"] == -1)
        & (scores["metric"] == "balanced_accuracy")
    ]
    assert tuple(turned.columns) == COLUMNS
    assert turned["what"].iloc[0] == UNCHANGED
    assert turned["score"].iloc[0] == own["value"].iloc[0]


def test_each_doubtful_label_is_turned_over_and_then_all(turned):
    assert turned["n"].tolist() == [100, 101, 101, 101, 101, 100, 100, 102, 102]
    taken = turned["taken_as"].tolist()[1:]
    assert taken == [0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0]
    assert (turned["what"].iloc[-2:] == TOGETHER).all()
    assert turned["score"].between(0, 1).all()


def test_a_label_taken_as_what_it_is_changes_nothing(study):
    asked, doubts, comparison, formulas = study
    row = doubts.doubtful[-1].rows[0]
    same = replace(doubts.doubtful[-1], label=1.0 - doubts.problem.y[row])
    entering = tuple(d for d in doubts.doubtful if d.label is None)
    kept = Doubts(doubts.engine, doubts.problem, (*entering, same))
    frame = doubt_labels(asked, kept, comparison, formulas, Runner(n_jobs=1))
    line = frame[frame["kind"] == CONTRADICTED].iloc[0]
    assert line["score"] == frame["score"].iloc[0]
    assert line["score_others"] == line["before_others"]
    assert line["changed"] == 0
    assert line["same_terms"]
    assert line["shift"] == pytest.approx(0, abs=1e-9)
    assert line["formula"] == frame["formula"].iloc[0]


def test_a_flipped_label_moves_the_coefficients_of_the_same_terms(turned):
    moved = turned[turned["same_terms"]].iloc[1:]
    assert len(moved)
    assert (moved["shift"] > 0).all()
    assert turned.loc[~turned["same_terms"], "shift"].isna().all()


def test_the_result_does_not_depend_on_the_number_of_jobs(study, turned):
    with parallel_config(backend="threading"):
        again = doubt_labels(*study, Runner(n_jobs=2))
    pd.testing.assert_frame_equal(again, turned)


class StopAfter:
    """Ctrl-C, once so many parts are finished."""

    def __init__(self, parts):
        self.parts = parts

    def __call__(self, stage, done, total, left=None):
        if done == self.parts:
            raise KeyboardInterrupt


def test_a_study_that_was_stopped_goes_on_and_does_nothing_twice(
    study, turned, tmp_path
):
    with pytest.raises(KeyboardInterrupt):
        doubt_labels(
            *study, Runner(n_jobs=1, store=Store(tmp_path, "c"), show=StopAfter(7))
        )
    assert count_parts(tmp_path) == 7
    told = []
    kept = Runner(
        n_jobs=1,
        store=Store(tmp_path, "c"),
        show=lambda *now: told.append(now[:3]),
    )
    again = doubt_labels(*study, kept)
    pd.testing.assert_frame_equal(again, turned)
    # eight cases, each with a formula on all rows and three folds
    assert told[0] == (STAGE, 7, 32)
    assert told[-1] == (STAGE, 32, 32)
    assert count_parts(tmp_path) == 32
    told.clear()
    doubt_labels(*study, kept)
    assert told == [(STAGE, 32, 32)]


def test_what_is_decided_or_searched_otherwise_is_done_again(study, tmp_path):
    asked, doubts, comparison, formulas = study
    runner = Runner(n_jobs=1, store=Store(tmp_path, "c"))
    doubt_labels(*study, runner)
    weighed = replace(doubts, engine=replace(doubts.engine, description="weighed"))
    doubt_labels(asked, weighed, comparison, formulas, runner)
    assert count_parts(tmp_path) == 64
    costs = asked.validation.model_copy(update={"costs": (3.0, 1.0)})
    dear = asked.model_copy(update={"validation": costs})
    doubt_labels(dear, doubts, comparison, formulas, runner)
    # the formulas on all rows do not depend on the decision
    assert count_parts(tmp_path) == 64 + 24


def test_the_time_left_counts_the_searches_to_come(study):
    told = []
    runner = Runner(n_jobs=1, show=lambda *now: told.append(now))
    expect_doubts(runner, study[1], 3)
    runner.run("comparison", [Part("lasso", (0,), delayed(int)("3"))])
    assert told[-1][3] > 0


def formula_of(*features: Expression, values):
    errors = [0.5] * len(values)
    names = ("a", "b")
    return Formula(
        linear_combination(features, intercept=True),
        tuple(plain(n) for n in names),
        tuple(
            Coefficient(f"c{i}", v, e)
            for i, (v, e) in enumerate(zip(values, errors, strict=True))
        ),
        Target("y"),
    )


A, B = Variable("a"), Variable("b")


def test_terms_are_the_same_in_any_order_and_whatever_their_coefficients():
    one = formula_of(A, Binary("*", A, B), values=(1.0, 2.0, 3.0))
    two = formula_of(Binary("*", A, B), A, values=(1.0, 4.0, 2.5))
    assert same_terms(one, two)
    assert not same_terms(one, formula_of(A, values=(1.0, 2.0)))
    # 3 became 4 with a standard error of 0.5, 2 became 2.5
    assert largest_shift(two, one) == pytest.approx(2.0)


def test_a_constant_inside_a_term_makes_it_another_one():
    one = formula_of(A, values=(1.0, 2.0))
    inner = Binary("/", Constant("c1"), Binary("+", A, Constant("c2")))
    two = replace(one, expression=Binary("+", Constant("c0"), inner))
    assert not same_terms(one, two)


@pytest.mark.parametrize(
    ("changes", "running", "message"),
    [
        ({"task": "regression"}, "lasso", "this is a regression"),
        ({}, "sisso", "'lasso', which does not run here"),
        ({"doubt": {"reports": "formability"}}, "lasso", None),
        ({"doubt": {"reports": "formabilty_reports"}}, "lasso", "no shipped table"),
        ({"doubt": {"reports": "efa"}}, "lasso", "no column 'single_phase'"),
    ],
)
def test_a_doubt_that_cannot_be_followed_is_refused_before_the_work(
    study, changes, running, message
):
    engine = study[1].engine
    asked = analysis(**changes)
    given = [Engine(running, "x", engine.estimator, "")]
    if message is None:
        # the table of labels holds one report a row: none contradicts another
        assert find_doubts(asked, given, Path(), Path()).doubtful == ()
        return
    with pytest.raises(ConfigError, match=message):
        find_doubts(asked, given, Path(), Path())


def test_without_a_section_nothing_is_doubted():
    asked = analysis().model_copy(update={"doubt": None})
    assert find_doubts(asked, [], Path(), Path()) is None
