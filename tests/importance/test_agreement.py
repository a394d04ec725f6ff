"""Formulas and black boxes side by side: ranks, terms, curves."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau, spearmanr
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression
from stand_ins import BestColumn

from hecsr.formula.expression import Binary, Variable
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.importance.agreement import agreement
from hecsr.importance.clusters import clusters, correlated_pairs
from hecsr.importance.dependence import at_medians, local_effects, partial_dependence
from hecsr.importance.permutation import permutation_importance
from hecsr.importance.rank_agreement import kendall, rank_agreement, spearman
from hecsr.importance.shapley import shap_importance
from hecsr.result import Competitor, FormulaResult
from hecsr.validation.compare import Entrant, compare
from hecsr.validation.folds import k_fold
from hecsr.validation.parts import Runner, Store
from hecsr.validation.problem import make_problem

rng = np.random.default_rng(3)
N = 60
X = pd.DataFrame(rng.normal(size=(N, 3)), columns=list("abc"))
Y = 2 * X["a"].to_numpy() - X["b"].to_numpy()


def entrant(name, estimator, kind="black box"):
    return Entrant(Competitor(name, name, kind, "", name), estimator)


class MiddleOfCopies(RegressorMixin, BaseEstimator):
    """Reads three copies of a column and believes the middle one."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return X[["a", "twin", "third"]].median(axis=1).to_numpy()


@pytest.fixture(scope="module")
def twins():
    """Three near copies of a: what is lost of one the others tell."""
    near = {n: X["a"] + 1e-3 * rng.normal(size=N) for n in ("twin", "third")}
    problem = make_problem(X.assign(**near), X["a"], task="regression", threshold=1.0)
    return compare(
        [entrant("middle", MiddleOfCopies())], problem, [k_fold(Y, n_splits=3)]
    )


def test_shuffled_together_twins_tell_what_each_alone_does_not(twins):
    found = permutation_importance(twins, n_repeats=30)
    mean = found.groupby(["method", "name"])["value"].mean()
    for name in ("a", "twin", "third"):
        assert mean["permutation", name] == pytest.approx(0.0, abs=2e-3)
        assert ("permutation-group", name) not in mean
    assert mean["permutation-group", "a + twin + third"] > 0.5
    # one without relatives stands by itself, with the same number
    assert mean["permutation-group", "b"] == mean["permutation", "b"]


def test_clusters_join_what_is_correlated_on_average():
    a, b = rng.normal(size=(2, 200))
    table = pd.DataFrame({"a": a, "b": b, "minus": 0.1 * b - a, "flat": 1.0})
    assert clusters(table) == [("a", "minus"), ("b",), ("flat",)]
    assert clusters(table[["a"]]) == [("a",)]
    (pair,) = correlated_pairs(table).to_dict("records")
    assert (pair["first"], pair["second"]) == ("a", "minus")
    assert pair["pearson"] == pytest.approx(np.corrcoef(a, 0.1 * b - a)[0, 1])


def test_rank_correlations_are_those_of_scipy():
    one, two = rng.normal(size=(2, 4, 9))
    one[:, :3] = 0.0  # ties, as a formula has
    for i in range(4):
        expected = spearmanr(one[i], two[i])[0]
        assert spearman(one, two)[i] == pytest.approx(expected)
        expected = kendalltau(one[i], two[i])[0]
        assert kendall(one, two)[i] == pytest.approx(expected)
    assert np.isnan(spearman(np.ones((1, 4)), two[:1, :4])).all()


def tidy(**by_competitor):
    """One line for each name and fold, the fold shifting the values a little."""
    return pd.DataFrame(
        [
            (who, "permutation", name, 0, fold, value + 0.1 * fold * (i % 2))
            for who, values in by_competitor.items()
            for fold in range(4)
            for i, (name, value) in enumerate(values.items())
        ],
        columns=["competitor", "method", "name", "repeat", "fold", "value"],
    )


def test_a_model_agrees_wholly_with_itself():
    values = {"a": 3.0, "b": 2.0, "c": 1.0, "d": 0.0}
    (found,) = rank_agreement(tidy(one=values, two=values), top=2).to_dict("records")
    for key in ("spearman", "spearman_low", "kendall", "kendall_high"):
        assert found[key] == pytest.approx(1.0)
    assert (found["shared"], found["of"], found["names"]) == (2, 2, 4)


def test_opposite_orders_disagree_and_unused_names_do_not_lead():
    one = {"a": 3.0, "b": 2.0, "c": 1.0, "d": -1.0}
    two = {"a": -4.0, "b": -3.0, "c": -2.0, "d": 5.0}
    (found,) = rank_agreement(tidy(one=one, two=two), top=3).to_dict("records")
    assert found["spearman"] == pytest.approx(-1.0)
    # of the second only d is of any importance, and the first makes nothing of it
    assert (found["shared"], found["of"]) == (0, 1)


def test_a_name_of_few_folds_and_a_single_fold_are_said():
    frame = tidy(one={"a": 2.0, "b": 1.0, "c": 0.0}, two={"a": 2.0, "b": 1.0, "c": 0})
    rare = frame[(frame["name"] != "c") | (frame["fold"] == 0)]
    assert rank_agreement(rare)["names"].item() == 2
    single = rank_agreement(frame[frame["fold"] == 0])
    assert single["spearman"].item() == pytest.approx(1.0)
    assert single["spearman_low"].isna().all()


