"""Importance on held-out rows: permutation, drop, drop by family."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression
from stand_ins import BestColumn, LogisticColumn, OneOver

from hecsr.baselines import MeanPredictor, black_box
from hecsr.descriptors.descriptor import Descriptor, DescriptorTable
from hecsr.errors import HecsrError, SearchError
from hecsr.importance.drop import drop_family_importance, drop_importance
from hecsr.importance.frozen import frozen
from hecsr.importance.permutation import permutation_importance, permutation_rises
from hecsr.importance.shapley import shap_importance
from hecsr.result import Competitor
from hecsr.validation.compare import Entrant, compare
from hecsr.validation.folds import k_fold
from hecsr.validation.parts import Runner
from hecsr.validation.problem import make_problem


def entrant(name, estimator, kind="black box"):
    return Entrant(Competitor(name, name, kind, "", name), estimator)


@pytest.fixture(scope="module")
def linear():
    """y = 3 a + b exactly; c is noise; a2 nearly repeats a."""
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 60))
    table = DescriptorTable(
        np.column_stack([a, b, c, a + 0.01 * c]),
        (
            Descriptor("a", family="A", rank=1),
            Descriptor("b", family="B"),
            Descriptor("c", family="C"),
            Descriptor("a2", family="A2"),
        ),
        tuple(f"s{i}" for i in range(60)),
    )
    problem = make_problem(table, 3 * a + b, task="regression")
    return compare(
        [
            entrant("line", LinearRegression()),
            entrant("best", BestColumn(), "formula"),
            entrant("mean", MeanPredictor(), "baseline"),
        ],
        problem,
        [k_fold(problem.y, n_splits=3, n_repeats=2)],
    )


def means(frame, competitor):
    own = frame[frame["competitor"] == competitor]
    return own.groupby("name")["value"].mean().to_dict()


def test_permutation_finds_the_slopes_of_a_linear_model(linear):
    found = permutation_importance(linear, n_repeats=100)
    assert set(found["competitor"]) == {"line", "best"}
    own = found[(found["competitor"] == "line") & (found["method"] == "permutation")]
    assert len(own) == 3 * 6
    # the model is exact, so the rise is slope times the mean difference of two draws
    for kept in linear.models:
        if kept.entrant.competitor.name != "line":
            continue
        split = kept.record.split
        rows = own[
            (own["repeat"] == split.repeat) & (own["fold"] == split.fold)
        ].set_index("name")["value"]
        held = linear.problem.frame.iloc[split.test]
        for name, slope in (("a", 3.0), ("b", 1.0)):
            x = held[name].to_numpy()
            expected = slope * np.abs(x[:, None] - x).mean()
            assert rows[name] == pytest.approx(expected, rel=0.1)
        assert rows["c"] == pytest.approx(0, abs=1e-12)


def test_a_column_that_a_formula_does_not_use_has_no_permutation_importance(linear):
    found = means(permutation_importance(linear, ["best"]), "best")
    assert found["a"] > 1
    assert found["b"] == found["c"] == 0


def test_permutation_is_the_same_whatever_stands_beside_a_column():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 2)), columns=["a", "b"])
    y = X["a"].to_numpy()
    options = {"fill": 0.0, "n_repeats": 5, "seed": (0,)}
    one = permutation_rises(
        LinearRegression().fit(X[["a"]], y), X[["a"]], y, "regression", **options
    )
    two = permutation_rises(LinearRegression().fit(X, y), X, y, "regression", **options)
    assert one["a",] == pytest.approx(two["a",])


def test_a_permuted_formula_that_becomes_undefined_takes_the_training_mean():
    X = pd.DataFrame({"a": [0.0, 1.0]})
    model = OneOver().fit(X, None)
    y = np.array([5.0, 1.0])
    rises = permutation_rises(
        model, X, y, "regression", fill=5.0, n_repeats=50, seed=(0,)
    )
    # exact as it stands; swapped rows give 1 for 5 and 5 for 1
    assert rises["a",] == pytest.approx(4.0 * round(rises["a",] / 4.0 * 50) / 50)
    assert 0 < rises["a",] < 4


def test_dropping_a_column_leaves_the_error_of_the_rest(linear):
    found = drop_importance(linear, ["line"], first_repeat_only=False)
    assert len(found) == 3 * 6
    frame, y = linear.problem.frame, linear.problem.y
    kept = next(m for m in linear.models if m.entrant.competitor.name == "line")
    split = kept.record.split
    without = LinearRegression().fit(
        frame[["b", "c"]].iloc[split.train], y[split.train]
    )
    error = np.abs(
        without.predict(frame[["b", "c"]].iloc[split.test]) - y[split.test]
    ).mean()
    value = found.query("name == 'a' and repeat == 0 and fold == 0")["value"].item()
    assert value == pytest.approx(error, abs=1e-10)


def test_a_formula_engine_searches_again_without_the_column(linear):
    found = means(drop_importance(linear, ["best"]), "best")
    assert found["a"] > found["c"]
    # what the formula does not use is not missed, though the search ran again
    assert found["b"] == found["c"] == 0


def test_a_dropped_family_lets_its_relatives_back_in(linear):
    assert all("a2" not in r.columns for r in linear.records)
    alone = means(drop_importance(linear, ["line"]), "line")
    family = means(drop_family_importance(linear, ["line"]), "line")
    assert set(family) == {"A", "B", "C", "A2"}
    assert alone["a"] > 1
    assert family["A"] < 0.1
    assert family["A2"] == 0
    assert family["B"] == pytest.approx(alone["b"])


def test_without_any_column_left_there_is_no_number():
    X = pd.DataFrame({"a": np.arange(12.0)})
    y = X["a"].to_numpy() ** 2
    problem = make_problem(X, y, task="regression")
    found = compare(
        [entrant("line", LinearRegression())], problem, [k_fold(y, n_splits=3)]
    )
    assert drop_importance(found)["value"].isna().all()
    assert drop_family_importance(found)["value"].isna().all()


class NeedsTwo(RegressorMixin, BaseEstimator):
    """Refuses a single column, as an engine may."""

    def fit(self, X, y):
        if X.shape[1] < 2:
            raise SearchError("nothing to find")
        self.mean_ = np.mean(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


def test_a_search_that_finds_nothing_without_a_column_gives_no_number():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 2)), columns=["a", "b"])
    y = X["a"].to_numpy()
    found = compare(
        [entrant("two", NeedsTwo())],
        make_problem(X, y, task="regression"),
        [k_fold(y, n_splits=3)],
    )
    assert drop_importance(found)["value"].isna().all()


def test_classes_are_explained_by_the_brier_score():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"])
    y = (X["a"] > 0).astype(float).to_numpy()
    found = compare(
        [entrant("logistic", LogisticColumn(), "formula")],
        make_problem(X, y, task="classification"),
        [k_fold(y, n_splits=2, stratified=True)],
    )
    values = permutation_importance(found, n_repeats=200)
    kept = found.models[0]
    test = kept.record.split.test
    p = kept.model.predict_proba(X.iloc[test])[:, 1]
    expected = ((p[:, None] - y[test]) ** 2).mean() - ((p - y[test]) ** 2).mean()
    value = values.query("name == 'a' and fold == 0 and method == 'permutation'")[
        "value"
    ].item()
    assert value == pytest.approx(expected, rel=0.1)


def test_importances_do_not_depend_on_the_number_of_workers():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(30, 3)), columns=list("abc"))
    y = X["a"].to_numpy() + 0.1 * rng.normal(size=30)
    forest = black_box("random_forest", "regression").set_params(
        grid={"model__min_samples_leaf": (1, 3)}, final={"model__n_estimators": 10}
    )
    found = compare(
        [entrant("rf", forest), entrant("best", BestColumn(), "formula")],
        make_problem(X, y, task="regression"),
        [k_fold(y, n_splits=2)],
    )
    state = np.random.get_state()[1].copy()
    for measure in (permutation_importance, drop_importance, drop_family_importance):
        one, two = (measure(found, runner=Runner(n_jobs=n)) for n in (1, 2))
        pd.testing.assert_frame_equal(one, two)
    _, one = shap_importance(found, runner=Runner(n_jobs=1))
    # threads: a process would spend its time on importing shap
    with parallel_config("threading", n_jobs=2):
        _, two = shap_importance(found)
    pd.testing.assert_frame_equal(one, two)
    assert (np.random.get_state()[1] == state).all()


def test_frozen_keeps_the_choices_of_the_fold():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    y = X["a"].to_numpy() ** 2
    model = black_box("random_forest", "regression").fit(X, y)
    again = frozen(model).fit(X, y)
    assert again.grid == {}
    assert np.array_equal(again.predict(X), model.predict(X))
    engine = BestColumn(max_terms=3, inner_folds=5).fit(X, y)
    assert frozen(engine).get_params() == {"max_terms": 1, "inner_folds": 0}
    assert isinstance(frozen(LinearRegression().fit(X, y)), LinearRegression)


def test_names_that_were_not_kept_are_refused(linear):
    with pytest.raises(HecsrError, match="did you mean 'line'"):
        permutation_importance(linear, ["lines"])
    bare = replace(linear, models=())
    with pytest.raises(HecsrError, match="no fitted models were kept"):
        drop_importance(bare)
