"""The comparison: same folds for all, nothing learnt from held-out rows."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from stand_ins import BestColumn, LogisticColumn, NoTerms, OneOver, Spy

from hecsr.baselines import (
    MajorityClass,
    MeanPredictor,
    OneRule,
    ThresholdRule,
    black_box,
)
from hecsr.descriptors.descriptor import Descriptor, DescriptorTable
from hecsr.errors import HecsrError, SearchError
from hecsr.result import Competitor
from hecsr.validation.compare import Entrant, compare
from hecsr.validation.folds import k_fold
from hecsr.validation.frames import sub_scores
from hecsr.validation.leave_out import leave_out
from hecsr.validation.parts import Runner
from hecsr.validation.problem import make_problem


def entrant(name, estimator, kind="black box", columns="filtered", engine=""):
    return Entrant(Competitor(name, name.title(), kind, "", engine), estimator, columns)


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(
        rng.normal(size=(30, 3)),
        columns=list("abc"),
        index=[f"s{i}" for i in range(30)],
    )
    y = 3 * X["a"].to_numpy() + 0.1 * rng.normal(size=30)
    return X, y


def frames_equal(one, two):
    for name in ("scores", "predictions", "undefined", "choices"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


def test_no_model_sees_a_row_it_is_scored_on(data):
    X, y = data
    groups = np.arange(30) // 2
    problem = make_problem(X, y, task="regression", groups=groups)
    splits = k_fold(y, groups=groups, n_repeats=2)
    found = compare([entrant("spy", Spy())], problem, [splits])
    assert len(found.models) == 10
    for kept in found.models:
        split, model = kept.record.split, kept.model
        assert model.fitted_.index.tolist() == split.train.tolist()
        assert (model.targets_ == y[split.train]).all()
        assert (model.groups_ == groups[split.train]).all()
        assert not set(model.groups_) & set(groups[split.test])


def test_the_filter_sees_training_rows_only():
    # b follows a everywhere but in the held-out rows, where it decides otherwise
    rng = np.random.default_rng(0)
    a = rng.normal(size=20)
    b = a.copy()
    b[:10] = rng.normal(size=10)
    X = pd.DataFrame({"a": a, "b": b})
    held = np.arange(20) < 10
    splits = leave_out(
        {"first": held, "last": ~held}, a, name="n", label="l", description="d"
    )
    found = compare(
        [entrant("spy", Spy())], make_problem(X, a, task="regression"), [splits]
    )
    assert [r.columns for r in found.records] == [("a",), ("a", "b")]
    assert found.records[0].removed[0].name == "b"


def test_scores_are_those_of_the_predictions(data):
    X, y = data
    problem = make_problem(X, y, task="regression")
    found = compare([entrant("mean", MeanPredictor())], problem, [k_fold(y)])
    held = found.predictions
    assert sorted(held["sample"]) == list(range(30))
    assert (held["composition"] == [f"s{i}" for i in held["sample"]]).all()
    for fold in range(5):
        rows = held[held["fold"] == fold]
        train = np.setdiff1d(np.arange(30), rows["sample"])
        assert np.allclose(rows["predicted"], y[train].mean())
        mae = np.abs(rows["observed"] - rows["predicted"]).mean()
        of_fold = found.scores[found.scores["fold"] == fold]
        line = of_fold.query("metric == 'mae'").iloc[0]
        assert line["value"] == pytest.approx(mae)
        assert line["n"] == len(rows)
    pooled = found.scores.query("fold == -1 and metric == 'mae'").iloc[0]
    assert pooled["value"] == pytest.approx(
        np.abs(held.observed - held.predicted).mean()
    )
    assert (pooled["n"], pooled["fold_label"]) == (30, "all")


def test_front_points_come_from_one_fit(data):
    X, y = data
    problem = make_problem(X, y, task="regression")
    engine = entrant("best", BestColumn(), kind="formula", engine="best")
    found = compare([engine, entrant("mean", MeanPredictor())], problem, [k_fold(y)])
    assert [c.name for c in found.competitors] == ["best", "best:0", "best:1", "mean"]
    assert [c.limit for c in found.competitors] == [None, 0, 1, None]
    assert found.competitors[1].kind == "front"
    held = {
        n: p["predicted"].to_numpy() for n, p in found.predictions.groupby("competitor")
    }
    assert np.allclose(held["best:0"], held["mean"])
    assert np.array_equal(held["best:1"], held["best"])
    assert found.choices["limit"].tolist() == [1] * 5
    assert set(found.choices["variables"]) == {("a",)}
    assert set(found.timings["competitor"]) == {"best", "mean"}


def test_a_shorter_front_stands_for_the_limits_it_did_not_reach(data):
    class Uneven(BestColumn):
        def fit(self, X, y, groups=None):
            super().fit(X, y)
            if 0 in X.index:
                self.front_ = self.front_[:1]
                self.formula_ = self.front_[0].formula
            return self

    X, y = data
    found = compare(
        [entrant("e", Uneven(), kind="formula")],
        make_problem(X, y, task="regression"),
        [k_fold(y)],
    )
    held = found.predictions.query("competitor == 'e:1'")
    assert len(held) == 30
    cut = [r.split.fold for r in found.records if 0 in r.split.train]
    for fold in cut:
        assert np.ptp(held.loc[held["fold"] == fold, "predicted"]) == 0


def test_an_undefined_prediction_is_replaced_counted_and_marked():
    X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 4.0, 5.0, 8.0]})
    y = np.arange(6.0)
    found = compare(
        [entrant("inverse", OneOver(), kind="formula")],
        make_problem(X, y, task="regression"),
        [k_fold(y, n_splits=3)],
    )
    held = found.predictions.set_index("sample")
    assert held["replaced"].tolist().count(True) == 1
    split = next(r.split for r in found.records if 0 in r.split.test)
    assert held.loc[0, "predicted"] == pytest.approx(y[split.train].mean())
    assert found.undefined.to_dict("records") == [
        {"scheme": "random-3-fold", "competitor": "inverse", "rows": 1, "of": 6}
    ]


def test_a_silent_rule_is_scored_on_its_own_rows_alone(data):
    X, _ = data
    y = (X["a"] > 0).astype(float).to_numpy()
    known = X["a"].where(np.arange(30) < 20).to_numpy()
    problem = make_problem(
        X[["b", "c"]], y, task="classification", extra=pd.DataFrame({"efa": known})
    )
    rule = ThresholdRule("efa", threshold=0.0, direction="above")
    found = compare(
        [entrant("efa", rule, kind="rule", columns="all")],
        problem,
        [k_fold(y, stratified=True)],
    )
    pooled = found.scores.query("fold == -1").set_index("metric")
    assert pooled.loc["accuracy", "value"] == 1
    assert (pooled["n"] == 20).all()
    assert np.isnan(pooled.loc["brier", "value"])
    assert found.undefined["rows"].tolist() == [10]
    assert found.hard == {"efa"}
    assert not found.predictions["replaced"].any()


def test_learners_never_see_the_columns_of_rules(data):
    X, y = data
    extra = pd.DataFrame({"secret": y})
    problem = make_problem(X, y, task="regression", extra=extra)
    found = compare([entrant("spy", Spy())], problem, [k_fold(y)])
    assert all("secret" not in m.model.fitted_ for m in found.models)


def test_the_result_does_not_depend_on_the_number_of_workers(data):
    X, y = data
    problem = make_problem(X, y, task="regression")
    field = [
        entrant("forest", RandomForestRegressor(10)),
        entrant("best", BestColumn(), kind="formula", engine="best"),
        entrant("mean", MeanPredictor(), kind="baseline"),
    ]
    schemes = [k_fold(y, n_splits=3), k_fold(y, n_splits=2).named("halves")]
    one = compare(field, problem, schemes, runner=Runner(n_jobs=1))
    with parallel_config("loky", n_jobs=2):
        two = compare(field, problem, schemes)
    frames_equal(one, two)
    assert {m.record.scheme for m in two.models} == {"random-3-fold"}
    other = compare(field, problem, schemes, runner=Runner(n_jobs=1), seed=1)
    assert not one.predictions["predicted"].equals(other.predictions["predicted"])


def test_the_progress_counts_every_fit(data):
    X, y = data
    calls = []
    compare(
        [entrant("mean", MeanPredictor()), entrant("line", LinearRegression())],
        make_problem(X, y, task="regression"),
        [k_fold(y)],
        runner=Runner(n_jobs=1, show=lambda *told, **_: calls.append(told[:3])),
    )
    assert calls == [("comparison", i, 10) for i in range(11)]


def test_black_boxes_take_part_in_a_classification(data):
    X, _ = data
    y = (X["a"] > 0).astype(float).to_numpy()
    field = [
        entrant("rf", black_box("random_forest", "classification")),
        entrant("logistic", LogisticColumn(), kind="formula"),
    ]
    found = compare(
        field,
        make_problem(X, y, task="classification", groups=np.arange(30) // 2),
        [k_fold(y, n_splits=2, stratified=True)],
    )
    auc = found.scores.query("fold == -1 and metric == 'auc'").set_index("competitor")
    assert auc.loc["logistic", "value"] == 1
    assert auc.loc["rf", "value"] > 0.9


def test_a_class_may_be_called_from_its_share_of_the_training_rows_on(data):
    X, _ = data
    y = (np.arange(30) % 5 > 0).astype(float)
    problem = make_problem(X, y, task="classification")
    splits = [k_fold(y, n_splits=3, stratified=True)]
    field = [
        entrant("share", MajorityClass(), kind="baseline"),
        entrant("hard", OneRule(), kind="rule"),
    ]
    found = compare(field, problem, splits, decision="share").predictions
    half = compare(field, problem, splits).predictions
    soft = found[found["competitor"] == "share"]
    for record in soft.groupby("fold"):
        rows = record[1]
        train = np.setdiff1d(np.arange(30), rows["sample"])
        assert np.allclose(rows["threshold"], y[train].mean())
    # classes have nothing to decide
    assert (found.loc[found["competitor"] == "hard", "threshold"] == 0.5).all()
    assert (half["threshold"] == 0.5).all()


def test_a_formula_without_terms_calls_as_the_constant_share_does(data):
    """The share itself is no less than the share, whatever the rounding."""
    X, _ = data
    y = (np.arange(30) % 10 < 7).astype(float)
    problem = make_problem(X, y, task="classification")
    alone = entrant("none", NoTerms())
    found = compare(
        [alone], problem, [k_fold(y, stratified=True)], decision="share"
    ).predictions
    called = found["predicted"] >= found["threshold"]
    assert called.all()


def test_a_failing_competitor_is_named_with_its_fold(data):
    class Fails(MeanPredictor):
        def fit(self, X, y):
            raise HecsrError("nothing found")

    X, y = data
    problem = make_problem(X, y, task="regression")
    with pytest.raises(SearchError, match="bad, random-5-fold, fold 1: nothing found"):
        compare([entrant("bad", Fails())], problem, [k_fold(y)])


def test_names_must_differ(data):
    X, y = data
    problem = make_problem(X, y, task="regression")
    twice = [entrant("mean", MeanPredictor())] * 2
    with pytest.raises(HecsrError, match="different names: mean"):
        compare(twice, problem, [k_fold(y)])
    with pytest.raises(HecsrError, match="at least one competitor"):
        compare([], problem, [k_fold(y)])


def test_a_fold_that_trains_on_one_class_is_refused(data):
    X, _ = data
    y = (np.arange(30) < 6).astype(float)
    splits = leave_out({"x": y == 1}, y, name="n", label="l", description="d")
    with pytest.raises(HecsrError, match="fold x: the training rows hold one class"):
        compare(
            [entrant("logistic", LogisticColumn())],
            make_problem(X, y, task="classification"),
            [splits],
        )


def test_a_descriptor_table_brings_its_families():
    table = DescriptorTable(
        np.arange(8.0).reshape(4, 2) ** 2,
        (Descriptor("mean", family="vec"), Descriptor("sd", family="vec")),
        ("A", "B", "C", "D"),
    )
    problem = make_problem(table, [1, 2, 3, 4], task="regression")
    assert problem.families == {"vec": ("mean", "sd")}
    assert problem.samples == ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [1.0] * 4}, "a constant target"),
        ({"y": [1.0, 2, 3]}, r"shape \(3,\) for 4 rows"),
        ({"y": [1.0, 2, 3, np.nan]}, "missing or infinite in 1 rows"),
        ({"y": [0, 1, 2, 1], "task": "classification"}, "must be 0 and 1"),
        ({"y": [1, 1, 1, 1], "task": "classification"}, "one class only"),
        ({"table": pd.DataFrame({"a": [1, np.nan, 2, 3]})}, "infinite in a"),
        ({"groups": [1]}, "1 groups are given for 4 rows"),
        ({"extra": pd.DataFrame({"z": [1]})}, "1 rows for the rules"),
    ],
)
def test_data_that_cannot_be_compared_are_refused(change, message):
    given = {
        "table": pd.DataFrame({"a": [1.0, 2, 3, 4]}),
        "y": [1.0, 2, 3, 4],
        "task": "regression",
    } | change
    with pytest.raises(HecsrError, match=message):
        make_problem(given.pop("table"), given.pop("y"), **given)


def test_parts_are_scored_by_repeat():
    held = pd.DataFrame(
        {
            "scheme": "s",
            "competitor": "m",
            "repeat": [0, 0, 0, 1, 1, 1],
            "fold": 0,
            "sample": [0, 1, 2, 2, 1, 0],
            "observed": [1.0, 2, 3, 3, 2, 1],
            "predicted": [2.0, 2, 5, 4, 2, 1],
            "threshold": 0.5,
        }
    )
    mask = np.array([True, False, True])
    found = sub_scores(held, {"part": mask, "none": ~mask & mask}, "regression")
    mae = found.query("metric == 'mae'").iloc[0]
    # absolute errors 1 and 2 in the first repeat, 1 and 0 in the second
    assert mae["value"] == pytest.approx((1.5 + 0.5) / 2)
    assert mae["sd"] == pytest.approx(np.std([1.5, 0.5], ddof=1))
    assert mae["n"] == 2
    assert set(found["part"]) == {"part"}
