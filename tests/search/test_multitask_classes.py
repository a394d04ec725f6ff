"""Families of classes, and numbers beside them, share the terms of a formula."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from hecsr.errors import SearchError
from hecsr.formula.fit import firth_logistic, fit_formula
from hecsr.formula.formula import Target
from hecsr.search.sisso.estimator import SissoClassifier
from hecsr.search.sisso.multitask import SissoMultiTask
from hecsr.search.sisso.multitask_classes import SissoMultiTaskClassifier
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.units import parse_unit

SMALL = {
    "space": SearchSpace(operators=("*", "/"), rungs=1),
    "budget": Budget(sis=8),
    "max_terms": 1,
}
FAMILIES = {"carbide": (1.0, 4.0), "nitride": (-1.0, 3.5), "oxide": (1.0, 5.0)}


def problem(n=40, noise=0.3, seed=0, columns=5):
    """Three families, rows mixed: a*b beyond another threshold in each."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(1, 3, (3 * n, columns))
    x = pd.DataFrame(x, columns=list("abcdefghijkl")[:columns])
    families = rng.permutation(np.repeat(list(FAMILIES), n))
    sign, limit = np.array([FAMILIES[f] for f in families]).T
    score = sign * (x.a * x.b - limit) + noise * rng.normal(size=3 * n)
    return x, np.where(score > 0, "single", "multi"), families


def companion(x, y, families, name="oxide"):
    """One family's classes become numbers of a law with the same term."""
    y = y.astype(object)
    own = families == name
    y[own] = (1e4 + 300 * x.a * x.b)[own]
    return y


def engine(**options):
    return SissoMultiTaskClassifier(**SMALL | {"inner_folds": 0} | options)


@pytest.mark.parametrize("inner_folds", [0, 3])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_one_family_is_plain_classification(inner_folds, class_weight):
    x, y, _ = problem()
    options = SMALL | {
        "max_terms": 2,
        "inner_folds": inner_folds,
        "class_weight": class_weight,
    }
    plain = SissoClassifier(**options).fit(x, y)
    found = SissoMultiTaskClassifier(**options).fit(x, y, np.zeros(len(x), int))
    assert found.formulas_[0] == plain.formula_
    if inner_folds:
        errors = [[p.error for p in of.front_] for of in (found, plain)]
        np.testing.assert_allclose(*errors, rtol=1e-12)
    for size, models in plain.models_.items():
        assert [m.text for m in found.models_[size]] == [m.text for m in models]
        np.testing.assert_allclose(
            [(m.aicc, m.bic, m.rmse, m.weight) for m in found.models_[size]],
            [(m.aicc, m.bic, m.rmse, m.weight) for m in models],
        )
    labels = np.zeros(len(x), int)
    np.testing.assert_array_equal(found.predict(x, labels), plain.predict(x))
    np.testing.assert_array_equal(
        found.decide(x, labels, costs=(3, 1)), plain.decide(x, costs=(3, 1))
    )


def test_shared_terms_are_found_where_each_family_alone_is_too_small():
    wrong = 0
    for seed in range(4):
        x, y, families = problem(n=20, noise=1.0, seed=seed, columns=12)
        found = engine(min_per_class=3).fit(x, y, families)
        for formula in found.formulas_.values():
            assert set(formula.names) == {"a", "b"}
        for family in FAMILIES:
            own = families == family
            alone = SissoClassifier(**SMALL, inner_folds=0).fit(x[own], y[own])
            wrong += set(alone.formula_.names) != {"a", "b"}
    assert wrong >= 3


def test_each_formula_is_the_penalised_fit_of_its_family():
    x, y, families = problem()
    found = engine(max_terms=2).fit(x, y, families)
    assert found.tasks_ == found.scored_tasks_ == ("carbide", "nitride", "oxide")
    for point in found.front_:
        for family, formula in point.formulas.items():
            own = families == family
            columns = {name: x.loc[own, name].to_numpy() for name in x}
            terms = [term.children[1] for term in formula.terms]
            alone = fit_formula(
                terms, columns, (y[own] == "single").astype(float),
                task="classification", target=Target("y"), descriptors={},
            )  # fmt: skip
            assert formula == alone
    slopes = {f: q.coefficients[1].value for f, q in found.front_[1].formulas.items()}
    assert slopes["nitride"] < 0 < min(slopes["carbide"], slopes["oxide"])


