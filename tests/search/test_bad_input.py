"""What a user may give by mistake: a clear error, or the right result."""

import numpy as np
import pandas as pd
import pytest

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.search.lasso import LassoFormula, LassoFormulaClassifier
from hecsr.search.operon.estimator import OperonFormula, OperonFormulaClassifier
from hecsr.search.pysr.estimator import PySRFormula, PySRFormulaClassifier
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.multitask import SissoMultiTask
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.units import parse_unit

OPTIONS = {"budget": Budget(sis=10), "max_terms": 2, "inner_folds": 0}
WIDE = SearchSpace(
    operators=(
        *("+", "-", "*", "/", "|-|", "^-1", "^2", "^3", "^6"),
        *("sqrt", "cbrt", "exp", "exp-", "log", "abs", "sin", "cos"),
    )
)


def table(n=40, p=3, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.uniform(1, 3, (n, p)), columns=list("abcdef")[:p])


def sisso(**options):
    return SissoRegressor(**OPTIONS | options)


def fit(engine, x, y):
    if isinstance(engine, SissoMultiTask):
        return engine.fit(x, y, np.arange(len(x)) % 2)
    return engine.fit(x, y)


ENGINES = [sisso(), SissoClassifier(**OPTIONS), SissoMultiTask(**OPTIONS)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.assign(b=np.nan), r"NaN in 'b' \(40 rows\)"),
        (lambda x: x.assign(b=[np.inf] + [1.0] * 39), r"infinite .* 'b' \(1 rows\)"),
        (lambda x: x.assign(b="much"), "not numbers: 'b'"),
        (lambda x: x.assign(b=x.b + 1j), "[Cc]omplex"),
        (lambda x: x.set_axis(["a", "a", "c"], axis=1), "repeat: 'a'"),
        (lambda x: x[:1], "1 sample"),
        (lambda x: x[:0], "0 sample"),
        (lambda x: x[[]], "0 feature"),
        (lambda x: x.to_numpy()[:, 0], "1D array"),
    ],
)
def test_tables_that_cannot_be_searched_say_why(engine, change, words):
    x = change(table())
    y = np.arange(len(x)) % 4 // 2
    with pytest.raises(ValueError, match=words):
        fit(engine, x, y)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.where(np.arange(40) == 3, np.nan, 1.0), "NaN"),
        (np.where(np.arange(40) == 3, np.inf, 1.0), "infinity"),
        (np.full(40, 7.0), "one value only"),
        (["much"] * 40, "convert string"),
        (np.ones(39), "inconsistent numbers of samples"),
    ],
)
def test_targets_that_cannot_be_searched_say_why(y, words):
    with pytest.raises(ValueError, match=words):
        sisso().fit(table(), y)


GAPS = [None, float("nan"), pd.NA, pd.NaT]
ONE_OF_EACH = [
    sisso(),
    SissoClassifier(**OPTIONS),
    LassoFormula(max_terms=2, inner_folds=0),
    LassoFormulaClassifier(max_terms=2, inner_folds=0),
    OperonFormula(inner_folds=0),
    OperonFormulaClassifier(inner_folds=0),
    PySRFormula(inner_folds=0),
    PySRFormulaClassifier(inner_folds=0),
]


@pytest.mark.parametrize("engine", ONE_OF_EACH, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("gap", GAPS, ids=str)
def test_a_gap_in_the_target_is_named_with_its_row(engine, gap):
    y = [0, 1, gap, 1, gap] + [0, 1] * 10
    x = table(25)
    words = r"^y contains NaN or None in row 2, counted from 0 \(and 1 more\); leave"
    with pytest.raises(SearchError, match=words):
        engine.fit(x, y)
    named = pd.Series(y, index=[f"row {i}" for i in range(25)])
    with pytest.raises(SearchError, match=r"in row 2 \('row 2'\), counted from 0"):
        engine.fit(x, named)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (["a", "b", None, "a"], "NaN or None in row 2, counted from 0; leave"),
        ([0.0, 1.0, np.inf, 1.0], "infinity in row 2, counted"),
        (np.array([0, 1, -np.inf, 1], dtype=np.float32), "infinity in row 2, counted"),
        (np.array([[0.0], [1.0], [np.nan], [1.0]]), "NaN or None in row 2, counted"),
        (pd.Series([0, 1, None, 1], dtype="Int64"), "NaN or None in row 2, counted"),
        (pd.Series(["a", "b", None, "a"], dtype="string"), "NaN or None in row 2"),
        (pd.Series(["a", "b", None, "a"], dtype="category"), "NaN or None in row 2"),
    ],
)
def test_gaps_are_found_in_whatever_holds_the_target(y, words):
    for engine in (sisso(), SissoClassifier(**OPTIONS)):
        with pytest.raises(SearchError, match=words):
            engine.fit(table(4), y)


