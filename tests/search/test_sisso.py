"""Laws found, units and poles respected, results that do not depend on the units."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.formula.expression import Binary, Call, Power, walk
from hecsr.formula.formula import Target
from hecsr.formula.physics import unit_of
from hecsr.search.sisso.building.domain import descriptor_ranges
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.units import parse_unit

SMALL = Budget(sis=20)


def table(n=60, p=5, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.uniform(1, 3, (n, p)), columns=list("abcdefgh")[:p])


LAWS = {
    "one term": (1, 2, lambda x: 3 * x.a * x.b / x.c - 1),
    "two terms": (2, 2, lambda x: 2 * np.sqrt(x.a + x.b) + 5 * x.c / x.d**2 + 1),
    "a logarithm": (2, 2, lambda x: np.log(x.a / x.b) - 4 * x.c * x.d),
    "three terms": (3, 1, lambda x: x.a * x.b - 2 * x.c / x.d + 30 / x.e + 2),
    "absolute": (1, 1, lambda x: 7 - 2 * np.abs(x.a - x.b)),
}


@pytest.mark.parametrize("law", LAWS)
def test_planted_laws_are_found_and_hold_elsewhere(law):
    terms, rungs, truth = LAWS[law]
    x = table()
    found = SissoRegressor(
        space=SearchSpace(rungs=rungs),
        budget=Budget(sis=50),
        max_terms=terms,
        inner_folds=0,
    )
    found.fit(x, truth(x))
    fresh = table(n=1000, seed=1)
    np.testing.assert_allclose(found.predict(fresh), truth(fresh), rtol=1e-7)


def test_inner_folds_choose_the_number_of_terms():
    x = table(n=100)
    noise = 0.1 * np.random.default_rng(0).normal(size=len(x))
    y = x.a * x.b - 2 * x.c / x.d + noise
    found = SissoRegressor(space=SearchSpace(rungs=1), budget=SMALL).fit(x, y)
    assert found.limit_ == 2
    assert [p.limit for p in found.front_] == [0, 1, 2, 3]
    assert all(p.error_se > 0 for p in found.front_)
    np.testing.assert_array_equal(found.predict_front(x)[:, 2], found.predict(x))


def test_target_met_exactly_ends_the_front():
    x = table()
    found = SissoRegressor(budget=SMALL, inner_folds=3).fit(x, 2 * x.b + 1)
    assert len(found.front_) == 2
    assert found.formula_.to_text() == "1 + 2 * b"


def test_law_among_noise_is_not_preferred_to_the_mean():
    x = table()
    y = np.random.default_rng(5).normal(size=len(x))
    found = SissoRegressor(budget=SMALL, max_terms=2).fit(x, y)
    assert found.limit_ == 0
    assert found.predict(x) == pytest.approx(np.full(len(x), y.mean()))


def described(scale="pm"):
    kind = {"lower": 0.0, "reaches_zero": False}
    return (
        Descriptor("a", unit=parse_unit(scale), **kind),
        Descriptor("b", unit=parse_unit(scale), **kind),
        Descriptor("c", unit=parse_unit("kJ/mol")),
        Descriptor("d", lower=0.0, reaches_zero=True),
        Descriptor("load", unit=parse_unit("N"), scale=9.80665, **kind),
    )


def physical(n=60, seed=0):
    x = table(n, 5, seed)
    x.columns = ["a", "b", "c", "d", "load"]
    x["c"] -= 2
    x["d"] = (x.d - 1) / 10
    return x


def test_units_do_not_change_the_terms():
    x = physical()
    x["a"] *= 2
    y = 3 * x.a / x.b - 2 * x.c * (x.a - x.b) / x.load + 0.2 * np.sin(np.arange(60))
    options = {"budget": SMALL, "max_terms": 2, "inner_folds": 0}
    space = SearchSpace(max_complexity=4)
    metre = SissoRegressor(descriptors=described("m"), space=space, **options).fit(x, y)
    small = x.assign(a=x.a * 1e9, b=x.b * 1e9)
    nano = SissoRegressor(descriptors=described("nm"), space=space, **options)
    nano.fit(small, y)
    for one, other in zip(metre.front_, nano.front_, strict=True):
        assert one.formula.expression == other.formula.expression
        np.testing.assert_allclose(
            one.formula.evaluate(x), other.formula.evaluate(small), rtol=1e-9
        )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_term_is_lawful(seed):
    rng = np.random.default_rng(seed)
    x, units = physical(40, seed), {d.name: d.unit for d in described()}
    space = SearchSpace(
        operators=("+", "-", "*", "/", "|-|", "^-1", "sqrt", "log", "exp", "cbrt"),
        max_complexity=4,
    )
    found = SissoRegressor(
        space=space, budget=Budget(sis=10), inner_folds=0, descriptors=described()
    )
    found.fit(x, rng.normal(size=40))
    low, high = descriptor_ranges(x.to_numpy(), described(), space)
    fresh = pd.DataFrame(rng.uniform(low, high, (2000, 5)), columns=x.columns)
    assert np.isfinite(found.predict_front(fresh)).all()
    for term in found.front_[-1].formula.terms:
        if "9.80665" not in found.front_[-1].formula.to_text(None):
            unit_of(term.children[1], units)


def test_deviations_never_divide():
    x = physical()
    x["d"] += 0.1  # far from zero in these data, but not by nature
    y = 1 / x.d + 0.01 * np.cos(np.arange(60))
    found = SissoRegressor(budget=SMALL, inner_folds=0, descriptors=described())
    found.fit(x, y)
    for point in found.front_:
        for node in walk(point.formula.expression):
            below = None
            if isinstance(node, Binary) and node.operator == "/":
                below = node.right
            if isinstance(node, Power) and node.exponent < 0:
                below = node.base
            if isinstance(node, Call) and node.function == "log":
                below = node.operand
            assert below is None or "d" not in {
                getattr(n, "name", "") for n in walk(below)
            }


def test_logarithm_of_a_quantity_with_a_reference_value():
    x = physical()
    y = 5 - 2 * np.log(x.load)
    found = SissoRegressor(
        budget=SMALL, max_terms=1, inner_folds=0, descriptors=described(),
        target=Target("hardness", unit=parse_unit("GPa")),
    ).fit(x, y)  # fmt: skip
    assert "log(load / 9.80665)" in found.formula_.to_text(None)
    assert found.formula_.coefficients[1].unit.text == "GPa"
    np.testing.assert_allclose(found.predict(x), y)


def test_result_is_the_same_every_time():
    x = table()
    y = x.a * x.b + np.random.default_rng(0).normal(size=len(x))
    first, again = (
        SissoRegressor(budget=SMALL, random_state=3).fit(x, y) for _ in "ab"
    )
    assert first.front_ == again.front_


@pytest.mark.parametrize("separable", [True, False])
def test_classes(separable):
    x = table(80)
    score = x.a / x.b - x.c
    if not separable:
        score += 0.3 * np.random.default_rng(0).normal(size=len(x))
    y = np.where(score > score.median(), "single", "multi")
    found = SissoClassifier(budget=SMALL, max_terms=2).fit(x, y)
    assert list(found.classes_) == ["multi", "single"]
    p = found.predict_proba(x)
    assert np.isfinite(p).all()
    assert all(np.isfinite(c.value) for c in found.formula_.coefficients)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert found.score(x, y) > (0.97 if separable else 0.8)


def test_duplicate_and_constant_columns_do_no_harm():
    x = table()
    x = x.assign(
        copy=x.a, fixed=1.5, whole=np.arange(len(x)), flag=np.arange(60) % 2 == 0
    )
    found = SissoRegressor(budget=SMALL, max_terms=1, inner_folds=0)
    found.fit(x, x.a * x.b)
    assert found.formula_.names == ("a", "b")


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_huge_and_tiny_scales(scale):
    x = table() * scale
    y = x.a / x.b
    found = SissoRegressor(budget=SMALL, max_terms=1, inner_folds=0).fit(x, y)
    np.testing.assert_allclose(found.predict(x), y)


def test_more_terms_than_all_tuples_allow_are_found_step_by_step():
    x = table(120, 8)
    y = x.a + 2 * x.b - 3 * x.c + 4 * x.d - 5 * x.e + 6 * x.f
    for method in ("omp", "l1l0"):
        found = SissoRegressor(
            space=SearchSpace(rungs=0), budget=SMALL, max_terms=6, method=method,
            inner_folds=0,
        ).fit(x, y)  # fmt: skip
        assert sorted(found.formula_.names) == list("abcdef")
        np.testing.assert_allclose(found.predict(x), y)


def test_models_tell_what_averaging_needs():
    x = table(50)
    y = x.a * x.b - 2 * x.c / x.d + 0.3 * np.random.default_rng(0).normal(size=50)
    found = SissoRegressor(budget=SMALL, max_terms=2, inner_folds=0).fit(x, y)
    every = [m for models in found.models_.values() for m in models]
    assert sum(m.weight for m in every) == pytest.approx(1)
    for terms, models in found.models_.items():
        assert models[0].formula == found.front_[terms].formula
        assert [m.rmse for m in models] == sorted(m.rmse for m in models)
        for m in models:
            assert len(m.terms) == terms
            assert m.n_samples == 50
            left = np.mean((y - m.formula.evaluate(x)) ** 2)
            assert m.rmse == pytest.approx(np.sqrt(left))
            assert m.condition >= 1
            # error variance, coefficients and intercept are estimated
            k = terms + 2
            aicc = 50 * np.log(left) + 2 * k + 2 * k * (k + 1) / (50 - k - 1)
            bic = 50 * np.log(left) + k * np.log(50)
            first = found.models_[1][0]
            gap = 50 * np.log(first.rmse**2)
            assert m.aicc - first.aicc == pytest.approx(
                aicc - gap - 6 - 24 / (50 - 4), abs=1e-6
            )
            assert m.bic - first.bic == pytest.approx(
                bic - gap - 3 * np.log(50), abs=1e-6
            )


def test_simple_models_trade_error_for_complexity():
    x = table(50)
    y = x.a * x.b - 2 * x.c / x.d + 0.3 * np.random.default_rng(0).normal(size=50)
    found = SissoRegressor(budget=SMALL, max_terms=2, inner_folds=0).fit(x, y)
    simple = found.simple_models_
    nodes = [m.complexity for m in simple]
    assert nodes == sorted(set(nodes))
    assert [m.rmse for m in simple] == sorted((m.rmse for m in simple), reverse=True)
    assert simple[-1].rmse == min(m.rmse for m in found.models_[2])


def test_required_descriptors_are_in_every_formula():
    x = table(60)
    y = x.a * x.b - 2 * x.c / x.d + 0.1 * np.random.default_rng(0).normal(size=60)
    found = SissoRegressor(
        space=SearchSpace(rungs=1, required=("d", "e")), budget=SMALL, inner_folds=3
    ).fit(x, y)
    assert [p.limit for p in found.front_] == [0, 1, 2, 3]
    for models in found.models_.values():
        assert all({"d", "e"} <= set(m.formula.names) for m in models)


def test_required_descriptors_that_need_two_terms_leave_no_formula_of_one():
    x = table(60)
    y = x.a - 2 * x.b + 0.1 * np.random.default_rng(0).normal(size=60)
    space = SearchSpace(rungs=0, required=("a", "b"))
    found = SissoRegressor(space=space, max_terms=2, inner_folds=3).fit(x, y)
    assert [p.limit for p in found.front_] == [0, 2]
    assert found.limit_ == 2
    assert set(found.formula_.names) == {"a", "b"}


def test_a_search_above_its_budget_may_be_cut():
    x = table(60)
    y = x.a * x.b + 0.1 * np.random.default_rng(0).normal(size=60)
    budget = Budget(sis=20, max_candidates=2000, cut=True)
    found = SissoRegressor(budget=budget, inner_folds=0).fit(x, y)
    assert "at most" in found.cut_
    assert found.size_["candidate_features"] <= 2000
    assert SissoRegressor(budget=SMALL, inner_folds=0).fit(x, y).cut_ == ""


def test_several_residuals_only_add():
    x = table(80)
    y = x.a * x.b / x.c - 2 * x.d * x.e + np.random.default_rng(0).normal(size=80)
    loss = []
    for q in (1, 3):
        found = SissoRegressor(budget=SMALL, max_terms=2, inner_folds=0, n_residuals=q)
        loss.append(np.mean((y - found.fit(x, y).predict(x)) ** 2))
    assert loss[1] <= loss[0] + 1e-12


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_terms": 5}, "at most 4 .* 'omp' and 'l1l0' go up to 10"),
        ({"max_terms": 11, "method": "omp"}, "at most 10 are searched$"),
        ({"method": "opm"}, "did you mean 'omp'"),
        ({"beam": -1}, "beam is -1; at least 0"),
        ({"max_terms": 0}, "at least 1"),
        ({"n_residuals": 0}, "at least 1"),
        ({"inner_folds": 1}, "allowed: 0"),
        ({"budget": Budget(max_candidates=100)}, "above its budget.*lower"),
        ({"budget": Budget(max_bytes=1000)}, "lower max_complexity"),
        ({"budget": Budget(max_seconds=1e-9)}, "seconds"),
    ],
)
def test_options_that_cannot_be_carried_out(options, words):
    x = table()
    with pytest.raises(SearchError, match=words):
        SissoRegressor(**options).fit(x, x.a)


def test_classes_have_at_most_four_terms():
    x = table()
    with pytest.raises(SearchError, match=r"at most 4 are searched$"):
        SissoClassifier(max_terms=5).fit(x, x.a > 2)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SearchSpace(rungs=4), "0 to 3"),
        (lambda: SearchSpace(operators=("sqr",)), "did you mean 'sqrt'"),
        (lambda: SearchSpace(by_rung=(("+",),)), "lists 1"),
        (lambda: SearchSpace(max_complexity=-1), "negative"),
        (lambda: Budget(sis=0), "at least 1"),
    ],
)
def test_spaces_that_make_no_sense(make, words):
    with pytest.raises(SearchError, match=words):
        make()


def test_units_that_allow_nothing_leave_the_descriptors():
    x = table(p=2)
    units = (
        Descriptor("a", unit=parse_unit("m")),
        Descriptor("b", unit=parse_unit("K")),
    )
    space = SearchSpace(operators=("+", "log"))
    found = SissoRegressor(space=space, inner_folds=0, descriptors=units).fit(
        x, x.a + x.b
    )
    assert len(found.front_) == 3
    assert sorted(found.formula_.names) == ["a", "b"]