def test_tuples_are_in_order_of_the_joint_likelihood():
    x, y, families = problem(noise=0.8)
    y = companion(x + np.random.default_rng(3).normal(size=x.shape), y, families)
    found = engine(max_terms=2, numbers=("oxide",)).fit(x, y, families)
    values = []
    for model in found.models_[2]:
        total = 0.0
        for family, formula in model.formula.items():
            own = families == family
            value = formula.evaluate(x[own])
            if family == "oxide":
                rest = (y[own].astype(float) - value) ** 2
                total += own.sum() / 2 * np.log(rest.mean())
                continue
            # tuples are ranked by Firth's fit; the formula's level is its own
            columns = np.column_stack([*_standard(formula.terms, x[own], formula)])
            single = y[own] == "single"
            value = firth_logistic(columns, single.astype(float)).fitted
            p = np.where(single, value, 1 - value)
            design = np.column_stack([np.ones(own.sum()), columns])
            info = design.T @ (design * (value * (1 - value))[:, None])
            total -= np.log(p).sum() + 0.5 * np.linalg.slogdet(info)[1]
        values.append(total)
    assert len(values) > 20
    assert np.all(np.diff(values) > -1e-6)
    # 3 coefficients each, and a variance
    expected = 2 * 10 + 2 * 10 * 11 / (120 - 11) + 2 * np.subtract(values, values[0])
    aicc = [m.aicc for m in found.models_[2]]
    np.testing.assert_allclose(np.subtract(aicc, aicc[0]), expected - expected[0])


def _standard(terms, x, formula):
    from hecsr.formula.expression import evaluate

    columns = {name: x[name].to_numpy() for name in x}
    for term in terms:
        value = evaluate(term.children[1], columns)
        yield (value - value.mean()) / value.std()


def test_numbers_are_companions_of_classes():
    x, y, families = problem()
    y = companion(x, y, families)
    target = {"oxide": Target("H", unit=parse_unit("GPa"))}
    found = engine(numbers=("oxide",), target=target, inner_folds=3)
    found.fit(x, y, families)
    assert found.scored_tasks_ == ("carbide", "nitride", "oxide")
    number = found.formulas_["oxide"]
    assert (number.task, number.target.name) == ("regression", "H")
    assert number.coefficients[0].unit.text == "GPa"
    assert found.formulas_["carbide"].task == "classification"
    assert len({f.names for f in found.formulas_.values()}) == 1
    value = found.predict(x, families)
    own = families == "oxide"
    np.testing.assert_allclose(value[own].astype(float), y[own].astype(float))
    assert set(value[~own]) == {"multi", "single"}
    # of the mean alone numbers are as wrong as labels, whatever their unit
    other = y.copy()
    other[own] *= 1e-3
    again = clone(found).fit(x, other, families)
    np.testing.assert_allclose(
        [p.error for p in again.front_], [p.error for p in found.front_]
    )
    assert found.limit_ == 1
    assert 0.15 < found.front_[0].error < 0.35


def test_classes_that_are_numbers_stay_so_beside_numbers():
    x, y, families = problem()
    y = companion(x, (y == "single").astype(int), families).astype(float)
    found = engine(numbers=("oxide",)).fit(x, y, families)
    assert found.predict(x, families).dtype == np.float64
    np.testing.assert_array_equal(found.classes_, [0, 1])


def test_a_companion_finds_the_term_that_few_labels_do_not():
    wrong = 0
    for seed in range(4):
        x, y, families = problem(n=20, noise=1.5, seed=seed, columns=12)
        two = families != "nitride"
        y = companion(x, y, families)
        found = engine(numbers=("oxide",)).fit(x[two], y[two], families[two])
        assert set(found.formulas_["carbide"].names) == {"a", "b"}
        own = families == "carbide"
        alone = SissoClassifier(**SMALL, inner_folds=0).fit(x[own], y[own])
        wrong += set(alone.formula_.names) != {"a", "b"}
    assert wrong >= 2