@pytest.mark.parametrize("terms", [1, 2, 3, 4])
def test_more_terms_than_the_samples_allow_are_refused(terms):
    x = table(terms + 1)
    with pytest.raises(SearchError, match=f"at least {terms + 2} are needed"):
        sisso(max_terms=terms).fit(x, x.a)
    enough = table(terms + 2)
    found = sisso(max_terms=terms).fit(enough, enough.a**2)
    assert np.isfinite(found.predict(enough)).all()


def test_a_few_samples_leave_inner_folds_that_can_be_searched():
    x = table(4)
    y = x.a * x.b + [0.1, 0.0, -0.1, 0.2]
    found = sisso(inner_folds=5).fit(x, y)
    assert np.isfinite([p.error for p in found.front_]).all()


def test_constant_columns_are_not_used():
    x = table().assign(one=1.0, zero=0.0, large=1e300, small=-1e-300)
    y = x.a * x.b
    found = sisso(space=WIDE).fit(x, y)
    assert found.formula_.names == ("a", "b")
    np.testing.assert_allclose(found.predict(x), y)


def test_columns_that_vary_by_rounding_are_constant():
    x = table()
    x["b"] = 1.0 + 1e-15 * np.arange(40)
    found = sisso().fit(x, x.a * x.c + 0.1 * np.sin(np.arange(40)))
    assert "b" not in found.formula_.names


def test_only_constant_columns_leave_the_mean():
    x = pd.DataFrame({"a": np.ones(40), "b": np.full(40, 1e-20)})
    for engine in (sisso(), sisso(inner_folds=3)):
        found = engine.fit(x, np.arange(40.0))
        assert [p.limit for p in found.front_] == [0]
        assert found.models_ == {}
        np.testing.assert_allclose(found.predict(x), 19.5)
    none = sisso(fit_intercept=False).fit(x, np.arange(40.0))
    np.testing.assert_array_equal(none.predict(x), 0)


@pytest.mark.parametrize("factor", [1.0, -1.0, 1e-20, 1e20])
def test_duplicate_columns_give_what_one_of_them_gives(factor):
    x = table()
    y = x.a * x.b - x.c + 0.1 * np.sin(np.arange(40))
    one = sisso(space=SearchSpace(rungs=1)).fit(x, y)
    twice = sisso(space=SearchSpace(rungs=1)).fit(x.assign(copy=factor * x.a), y)
    np.testing.assert_allclose(twice.predict_front(x.assign(copy=factor * x.a)).T[1],
                               one.predict_front(x).T[1], rtol=1e-9)  # fmt: skip


def test_integers_and_booleans_are_numbers():
    whole = np.arange(40) % 7 + 1
    flag = np.arange(40) % 3 == 0
    x = pd.DataFrame({"whole": whole, "flag": flag, "small": whole.astype("int8")})
    y = whole**2 + 3.0 * flag
    found = sisso().fit(x, y)
    np.testing.assert_allclose(found.predict(x), y, atol=1e-9)
    as_floats = sisso().fit(x.astype(float), y)
    assert found.front_ == as_floats.front_
    assert sisso().fit(x.to_numpy(dtype=object), y).limit_ == found.limit_


def test_boolean_targets_are_zero_and_one():
    x = table()
    found = sisso(max_terms=1).fit(x, x.a > 2)
    assert found.front_ == sisso(max_terms=1).fit(x, (x.a > 2).astype(float)).front_