def test_the_dependence_of_a_linear_model_is_its_line():
    model = LinearRegression().fit(X, Y)
    curve = partial_dependence(model.predict, X, "a")
    line = 2 * curve.grid - X["b"].mean()
    for found in (curve.mean, curve.low, curve.high):
        np.testing.assert_allclose(found, line, atol=1e-10)
    medians = at_medians(model.predict, X, "a", curve.grid)
    np.testing.assert_allclose(medians, 2 * curve.grid - X["b"].median(), atol=1e-10)
    edges, local = local_effects(model.predict, X, "a")
    np.testing.assert_allclose(np.diff(local) / np.diff(edges), 2.0)


def test_local_effects_do_not_leave_the_data_where_dependence_does():
    x = np.linspace(0, 1, 200)
    table = pd.DataFrame({"x": x, "z": x})

    def function(rows):
        # away from the line where all samples lie it is anything
        away = (rows["x"] - rows["z"]).abs() > 0.2
        return np.where(away, 100.0, rows["x"])

    edges, local = local_effects(function, table, "x")
    np.testing.assert_allclose(np.diff(local), np.diff(edges), atol=1e-12)
    assert partial_dependence(function, table, "x").mean.max() > 50


def test_undefined_predictions_do_not_count():
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [-1.0, 1.0, 2.0]})

    def root(rows):
        value = rows["a"] * rows["b"]
        return np.where(value > 0, np.sqrt(np.abs(value)), np.nan)

    curve = partial_dependence(root, table, "a", np.array([1.0, 4.0]))
    np.testing.assert_allclose(curve.mean, np.array([1, 2]) * (1 + 2**0.5) / 2)
    nothing = partial_dependence(lambda r: np.full(len(r), np.nan), table, "a")
    assert np.isnan(nothing.mean).all()


def printed(terms):
    columns = {c: X[c].to_numpy() for c in X}
    formula = fit_formula(
        terms, columns, Y, task="regression", target=Target("y"), descriptors={}
    )
    return FormulaResult("best", "Best", len(terms), formula, chosen=True)


@pytest.fixture(scope="module")
def explained():
    problem = make_problem(X, Y, task="regression")
    line = LinearRegression()
    comparison = compare(
        [entrant("line", line), entrant("best", BestColumn(), "formula")],
        problem,
        [k_fold(Y, n_splits=3)],
    )
    shap, of_shap = shap_importance(comparison)
    frames = [permutation_importance(comparison), of_shap]
    formula = printed([Variable("a"), Variable("b")])
    return comparison, [formula], pd.concat(frames, ignore_index=True), shap


def test_terms_of_the_same_law_follow_the_shap_values(explained):
    found = agreement(*explained, draws=20)
    assert found.box == "line"
    assert [t.names for t in found.terms] == [("a",), ("b",)]
    for term in found.terms:
        assert len(term.rows) == N
        assert term.pearson > 0.99
        slope = np.polyfit(term.rows["contribution"], term.rows["shap"], 1)[0]
        assert slope == pytest.approx(1.0, abs=0.1)
        assert term.shared == ()
    assert len(found.terms_frame()) == 2 * N


def test_formula_and_box_of_the_same_law_have_the_same_curves(explained):
    found = agreement(*explained, draws=0)
    for _, own in found.dependence.groupby("name"):
        np.testing.assert_allclose(own["formula"], own["box"], atol=1e-8)
    np.testing.assert_allclose(found.effects["formula"], found.effects["box"])
    assert list(found.samples) == ["a", "b"]
    assert found.ranks["spearman_low"].isna().all()


def test_a_descriptor_of_two_terms_is_named(explained):
    comparison, _, importance, shap = explained
    formulas = [printed([Variable("a"), Binary("*", Variable("a"), Variable("b"))])]
    found = agreement(comparison, formulas, importance, shap, draws=0)
    assert [t.shared for t in found.terms] == [("a",), ("a",)]
    assert found.terms[1].names == ("a", "b")


def test_without_a_black_box_the_formula_still_has_its_curve(explained):
    comparison, formulas, importance, shap = explained
    own = tuple(m for m in comparison.models if m.entrant.competitor.name == "best")
    alone = SimpleNamespace(problem=comparison.problem, models=own)
    found = agreement(alone, formulas, importance, shap, draws=0)
    assert found.box == ""
    assert found.terms == ()
    assert found.dependence["box"].isna().all()
    assert found.dependence["formula"].notna().all()


def test_relatives_are_the_other_ones_of_a_pair(twins):
    found = agreement(twins, [], permutation_importance(twins, n_repeats=1), ())
    assert {n for n, _ in found.relatives("twin")} == {"a", "third"}
    assert found.relatives("b") == []
    assert len(found.dependence) == 0


def test_a_stopped_explanation_goes_on_to_the_same(explained, tmp_path):
    comparison, formulas, _, _ = explained
    bare = tuple(
        SimpleNamespace(**vars(m) | {"model": None}) for m in comparison.models
    )
    resumed = SimpleNamespace(problem=comparison.problem, models=bare)
    kept = []
    for which in (comparison, resumed, resumed):
        runner = Runner(n_jobs=1, store=Store(tmp_path, "test"))
        if which is resumed and not kept[1:]:
            for path in list(tmp_path.rglob("*.json"))[::2]:
                path.unlink()
        shap, of_shap = shap_importance(which, runner=runner)
        importance = permutation_importance(which, runner=runner)
        whole = pd.concat([importance, of_shap], ignore_index=True)
        found = agreement(which, formulas, whole, shap, draws=5, runner=runner)
        kept.append((whole, found))
    for whole, found in kept[1:]:
        pd.testing.assert_frame_equal(whole, kept[0][0])
        pd.testing.assert_frame_equal(found.dependence, kept[0][1].dependence)
        pd.testing.assert_frame_equal(found.terms_frame(), kept[0][1].terms_frame())