def few_negatives(count):
    x, y, families = problem()
    own = np.flatnonzero(families == "oxide")
    y[own] = "single"
    y[own[np.argsort((x.a * x.b).to_numpy()[own])[:count]]] = "multi"
    return x, y, families


def test_a_family_with_few_of_a_class_lends_and_is_not_scored():
    x, y, families = few_negatives(2)
    found = engine(inner_folds=3).fit(x, y, families)
    assert found.tasks_ == ("carbide", "nitride", "oxide")
    assert found.scored_tasks_ == ("carbide", "nitride")
    assert found.formulas_["oxide"].names == found.formulas_["carbide"].names
    assert np.isfinite([c.value for c in found.formulas_["oxide"].coefficients]).all()
    two = families != "oxide"
    called = found.predict(x, families)
    assert found.score(x, y, families) == pytest.approx((called == y)[two].mean())
    every = engine(inner_folds=3, min_per_class=2).fit(x, y, families)
    assert every.scored_tasks_ == every.tasks_
    with pytest.raises(SearchError, match="no row is of a family that is scored"):
        found.score(x[~two], y[~two], families[~two])


def test_the_likelihood_of_a_lender_has_a_say_in_the_terms():
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.uniform(1, 3, (80, 3)), columns=list("abc"))
    families = np.repeat(["carbide", "oxide"], 40)
    # carbides cannot tell a from b
    x.loc[:39, "b"] = x.a[:40] + 1e-3 * rng.normal(size=40)
    y = np.where(x.a > 1.8, "single", "multi")
    for name in "ab":
        y[40:] = "single"
        y[40 + np.argsort(x[name].to_numpy()[40:])[:4]] = "multi"
        plain = SearchSpace(operators=("+",), rungs=0)
        found = engine(space=plain).fit(x, y, families)
        assert found.scored_tasks_ == ("carbide",)
        assert found.formulas_["carbide"].names == (name,)


def test_what_is_kept_does_not_depend_on_the_classes_of_lenders():
    x, y, families = few_negatives(2)
    other = y.copy()
    own = np.flatnonzero(families == "oxide")
    other[own] = y[own[::-1]]
    assert (other != y).sum() == 4
    options = {"budget": Budget(sis=3), "max_terms": 1}
    kept = [
        {m.text for m in engine(**options).fit(x, of, families).models_[1]}
        for of in (y, other)
    ]
    assert len(kept[0]) == 3
    assert kept[0] == kept[1]


def test_a_family_of_one_class_has_its_share_and_no_say():
    x, y, families = few_negatives(0)
    found = engine(max_terms=2, inner_folds=3).fit(x, y, families)
    assert found.scored_tasks_ == ("carbide", "nitride")
    alone = found.formulas_["oxide"]
    assert alone.names == ()
    n = (families == "oxide").sum()
    assert alone.evaluate(x[:1])[0] == pytest.approx((n + 0.5) / (n + 1))
    two = families != "oxide"
    without = clone(found).fit(x[two], y[two], families[two])
    for family in ("carbide", "nitride"):
        assert without.formulas_[family] == found.formulas_[family]
    assert [p.error for p in without.front_] == [p.error for p in found.front_]


def test_a_lender_too_small_for_the_terms_has_its_share():
    x, y, families = few_negatives(1)
    own = np.flatnonzero(families == "oxide")
    left = np.setdiff1d(np.arange(len(y)), own[y[own] == "single"][2:])
    x, y, families = x.iloc[left], y[left], families[left]
    assert (families == "oxide").sum() == 3
    found = engine(max_terms=2).fit(x, y, families)
    assert found.front_[1].formulas["oxide"].names
    assert found.front_[2].formulas["oxide"].names == ()


