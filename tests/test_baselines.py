"""Rules on compositions whose class is known, and black boxes at work."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge

from hecsr.baselines import (
    BLACK_BOXES,
    ChromiumFraction,
    ChromiumProduct,
    CrWithZrHf,
    MajorityClass,
    MeanPredictor,
    OneRule,
    PairRule,
    PowerLaw,
    ShallowTree,
    ThresholdRule,
    Tuned,
    black_box,
    black_box_description,
)
from hecsr.errors import HecsrError

# (composition, class): Cr0.2 with Zr or Hf, little Cr, Cr alone, none
FRACTIONS = pd.DataFrame(
    [
        {"x_Cr": 0.2, "x_Zr": 0.2, "x_Hf": 0.2},
        {"x_Cr": 0.2, "x_Zr": 0.2, "x_Hf": 0.0},
        {"x_Cr": 0.06, "x_Zr": 0.13, "x_Hf": 0.13},
        {"x_Cr": 0.25, "x_Zr": 0.0, "x_Hf": 0.0},
        {"x_Cr": 0.0, "x_Zr": 0.2, "x_Hf": 0.2},
    ]
)
LABELS = np.array([0, 0, 1, 1, 1])


def test_chromium_with_zirconium_or_hafnium_is_multi_phase():
    rule = CrWithZrHf().fit(FRACTIONS, LABELS)
    assert rule.predict(FRACTIONS).tolist() == [0, 0, 0, 1, 1]


def test_the_fitted_chromium_rules_let_a_little_pass():
    product = ChromiumProduct().fit(FRACTIONS, LABELS)
    assert product.predict(FRACTIONS).tolist() == LABELS.tolist()
    # 0.06 * 0.26 = 0.0156 passes, 0.2 * 0.2 = 0.04 does not
    assert product.threshold_ == pytest.approx((0.0156 + 0.04) / 2)
    share = ChromiumFraction().fit(FRACTIONS, LABELS)
    assert share.predict(FRACTIONS).tolist() == LABELS.tolist()
    assert share.threshold_ == pytest.approx(0.13)
    assert "found on these labels" in product.description
    assert "found on these labels" in share.description
    assert "found" not in CrWithZrHf.description


def test_an_element_without_a_column_is_absent():
    rule = CrWithZrHf().fit(FRACTIONS, LABELS)
    assert rule.predict(FRACTIONS[["x_Cr", "x_Zr"]]).tolist() == [0, 0, 0, 1, 1]
    with pytest.raises(HecsrError, match="need the element fractions"):
        rule.predict(pd.DataFrame({"vec": [8.0]}))


def test_a_given_threshold_is_not_fitted_and_is_silent_where_unknown():
    rule = ThresholdRule("efa", threshold=45, direction="above")
    table = pd.DataFrame({"efa": [44.9, 45.0, np.nan, 100.0]})
    found = rule.fit(table, [1, 0, 1, 0]).predict(table)
    assert found[[0, 1, 3]].tolist() == [0, 1, 1]
    assert np.isnan(found[2])
    assert rule.label == "EFA ≥ 45"
    assert rule.description.startswith("single-phase if and only if efa ≥ 45; ")
    assert "not fitted" in rule.description


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        (ThresholdRule("efa_predicted", direction="above"), "Predicted EFA ≥ t"),
        (ThresholdRule("vec"), "VEC on one side of t"),
        (ThresholdRule("entropy"), "Mixing entropy on one side of t"),
        (ThresholdRule("a_column", direction="below"), "A_column < t"),
        (PairRule("omega_inverse", "delta"), "Inverse Omega and size mismatch below t"),
        (PowerLaw("load"), "Load alone"),
    ],
)
def test_a_rule_is_printed_in_words(rule, label):
    assert rule.label == label


@pytest.mark.parametrize("direction", [None, "below"])
def test_a_threshold_and_its_side_are_found(direction):
    table = pd.DataFrame({"delta": [1.0, 2.0, 3.0, 6.0, 7.0, np.nan]})
    rule = ThresholdRule("delta", direction=direction)
    rule.fit(table, [1, 1, 1, 0, 0, 0])
    assert (rule.threshold_, rule.direction_) == (4.5, "below")


def test_a_rule_known_for_one_class_only_stays_silent():
    table = pd.DataFrame({"efa": [50.0, 60.0, np.nan]})
    rule = ThresholdRule("efa").fit(table, [1, 1, 0])
    assert np.isnan(rule.predict(table)).all()


def test_a_threshold_is_balanced_between_the_classes():
    # one of ten positives above 0.5 against the only negative: accuracy would give
    # the negative up, balance does not
    table = pd.DataFrame({"v": [0.0] * 8 + [1.0, 1.0] + [1.0]})
    rule = ThresholdRule("v", direction="below").fit(table, [1] * 10 + [0])
    assert rule.predict(table).tolist() == [1] * 8 + [0] * 3


def test_the_simplest_guesses():
    X = pd.DataFrame({"a": np.zeros(4)})
    assert MeanPredictor().fit(X, [1, 2, 3, 6]).predict(X).tolist() == [3] * 4
    guess = MajorityClass().fit(X, [1, 1, 1, 0])
    assert guess.predict(X).tolist() == [1] * 4
    assert guess.predict_proba(X)[0].tolist() == [0.25, 0.75]


def test_a_power_law_is_recovered():
    load = np.array([0.5, 1, 2, 5, 10, 20])
    table = pd.DataFrame({"load": load})
    rule = PowerLaw("load").fit(table, 24 * load**-0.15)
    assert rule.b_ == pytest.approx(-0.15)
    assert rule.predict(pd.DataFrame({"load": [100.0]}))[0] == pytest.approx(
        24 * 100**-0.15
    )


def test_one_load_gives_its_mean():
    table = pd.DataFrame({"load": [9.8, 9.8, 9.8]})
    assert PowerLaw("load").fit(table, [20.0, 22, 24]).predict(table)[0] == 22


def test_what_a_rule_cannot_read_is_refused():
    table = pd.DataFrame({"load": [0.0, 1.0]})
    with pytest.raises(HecsrError, match="positive values"):
        PowerLaw("load").fit(table, [1.0, 2.0])
    with pytest.raises(HecsrError, match="positive target"):
        PowerLaw("load").fit(table, [-1.0, 2.0])
    with pytest.raises(HecsrError, match="did you mean 'load'"):
        PowerLaw("laod").fit(table, [1.0, 2.0])
    with pytest.raises(HecsrError, match="neither 'above' nor 'below'"):
        ThresholdRule("load", direction="up").fit(table, [0, 1])


@pytest.mark.parametrize(
    "rule", [CrWithZrHf(), ThresholdRule("a", threshold=1.0), PowerLaw("a")]
)
def test_rules_clone(rule):
    assert clone(rule).get_params() == rule.get_params()


def groups_seen(tuned, X, y, groups):
    return [
        (set(groups[train]), set(groups[test]))
        for train, test in tuned._folds(np.asarray(y), groups)
    ]


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_tuning_keeps_groups_whole(task):
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(8), 3)
    X = rng.normal(size=(24, 2))
    y = X[:, 0] if task == "regression" else np.tile([0, 1, 1], 8)
    seen = groups_seen(Tuned(Ridge(), {}, task=task), X, y, groups)
    assert len(seen) == 3
    assert all(not train & test for train, test in seen)


def test_tuning_takes_the_parameter_of_least_inner_error():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = X @ [1.0, 2.0, 3.0]
    model = Tuned(Ridge(), {"alpha": [1e3, 1e-6, 1.0]}).fit(X, y)
    assert model.best_params_ == {"alpha": 1e-6}
    assert model.best_error_ < 1e-4
    assert not hasattr(model, "predict_proba")


def test_fewer_members_than_inner_folds_lower_their_number():
    X = np.arange(12.0)[:, None]
    y = np.array([0, 0] + [1] * 10)
    tuned = Tuned(Ridge(), {}, task="classification")
    assert len(tuned._folds(y, None)) == 2
    with pytest.raises(HecsrError, match="too few rows, groups or members"):
        Tuned(Ridge(), {"alpha": [1]}, task="classification").fit(X, [0] + [1] * 11)


def untuned(box):
    """One value per parameter, of the choice about components the components."""
    place = {
        n: -1 if n.endswith("descriptors") else len(v) // 2 for n, v in box.grid.items()
    }
    return box.set_params(grid={n: [box.grid[n][i]] for n, i in place.items()})


@pytest.mark.parametrize("pca", [None, 0.9])
@pytest.mark.parametrize("name", [n for n in BLACK_BOXES if n != "naive_bayes"])
def test_black_boxes_learn_and_repeat(name, pca):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 3)), columns=list("abc"))
    y = 10 + 5 * X["a"].to_numpy() + 5 * (X["b"].to_numpy() > 0)
    box = black_box(name, "regression", 1, pca=pca)
    # one value per parameter: the test is of the pipeline, not of the search
    box = untuned(box)
    one, two = clone(box).fit(X, y).predict(X), clone(box).fit(X, y).predict(X)
    assert np.array_equal(one, two)
    assert np.abs(one - y).mean() < 0.5 * np.abs(y - y.mean()).mean()


@pytest.mark.parametrize("name", BLACK_BOXES)
def test_black_boxes_give_probabilities(name):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 2)), columns=list("ab"))
    y = (X["a"] > 0).astype(int).to_numpy()
    box = black_box(name, "classification")
    box = untuned(box)
    p = box.fit(X, y).predict_proba(X)
    assert p.shape == (40, 2)
    assert np.allclose(p.sum(axis=1), 1)
    assert ((p[:, 1] > 0.5) == y).mean() > 0.8


@pytest.mark.parametrize("task", ["regression", "classification"])
@pytest.mark.parametrize("name", [n for n in BLACK_BOXES if n != "naive_bayes"])
def test_the_description_prints_the_whole_grid(name, task):
    text = black_box_description(name, task)
    box = black_box(name, task)
    for key, values in box.grid.items():
        assert key.split("__")[-1] in text
        assert all(str(v) in text for v in values)
    assert "principal" not in text
    assert "their principal components (95% of" in black_box_description(
        name, task, pca=0.95
    )


@pytest.mark.parametrize("signal", ["many columns", "one column"])
def test_principal_components_are_taken_only_where_they_help(signal):
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(60, 1))
    if signal == "many columns":
        # forty noisy copies of what is asked for: their common part is it
        X, y = hidden + rng.normal(size=(60, 40)), hidden[:, 0]
    else:
        # components mix the column that matters with others that vary as much
        X = rng.normal(size=(60, 12)) + 3 * rng.normal(size=(60, 1))
        y = X[:, 0] - X[:, 1]
    box = black_box("linear", "regression", pca=0.6).fit(pd.DataFrame(X), y)
    steps = dict(box.best_estimator_.named_steps["descriptors"].get_params())
    assert ("components" in steps) == (signal == "many columns")


def test_a_black_box_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(HecsrError, match="did you mean 'random_forest'"):
        black_box("random_forrest", "regression")
    with pytest.raises(HecsrError, match="'naive_bayes' is for classes"):
        black_box("naive_bayes", "regression")


def _two_columns(n=80):
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.uniform(0, 1, (n, 3)), columns=["noise", "a", "b"])


def test_one_rule_finds_the_descriptor_the_side_and_the_threshold():
    X = _two_columns()
    rule = OneRule().fit(X, (X["b"] < 0.4).astype(int))
    assert (rule.column_, rule.direction_) == ("b", "below")
    assert rule.threshold_ == pytest.approx(0.4, abs=0.02)
    assert np.array_equal(rule.predict(X), (X["b"] < 0.4).to_numpy())


def test_a_pair_of_thresholds_is_fitted_together():
    X = _two_columns()
    single = ((X["a"] < 0.7) & (X["b"] < 0.6)).astype(int)
    rule = PairRule("a", "b").fit(X, single)
    assert np.array_equal(rule.predict(X), single)
    X.loc[0, "a"] = np.nan
    assert np.isnan(rule.predict(X)[0])


def test_a_tree_of_two_questions_gives_shares_of_its_leaves():
    X = _two_columns()
    single = ((X["a"] < 0.7) & (X["b"] < 0.6)).astype(int)
    tree = ShallowTree().fit(X, single)
    p = tree.predict_proba(X)
    assert tree.tree_.get_depth() == 2
    assert np.allclose(p.sum(axis=1), 1)
    assert np.array_equal(tree.predict(X), single)
