"""The applicability domain: places relative to the training rows, errors by place."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.linear_model import LinearRegression
from stand_ins import BestColumn, LogisticColumn, OneOver

from hecsr.errors import HecsrError
from hecsr.result import Competitor
from hecsr.validation.applicability import _with_errors, applicability, leverages
from hecsr.validation.compare import Entrant, compare
from hecsr.validation.folds import k_fold
from hecsr.validation.inside_outside import compared_places, rank_correlations
from hecsr.validation.leave_out import leave_out
from hecsr.validation.parts import Runner, Store
from hecsr.validation.problem import make_problem

ROWS = 80


def entrant(name, estimator, kind):
    return Entrant(Competitor(name, name.title(), kind, "", name), estimator)


@pytest.fixture(scope="module")
def curved():
    """A parabola, trained on its middle and asked about its end as well."""
    rng = np.random.default_rng(3)
    X = pd.DataFrame({"a": rng.uniform(0, 4, ROWS), "b": rng.normal(size=ROWS)})
    y = X["a"].to_numpy() ** 2 + 0.2 * rng.normal(size=ROWS)
    far = X["a"].to_numpy() > 3
    problem = make_problem(X, y, task="regression")
    ends = leave_out(
        {"far": far, "near": ~far & (X["b"].to_numpy() > 0)},
        y,
        name="ends",
        label="Ends",
        description="d",
    )
    field = [
        entrant("line", BestColumn(), "formula"),
        entrant("box", LinearRegression(), "black box"),
    ]
    return compare(field, problem, [k_fold(y, seed=1), ends])


@pytest.fixture(scope="module")
def placed(curved):
    return applicability(curved, draws=500)


def test_leverage_is_that_of_a_straight_line_by_hand():
    x = np.array([0.0, 1.0, 2.0, 5.0])
    design = np.column_stack([np.ones(4), x])
    new = np.array([[1.0, 2.0], [1.0, 10.0]])
    h, p = leverages(design, new)
    # 1 / n + (x - mean)^2 / sum of squares, mean 2 and sum 14
    assert p == 2
    assert h == pytest.approx([0.25, 0.25 + 64 / 14])
    assert leverages(design, design)[0].sum() == pytest.approx(2)


def test_columns_that_repeat_others_add_no_leverage():
    rng = np.random.default_rng(0)
    once = rng.normal(size=(20, 2))
    twice = np.column_stack([once, 1e6 * once[:, 0], np.zeros(20)])
    h, p = leverages(twice, twice)
    assert p == 2
    assert h == pytest.approx(leverages(once, once)[0])


def test_rows_beyond_the_training_rows_are_outside_and_their_error_is_larger(placed):
    found = placed
    far = found.places.query("scheme == 'ends' and fold == 0 and competitor == 'line'")
    assert not far["inside_ranges"].any()
    assert not far["inside_hull"].any()
    other = found.places.query("scheme != 'ends' and competitor == 'line'")
    assert far["distance"].median() > 1.3 * other["distance"].median()
    rows = found.summary.query("scheme == 'ends' and competitor == 'line'")
    of = rows.set_index("by")
    assert set(of.index) == {"ranges", "hull", "leverage", "distance"}
    assert of.loc["ranges", "shown"] == "larger"
    assert of.loc["ranges", "ratio_low"] > 1


def test_rows_among_the_training_rows_are_not_shown_to_differ():
    rng = np.random.default_rng(1)
    places = pd.DataFrame(
        {
            "scheme": "s",
            "competitor": "c",
            "repeat": 0,
            "fold": 0,
            "sample": np.arange(300),
            "loss": rng.random(300),
            "inside_ranges": rng.random(300) < 0.5,
            "inside_hull": pd.array([None] * 300, dtype="boolean"),
            "leverage": np.nan,
            "leverage_limit": np.nan,
            "distance": np.where(np.arange(300) < 3, 2.0, 0.5),
        }
    )
    found = compared_places(places, None).set_index("by")
    assert list(found.index) == ["ranges", "distance"]
    assert found.loc["ranges", "shown"] == "not shown"
    assert found.loc["distance", "shown"] == "too few"
    assert found.loc["distance", "n_outside"] == 3


def test_rows_of_one_group_count_as_one_witness():
    rng = np.random.default_rng(2)
    loss = np.repeat(rng.random(30), 10)
    places = pd.DataFrame(
        {
            "scheme": "s",
            "competitor": "c",
            "sample": np.arange(300),
            "loss": loss,
            "distance": loss + 0.5 * rng.random(300),
        }
    )
    alone = rank_correlations(places).iloc[0]
    together = rank_correlations(places, np.repeat(np.arange(30), 10)).iloc[0]
    assert alone["rho"] == together["rho"]
    assert together["low"] > 0
    width = together["high"] - together["low"]
    assert width > 1.5 * (alone["high"] - alone["low"])


def test_residuals_are_in_units_of_the_standard_error_of_a_new_row(curved, placed):
    found = placed.places.query("competitor == 'line'")
    record = curved.records[0]
    one = found.query("scheme == @record.scheme and repeat == 0 and fold == 0")
    x = curved.problem.frame["a"].to_numpy()
    y, train = curved.problem.y, record.split.train
    slope, level = np.polyfit(x[train], y[train], 1)
    left = y[train] - level - slope * x[train]
    s = np.sqrt((left**2).sum() / (len(train) - 2))
    test = one["sample"].to_numpy()
    away = (x[test] - x[train].mean()) ** 2 / ((x[train] - x[train].mean()) ** 2).sum()
    h = 1 / len(train) + away
    assert one["leverage"].to_numpy() == pytest.approx(h)
    assert one["leverage_limit"].to_numpy() == pytest.approx(6 / len(train))
    error = y[test] - level - slope * x[test]
    assert one["residual"].to_numpy() == pytest.approx(error / (s * np.sqrt(1 + h)))


def test_constants_inside_a_function_need_their_values_for_a_leverage(curved):
    choices = curved.choices.assign(formula="c0 + exp(c1 * a)", constants=None)
    unknown = applicability(replace(curved, choices=choices), draws=10).places
    line = unknown["competitor"] == "line"
    assert unknown.loc[line, "leverage"].isna().all()
    assert unknown.loc[line, "inside_hull"].notna().all()
    values = [{"c0": 0.0, "c1": 0.7}] * len(choices)
    known = choices.assign(constants=values)
    places = applicability(replace(curved, choices=known), draws=10).places
    one = places[(places["competitor"] == "line") & (places["scheme"] == "ends")]
    one = one[one["fold"] == 0]
    record = next(r for r in curved.records if r.scheme == "ends")
    a = curved.problem.frame["a"].to_numpy()
    slopes = np.column_stack([np.ones(ROWS), a * np.exp(0.7 * a)])
    h, _ = leverages(slopes[record.split.train], slopes[record.split.test])
    assert one["leverage"].to_numpy() == pytest.approx(h)
    assert one["residual"].notna().all()


def test_distance_leaves_out_the_own_group_of_training_rows():
    # every point twice: without groups each has a twin at no distance
    x = np.repeat(np.arange(20.0), 2)
    X = pd.DataFrame({"a": x})
    groups = np.repeat(np.arange(20), 2)
    field = [entrant("line", BestColumn(), "formula")]
    problem = make_problem(X, x**2, task="regression", groups=groups)
    splits = k_fold(x, groups=groups, seed=0)
    places = applicability(compare(field, problem, [splits]), neighbours=1).places
    # with twins among the training rows the usual distance would be nought
    assert np.isfinite(places["distance"]).all()
    assert places.loc[places["inside_ranges"], "distance"].between(0.1, 2).all()


def test_a_black_box_is_placed_by_every_descriptor_and_has_no_hull(placed):
    box = placed.places.query("competitor == 'box'")
    line = placed.places.query("competitor == 'line'")
    assert box["inside_hull"].isna().all()
    assert box["leverage"].isna().all()
    assert (~box["inside_ranges"]).sum() > (~line["inside_ranges"]).sum()
    assert box["distance"].to_numpy() == pytest.approx(line["distance"].to_numpy())


def test_classes_have_deviance_residuals_and_squared_errors():
    rng = np.random.default_rng(4)
    X = pd.DataFrame({"a": rng.normal(size=40)})
    y = (X["a"] + rng.normal(size=40) > 0).astype(int)
    field = [entrant("logistic", LogisticColumn(), "formula")]
    problem = make_problem(X, y, task="classification")
    found = applicability(compare(field, problem, [k_fold(y, stratified=True)]))
    one = found.places
    assert found.metric == "brier"
    error = one["observed"] - one["predicted"]
    assert one["loss"].to_numpy() == pytest.approx((error**2).to_numpy())
    want = np.sign(error) * np.sqrt(-2 * np.log(1 - error.abs()))
    assert one["leverage"].isna().all()  # the stand-in has no limit: no choice
    known = _with_errors(one.assign(leverage=0.1), "classification")
    assert known["residual"].to_numpy() == pytest.approx(want.to_numpy())


def test_a_formula_that_is_undefined_on_a_row_has_no_residual_there():
    a = np.r_[0.0, np.linspace(1, 3, 19)]
    X = pd.DataFrame({"a": a})
    y = 1 / np.maximum(a, 0.5)
    problem = make_problem(X, y, task="regression")
    held = compare([entrant("one", OneOver(), "formula")], problem, [k_fold(y)])
    places = applicability(held).places
    gap = places[places["replaced"]]
    assert len(gap) == 1
    assert gap["residual"].isna().all()
    assert not gap["inside_ranges"].any()


def test_a_resumed_comparison_and_any_workers_give_the_same_places(curved, tmp_path):
    problem = curved.problem
    field = [entrant("line", BestColumn(), "formula")]
    splits = k_fold(problem.y, seed=1)
    store = Store(tmp_path, "x")
    with parallel_config("threading"):
        first = compare(field, problem, [splits], runner=Runner(n_jobs=2, store=store))
    again = compare(field, problem, [splits], runner=Runner(store=store))
    one, two = applicability(first, draws=50), applicability(again, draws=50)
    for name in ("places", "summary", "ranks"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


def test_an_unknown_competitor_is_named(curved):
    with pytest.raises(HecsrError, match="no competitor 'lin'"):
        applicability(curved, competitors=["lin"])
    with pytest.raises(HecsrError, match="at least 1"):
        applicability(curved, neighbours=0)