def test_lenders_are_in_every_training_part_but_for_groups_held_out():
    x, y, families = few_negatives(2)
    groups = np.arange(len(y)) // 4
    parts = []

    class Watched(SissoMultiTaskClassifier):
        def _splits(self, samples, groups, random_state):
            splits = super()._splits(samples, groups, random_state)
            parts.append((samples, groups, splits))
            return splits

    Watched(**SMALL, inner_folds=3).fit(x, y, families, groups)
    [(samples, own, splits)] = parts
    lent = np.flatnonzero(samples.codes == samples.labels.index("oxide"))
    for train, test in splits:
        assert not np.isin(test, lent).any()
        assert not set(own[train]) & set(own[test])
        kept = np.setdiff1d(lent, train)
        assert set(own[kept]) <= set(own[test])
        part = samples.rows(train)
        assert np.all(np.diff(part.edges) > 0)
    assert len({tuple(np.setdiff1d(lent, train)) for train, _ in splits}) > 1


def test_inner_folds_leave_every_task_enough_rows():
    x, y, families = problem()
    y = companion(x, y, families)
    own = np.flatnonzero(families == "oxide")
    kept = np.setdiff1d(np.arange(len(y)), own[4:])
    x, y, families = x.iloc[kept], y[kept], families[kept]
    options = {"numbers": ("oxide",), "max_terms": 2}
    assert engine(**options).fit(x, y, families).front_[2].formulas["oxide"].names
    with pytest.raises(SearchError, match="two inner folds train on 4 rows of every"):
        engine(**options, inner_folds=2).fit(x, y, families)
    with pytest.raises(SearchError, match="'oxide' has 4 samples, too few for 3"):
        engine(**options | {"max_terms": 3}).fit(x, y, families)


def test_members_of_a_class_are_counted_in_groups():
    x, y, families = problem()
    groups = np.arange(len(y))
    multi = (families == "oxide") & (y == "multi")
    groups[multi] = groups[multi] % 3
    assert multi.sum() > 5
    found = engine().fit(x, y, families, groups)
    assert found.scored_tasks_ == ("carbide", "nitride")


@pytest.mark.parametrize("class_weight", [None, "balanced", {"multi": 100.0}])
def test_separable_families_are_finite(class_weight):
    x, y, families = problem(noise=0.0)
    rare = np.flatnonzero((families == "oxide") & (y == "multi"))[2:]
    y[rare] = "single"
    found = engine(max_terms=2, inner_folds=3, class_weight=class_weight)
    found.fit(x, y, families)
    for point in found.front_:
        for formula in point.formulas.values():
            numbers = [(c.value, c.standard_error) for c in formula.coefficients]
            assert np.isfinite(numbers).all()
    assert found.score(x, y, families) > 0.95
    assert np.isfinite(found.predict_proba(x, families)).all()


def test_balanced_classes_are_those_within_each_scored_family():
    x, y, families = few_negatives(2)
    found = engine(class_weight="balanced").fit(x, y, families)
    shares = {f: q.evaluate(x[:1])[0] for f, q in found.front_[0].formulas.items()}
    assert shares["carbide"] == pytest.approx(0.5)
    assert shares["nitride"] == pytest.approx(0.5)
    assert shares["oxide"] == pytest.approx(38 / 40)


def test_the_order_of_the_rows_and_the_threads_do_not_matter():
    x, y, families = problem()
    y = companion(x + np.random.default_rng(3).normal(size=x.shape), y, families)
    mixed = np.random.default_rng(0).permutation(len(x))
    one = engine(max_terms=2, numbers=("oxide",)).fit(x, y, families)
    other = clone(one).set_params(n_jobs=2)
    other.fit(x.iloc[mixed], y[mixed], families[mixed])
    for family, formula in one.formulas_.items():
        assert other.formulas_[family].names == formula.names
        np.testing.assert_allclose(
            other.formulas_[family].evaluate(x), formula.evaluate(x)
        )
    folds = engine(numbers=("oxide",), inner_folds=3).fit(x, y, families)
    again = clone(folds).set_params(n_jobs=2).fit(x, y, families)
    assert again.front_ == folds.front_


def test_weights_of_zero_leave_rows_and_families_out():
    x, y, families = problem()
    weights = (families != "oxide") * np.arange(1.0, len(y) + 1)
    found = engine(inner_folds=3).fit(x, y, families, sample_weight=weights)
    assert found.tasks_ == ("carbide", "nitride")
    kept = weights > 0
    alone = clone(found).fit(
        x[kept], y[kept], families[kept], sample_weight=weights[kept]
    )
    assert alone.front_ == found.front_


