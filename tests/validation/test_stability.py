"""Stability: planted laws recur, noise does not, and nothing depends on the runner."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import GroupKFold
from stand_ins import BestColumn, formula_of

from hecsr.errors import SearchError
from hecsr.formula.grammar import parse
from hecsr.result import Competitor, FormulaResult
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.space import SearchSpace
from hecsr.study.engines import Engine
from hecsr.validation.compare import Entrant, compare
from hecsr.validation.folds import k_fold
from hecsr.validation.parts import Runner, Store
from hecsr.validation.problem import make_problem
from hecsr.validation.stability import stability

FRAMES = ("descriptors", "families", "terms", "formulas", "sizes", "sets")
SMALL = SearchSpace(operators=("+", "-", "*", "/"), rungs=1, max_complexity=1)


def sisso(task="regression"):
    make = SissoRegressor if task == "regression" else SissoClassifier
    estimator = make(space=SMALL, max_terms=1, inner_folds=2)
    return Engine("sisso", "SISSO", estimator, "")


def compared(engines, problem, folds=3):
    field = [
        Entrant(Competitor(e.name, e.label, "formula", "", e.name), e.estimator)
        for e in engines
    ]
    splits = k_fold(
        problem.y, n_splits=folds, stratified=problem.task == "classification"
    )
    return compare(field, problem, [splits], runner=Runner(n_jobs=1))


def run(engines, problem, formulas=(), count=8, **options):
    options.setdefault("runner", Runner(n_jobs=1))
    found = compared(engines, problem)
    return stability(engines, problem, found, formulas, bootstraps=count, **options)


def planted(noise, n=60):
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.uniform(1, 2, (n, 4)), columns=list("abcd"))
    y = 2 + 5 * (X["a"] / X["b"]).to_numpy()
    return X, y + rng.normal(0, noise, n)


def printed(text, X):
    constants = ["c0", "c1"]
    expression = parse(text, constants)
    names = tuple(n for n in X if n in text)
    formula = formula_of(expression, names, (2.0, 5.0), X)
    return FormulaResult("sisso", "SISSO, 1 term", 1, formula, True)


@pytest.fixture(scope="module")
def law():
    X, y = planted(0.3)
    problem = make_problem(X, y, task="regression")
    return run([sisso()], problem, [printed("c0 + c1 * (1 / (b / a))", X)], 10)


def over(frame, kind="bootstraps"):
    return frame[frame["over"] == kind].reset_index(drop=True)


def test_a_planted_law_is_found_in_nearly_all_bootstraps_however_printed(law):
    top = over(law.formulas).iloc[0]
    assert top["printed"]
    assert top["count"] >= 9
    assert top["formula"] == "c0 + c1 * (1.0 / (b / a))"
    assert top["low"] <= top["score"] <= top["high"]
    assert top["score"] == pytest.approx(0.25, abs=0.08)
    folds = law.formulas[law.formulas["over"] != "bootstraps"]
    assert folds.iloc[0]["count"] == 3
    term = over(law.terms).iloc[0]
    assert term["printed"]
    assert term["share"] >= 0.9
    assert over(law.sizes)["share"].sum() == 1


def test_its_descriptors_are_found_and_the_sets_are_alike(law):
    found = over(law.descriptors).set_index("name")
    assert found.loc["a", "share"] == found.loc["b", "share"] >= 0.9
    assert found["printed"].sum() == 2
    sets = over(law.sets).set_index("what")
    assert sets.loc["descriptors", "value"] > 0.8
    folds = law.sets[law.sets["over"] != "bootstraps"]
    assert folds["low"].isna().all()
    assert law.coefficients["coefficient"].tolist() == ["c0", "c1"]


def test_bootstraps_hold_fewer_different_rows_and_score_those_outside(law):
    draws = law.draws
    assert (draws["rows"] == 60).all()
    assert (draws["distinct"] + draws["out_of_bag"] == 60).all()
    assert draws["distinct"].mean() == pytest.approx(0.632 * 60, rel=0.1)


def test_what_is_found_in_noise_does_not_recur():
    X, _ = planted(0.0)
    X = pd.DataFrame(np.random.default_rng(0).uniform(1, 2, (40, 8)))
    X.columns = [f"x{i}" for i in X]
    y = np.random.default_rng(1).normal(size=40)
    estimator = sisso().estimator.set_params(inner_folds=0)
    engine = Engine("sisso", "SISSO", estimator, "")
    found = run([engine], make_problem(X, y, task="regression"))
    assert over(found.formulas)["share"].max() <= 0.5
    sets = over(found.sets).set_index("what")
    assert sets.loc["descriptors", "value"] < 0.6


def test_classes_are_scored_by_balanced_accuracy_out_of_the_bag():
    X, y = planted(0.2)
    labels = (y > np.median(y)).astype(float)
    problem = make_problem(X, labels, task="classification")
    found = run([sisso("classification")], problem, count=4, decision="share")
    assert found.metric == "balanced_accuracy"
    assert found.draws["score"].between(0.6, 1).all()
    assert over(found.formulas).iloc[0]["formula"].startswith("logistic(")


def test_the_result_depends_neither_on_workers_nor_on_a_stop(tmp_path):
    X, y = planted(0.3)
    problem = make_problem(X, y, task="regression")
    field = [printed("c0 + c1 * (a / b)", X)]
    first = run([sisso()], problem, field, 4)
    store = Store(tmp_path, "here")
    run([sisso()], problem, field, 2, runner=Runner(n_jobs=1, store=store))
    told = []
    runner = Runner(
        n_jobs=2, store=store, show=lambda *said, **_: told.append(said[:3])
    )
    with parallel_config("threading"):
        second = run([sisso()], problem, field, 4, runner=runner)
    # two were there already
    assert ("bootstraps", 2, 4) in told
    assert ("bootstraps", 1, 4) not in told
    for name in (*FRAMES, "draws", "coefficients"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


class Watching(BestColumn):
    """Fails where inner folds of whole groups would share a row."""

    def fit(self, X, y, groups=None):
        if groups is None:
            raise SearchError("copies of a row may be torn apart")
        for train, test in GroupKFold(2).split(X, groups=groups):
            if set(X.index[train]) & set(X.index[test]):
                raise SearchError("a row stands on both sides")
        return super().fit(X, y)


@pytest.mark.parametrize("groups", [None, np.arange(60) // 2])
def test_copies_of_a_row_reach_the_engine_in_one_group(groups):
    X, y = planted(0.3)
    problem = make_problem(X, y, task="regression", groups=groups)
    known = make_problem(X, y, task="regression", groups=np.arange(60))
    engine = Engine("best", "Best", Watching(), "")
    found = stability(
        [engine], problem, compared([engine], known), bootstraps=5, runner=Runner()
    )
    assert found.draws["failure"].tolist() == [""] * 5


class Failing(BestColumn):
    """Fails on the rows of some bootstraps."""

    def fit(self, X, y, groups=None):
        if len(set(X.index)) < 0.63 * len(X):
            raise SearchError("nothing found")
        return super().fit(X, y)


def test_a_search_that_fails_is_told_and_the_others_are_counted():
    X, y = planted(0.3)
    engine = Engine("best", "Best", Failing(), "")
    found = run([engine], make_problem(X, y, task="regression"), count=12)
    failed = (found.draws["failure"] == "nothing found").sum()
    assert 0 < failed < 12
    assert found.draws["score"].isna().sum() == failed
    assert (over(found.formulas)["n"] == 12 - failed).all()


def test_a_relative_that_takes_turns_is_named():
    rng = np.random.default_rng(0)
    a = rng.normal(size=80)
    # neither r is beyond the filter's bound, and both tell the target as well
    X = pd.DataFrame(
        {"a": a, "b": a + rng.normal(0, 0.3, 80), "x": rng.normal(size=80)}
    )
    y = (X["a"] + X["b"]).to_numpy()
    problem = make_problem(X, y, task="regression", threshold=0.99)
    found = run([Engine("best", "Best", BestColumn(), "")], problem, count=20)
    rows = over(found.descriptors).set_index("name")
    assert 0 < rows.loc["b", "share"] < 1
    assert rows.loc["b", "share_or_relative"] == 1
    assert rows.loc["b", "relatives"] == ("a",)
    assert rows.loc["a", "relatives"] == ("b",)


def test_the_one_that_the_filter_kept_speaks_for_the_one_it_took_out():
    rng = np.random.default_rng(0)
    a = rng.normal(size=80)
    X = pd.DataFrame(
        {"a": a, "b": a + rng.normal(0, 0.1, 80), "x": rng.normal(size=80)}
    )
    problem = make_problem(X, X["b"].to_numpy(), task="regression")
    text = parse("c0 + c1 * b", ["c0", "c1"])
    best = FormulaResult("best", "", 1, formula_of(text, ("b",), (0, 1), X), True)
    found = run([Engine("best", "Best", BestColumn(), "")], problem, [best], 5)
    rows = over(found.descriptors).set_index("name")
    assert rows.loc["b", "share"] == rows.loc["b", "kept"] == 0
    assert rows.loc["b", "share_or_relative"] == 1
    assert rows.loc["b", "relatives"] == ("a",)
    assert not over(found.formulas).set_index("printed").loc[True, "count"]


class Pole(RegressorMixin, BaseEstimator):
    """One family, with its constant at two places by turns."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y, groups=None):
        text = ("c0 + c1 * a / (c2 + b)", "c0 + c1 * (a / (1 + c2 * b))")
        expression = parse(text[self.random_state % 2], ["c0", "c1", "c2"])
        self.formula_ = formula_of(expression, ("a", "b"), (1, 2, 3), X)
        return self

    def predict(self, X):
        return self.formula_.evaluate(X)


def test_constants_inside_a_term_do_not_part_one_formula():
    X, y = planted(0.3)
    problem = make_problem(X, y, task="regression")
    comparison = compared([Engine("best", "Best", BestColumn(), "")], problem)
    found = stability(
        [Engine("pole", "Pole", Pole(), "")], problem, comparison, bootstraps=8
    )
    assert found.draws["formula"].nunique() == 2
    assert len(found.formulas) == 1
    assert found.formulas["count"].tolist() == [8]


def test_without_bootstraps_the_folds_are_counted_alone():
    X, y = planted(0.3)
    problem = make_problem(X, y, task="regression")
    found = run([sisso()], problem, count=0)
    assert not len(found.draws)
    assert not len(found.coefficients)
    assert found.formulas["count"].sum() == 3
