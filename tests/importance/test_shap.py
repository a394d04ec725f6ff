"""SHAP values add up, and agree with what can be computed by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from stand_ins import BestColumn, LogisticColumn, OneOver, formula_of

from hecsr.baselines import black_box
from hecsr.formula.expression import Binary, Constant, Variable
from hecsr.importance.explain import ShapBudget, explain
from hecsr.importance.in_sample import in_sample_importance
from hecsr.importance.shapley import shap_importance
from hecsr.result import Competitor
from hecsr.validation.compare import Entrant, compare
from hecsr.validation.folds import k_fold
from hecsr.validation.problem import make_problem

rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
Y = 2 * X["a"].to_numpy() - X["b"].to_numpy()
CLASS = (Y > 0).astype(int)


def explained(model, task="regression", rows=X.iloc[:6], **options):
    return explain(model, rows, X, task, fill=float(Y.mean()), **options)


def small(box, **grid):
    return box.set_params(grid={}, final={**grid})


def test_a_linear_model_gives_slope_times_deviation_from_the_background():
    found = explained(LinearRegression().fit(X, Y), budget=ShapBudget(40, 1))
    background = X.mean()
    assert found.method == "permutation"
    for j, (name, slope) in enumerate((("a", 2.0), ("b", -1.0), ("c", 0.0))):
        expected = slope * (X[name].iloc[:6] - background[name])
        assert np.allclose(found.values[:, j], expected, atol=1e-10)


@pytest.mark.parametrize(
    ("model", "task", "method"),
    [
        (
            small(black_box("random_forest", "regression"), model__n_estimators=20),
            "regression",
            "tree",
        ),
        (
            small(black_box("random_forest", "classification"), model__n_estimators=20),
            "classification",
            "tree",
        ),
        (
            black_box("random_forest", "regression").set_params(
                grid={"descriptors": (PCA(2),), "model__n_estimators": (5,)}, final={}
            ),
            "regression",
            "permutation",
        ),
        (
            small(black_box("mlp", "regression"), regressor__model__n_estimators=2),
            "regression",
            "permutation",
        ),
        (
            small(black_box("mlp", "classification"), model__n_estimators=2),
            "classification",
            "permutation",
        ),
        (small(black_box("gradient_boosting", "regression")), "regression", "tree"),
        (
            small(black_box("gradient_boosting", "classification")),
            "classification",
            "tree with background",
        ),
        (small(black_box("decision_tree", "classification")), "classification", "tree"),
        (BestColumn(), "regression", "exact"),
        (LogisticColumn(), "classification", "exact"),
    ],
)
def test_values_add_up_to_the_prediction(model, task, method):
    model.fit(X, Y if task == "regression" else CLASS)
    found = explained(model, task, budget=ShapBudget(10, 1))
    assert found.method == method
    rows = X.iloc[:6]
    shown = (
        model.predict(rows) if task == "regression" else model.predict_proba(rows)[:, 1]
    )
    assert np.allclose(found.base + found.values.sum(axis=1), shown, atol=1e-8)


def test_a_formula_is_explained_by_its_own_variables_only():
    found = explained(BestColumn().fit(X, Y))
    assert (found.values[:, 1:] == 0).all()
    assert np.abs(found.values[:, 0]).min() > 0


def test_a_product_shares_its_interaction_equally():
    class Product:
        formula_ = formula_of(Binary("*", Variable("a"), Variable("b")), ("a", "b"), ())

        def predict(self, X):
            return self.formula_.evaluate(X)

    rows = pd.DataFrame({"a": [2.0], "b": [3.0]})
    zero = pd.DataFrame({"a": [0.0, 0.0], "b": [0.0, 0.0]})
    found = explain(Product(), rows, zero, "regression", fill=0.0)
    assert np.allclose(found.values, [[3.0, 3.0]])
    assert np.allclose(found.base, 0)


def test_the_mean_alone_explains_nothing():
    class Mean:
        formula_ = formula_of(Constant("c0"), (), (4.0,))

        def predict(self, X):
            return self.formula_.evaluate(X)

    found = explained(Mean())
    assert (found.values == 0).all()
    assert (found.base == 4).all()


def test_an_undefined_mixture_takes_the_training_mean():
    training = pd.DataFrame({"a": [0.0, 2.0]})
    model = OneOver().fit(training, None)
    found = explain(model, pd.DataFrame({"a": [1.0]}), training, "regression", fill=7.0)
    assert np.allclose(found.base, (7.0 + 0.5) / 2)
    assert np.allclose(found.values, 1 - (7.0 + 0.5) / 2)


def test_the_seed_decides_and_the_global_generator_is_left_alone():
    model = LinearRegression().fit(X, Y)
    before = np.random.get_state()[1].copy()
    one, two = (explained(model, budget=ShapBudget(10, 1), seed=5) for _ in range(2))
    assert np.array_equal(one.values, two.values)
    assert (np.random.get_state()[1] == before).all()
    other = explained(model, budget=ShapBudget(10, 1), seed=6)
    assert not np.allclose(one.base, other.base)


def test_every_fold_explains_its_own_held_out_rows():
    table = X.assign(a2=X["a"] + 1e-3 * X["c"])
    # in the rows 0 to 19 the copy is no copy, so that only some folds remove it
    table.loc[:19, "a2"] = rng.normal(size=20)
    problem = make_problem(table, Y, task="regression", threshold=0.5)
    entrant = Entrant(Competitor("line", "Line", "black box", ""), LinearRegression())
    comparison = compare([entrant], problem, [k_fold(Y, n_splits=4)])
    (shown,), frame = shap_importance(comparison)
    assert shown.values.shape == shown.data.shape
    assert sorted(shown.values.index.get_level_values("sample")) == list(range(40))
    for record in comparison.records:
        fold = record.split.fold
        own = shown.values.xs(fold, level="fold")
        removed = set(table.columns) - set(record.columns)
        assert own.notna().all().sum() == len(record.columns)
        for name in removed & set(own.columns):
            assert own[name].isna().all()
        for name in record.columns:
            line = frame.query("fold == @fold and name == @name")
            assert line["value"].item() == pytest.approx(own[name].abs().mean())
    assert shown.explains.startswith("predicted value (permutation method, 40 training")


def test_in_sample_importance_covers_the_formulas_variables():
    problem = make_problem(X, Y, task="regression")
    formula = BestColumn().fit(X, Y).formula_
    found = in_sample_importance(formula, problem, "best")
    assert found[["method", "name", "fold"]].values.tolist() == [
        ["permutation", "a", -1],
        ["shap", "a", -1],
    ]
    assert (found["value"] > 1).all()


def test_in_sample_importance_of_a_classifier_explains_its_probability():
    problem = make_problem(X, CLASS, task="classification")
    formula = LogisticColumn().fit(X, CLASS).formula_
    found = in_sample_importance(formula, problem, "best").set_index("method")["value"]
    assert 0 < found["permutation"] < 1
    assert 0 < found["shap"] < 0.5