def test_a_checkpoint_gives_the_same_result(tmp_path):
    x, y, families = problem()
    first = engine(max_terms=2).fit(x, y, families, checkpoint=tmp_path)
    again = engine(max_terms=2).fit(x, y, families, checkpoint=tmp_path)
    assert again.front_ == first.front_
    assert len(list(tmp_path.iterdir())) == 1
    engine(max_terms=2, min_per_class=11).fit(x, y, families, checkpoint=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_where_undefined_the_share_of_the_family_decides():
    x, _, families = problem()
    y = np.where((np.log(x.a) > 0.4) ^ (families == "oxide"), "single", "multi")
    space = SearchSpace(operators=("log",), rungs=1, max_complexity=1)
    found = engine(space=space).fit(x, y, families)
    beyond = x.assign(a=-1.0)
    assert np.isnan(found.predict_proba(beyond, families)).all()
    called = found.predict(beyond, families)
    assert set(called[families == "oxide"]) == {"multi"}
    assert set(called[families == "carbide"]) == {"single"}


def test_front_and_grid_search_work_as_with_other_engines():
    x, y, families = problem()
    assert is_classifier(engine())
    with config_context(enable_metadata_routing=True):
        search = engine().set_fit_request(tasks=True).set_score_request(tasks=True)
        grid = GridSearchCV(search, {"max_terms": [1, 2]}, cv=3)
        grid.fit(x, y, tasks=families)
    assert grid.best_score_ > 0.8
    found = grid.best_estimator_
    front = found.predict_front(x, families)
    np.testing.assert_array_equal(front[:, -1], found.predict_proba(x, families)[:, 1])


@pytest.mark.parametrize(
    ("options", "change", "words"),
    [
        ({"numbers": ("EFA",)}, None, "names 'EFA', but the tasks are carbide"),
        ({"numbers": "oxide"}, None, r"give a collection of tasks, as \('oxide',\)"),
        ({"numbers": tuple(FAMILIES)}, None, "every task has numbers"),
        ({"numbers": ("oxide",)}, None, "a target of numbers is none"),
        ({"min_per_class": 0}, None, "at least 1 is needed"),
        ({"min_per_class": 30}, None, "no family has 30 samples of both classes"),
        ({"class_weight": {"other": 2}}, None, "names 'other'"),
        ({}, lambda y, f: np.arange(120.0), "there are 120 .* named in numbers"),
        ({}, lambda y, f: np.where(f == "oxide", None, y), "a row of y has no value"),
        ({}, lambda y, f: np.full(120, "single"), "there are 1"),
        ({}, lambda y, f: y[:, None], "one target a row"),
    ],
)
def test_what_cannot_be_searched_is_refused(options, change, words):
    x, y, families = problem()
    y = y if change is None else change(y, families)
    with pytest.raises(SearchError, match=words):
        engine(**options).fit(x, y, families)


def test_unknown_families_and_probabilities_of_numbers_are_refused():
    x, y, families = problem()
    with pytest.raises(NotFittedError):
        engine().predict(x, families)
    y = companion(x, y, families)
    found = engine(numbers=("oxide",)).fit(x, y, families)
    with pytest.raises(SearchError, match="no task boride was fitted; there are carb"):
        found.predict(x, np.full(len(x), "boride"))
    with pytest.raises(SearchError, match="'oxide' has numbers"):
        found.predict_proba(x, families)
    own = families == "carbide"
    with pytest.raises(SearchError, match="two numbers, not negative"):
        found.decide(x[own], families[own], costs=(1, -1))
    assert isinstance(found, SissoMultiTaskClassifier)
    assert not isinstance(found, SissoMultiTask)


def test_a_constant_companion_is_named():
    x, y, families = problem()
    y = np.where(families == "oxide", 3.0, (y == "single").astype(float))
    with pytest.raises(SearchError, match="'oxide' holds one value only"):
        engine(numbers=("oxide",)).fit(x, y, families)