def test_descriptors_that_are_described_twice_are_refused():
    twice = [Descriptor("a"), Descriptor("a", unit=parse_unit("K"))]
    with pytest.raises(SearchError, match="described twice: 'a'"):
        sisso(descriptors=twice).fit(table(), table().a)


def test_names_that_look_alike_are_kept_apart():
    x = table()
    x.columns = ["x", "x ", "X"]
    y = x["x"] * x["x "]
    found = sisso(max_terms=1).fit(x, y)
    assert set(found.formula_.names) == {"x", "x "}
    np.testing.assert_allclose(found.predict(x), y)


def test_units_that_make_every_operator_illegal_leave_the_descriptors():
    x = table()
    kinds = [
        Descriptor(n, unit=parse_unit(u)) for n, u in zip("abc", "mKs", strict=True)
    ]
    space = SearchSpace(operators=("+", "-", "|-|", "log", "exp", "sin"), rungs=3)
    found = sisso(space=space, descriptors=kinds, max_terms=3).fit(x, x.a + x.b - x.c)
    assert sorted(found.formula_.names) == ["a", "b", "c"]
    assert found.size_["candidate_features"] == 3
    np.testing.assert_allclose(found.predict(x), x.a + x.b - x.c)


def test_a_space_too_large_for_its_budget_is_refused_with_advice():
    many = pd.DataFrame(np.random.default_rng(0).uniform(1, 2, (100, 60)))
    space = SearchSpace(rungs=3, max_complexity=7)
    with pytest.raises(SearchError, match=r"lower max_complexity, rungs.*budget"):
        sisso(space=space).fit(many.to_numpy(), np.arange(100.0))
    with pytest.raises(SearchError, match="above its budget: models"):
        sisso(budget=Budget(sis=50, max_models=1000)).fit(table(), table().a ** 2)


@pytest.mark.parametrize(
    ("slope", "offset", "intercept"),
    [
        *((s, 0.0, i) for s in (1.0, -3e-20, 1e25) for i in (True, False)),
        *((2.0, offset, True) for offset in (1e-3, 1e3, 1e6)),
    ],
)
def test_a_target_that_is_one_descriptor_stops_the_front_there(
    slope, offset, intercept
):
    x = table()
    y = slope * x.b + offset
    found = sisso(max_terms=3, fit_intercept=intercept).fit(x, y)
    assert [p.limit for p in found.front_] == [0, 1]
    assert found.formula_.names == ("b",)
    np.testing.assert_allclose(found.predict(x), y, rtol=1e-12)


@pytest.mark.parametrize("of_x", [1e-30, 1e-10, 1e10, 1e30])
@pytest.mark.parametrize("of_y", [1e-30, 1.0, 1e30])
def test_scales_do_not_matter(of_x, of_y):
    x = table()
    y = (x.a / x.b - 2 * x.c + 0.1 * np.sin(np.arange(40))) * of_y
    metre = [Descriptor(name, unit=parse_unit("m")) for name in "abc"]
    space = SearchSpace(operators=("+", "-", "*", "/", "^2", "^3", "^6", "cbrt"))
    one = sisso(space=space, descriptors=metre).fit(x, y)
    other = sisso(space=space, descriptors=metre).fit(x * of_x, y)
    for a, b in zip(one.front_, other.front_, strict=True):
        assert a.formula.expression == b.formula.expression
        np.testing.assert_allclose(
            a.formula.evaluate(x), b.formula.evaluate(x * of_x), rtol=1e-8
        )


def test_columns_of_unlike_scales_are_searched_together():
    x = table() * [1e-30, 1.0, 1e30]
    y = x.a * x.c + x.b
    found = sisso(space=SearchSpace(rungs=1)).fit(x, y)
    np.testing.assert_allclose(found.predict(x), y, rtol=1e-9)


def test_functions_that_overflow_are_left_out():
    x = table() * 1e4
    y = x.a * x.b * (1 + 0.01 * np.sin(np.arange(40)))
    found = sisso(space=WIDE).fit(x, y)
    assert np.isfinite(found.predict_front(x)).all()
