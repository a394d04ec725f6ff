"""Where a formula was fitted, where it is defined, and what is said elsewhere."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from hecsr.composition import Composition
from hecsr.errors import FormulaError
from hecsr.formula import hull as hull_module
from hecsr.formula.defined import conditions, reasons
from hecsr.formula.domain import Domain
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.hull import Hull

SQUARE = np.array([[0.0, 0], [4, 0], [4, 2], [0, 2], [2, 1], [0, 0], [2, 0]])


def test_the_corners_of_a_square_are_its_hull():
    hull = Hull(SQUARE)
    assert hull.corners.tolist() == [[0, 0], [0, 2], [4, 0], [4, 2]]
    rows = np.array([[2.0, 1.0], [4, 2], [4.001, 1], [-1e-12, 0], [2, 2.1]])
    assert hull.holds(rows).tolist() == [True, True, False, True, False]
    assert hull == Hull(SQUARE[::-1])
    assert hull != Hull(SQUARE * 2)
    assert hull.holds(np.empty((0, 2))).tolist() == []


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 12),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_point_is_inside_if_it_is_a_mean_of_the_fitted_ones(seed, k, n, flat, scaled):
    """Against non-negative least squares, which finds the weights of the mean."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, k)).round(1)
    if flat:
        points[:, -1] = 1 - points[:, :-1].sum(axis=1)
    scale = 10.0 ** rng.integers(-6, 7, k) if scaled else np.ones(k)
    hull = Hull(points * scale)
    near = points[rng.integers(n, size=20)] + rng.normal(0, 0.3, (20, k)).round(1)
    means = rng.dirichlet(np.ones(n), 5) @ points
    assert hull.holds(points * scale).all()
    assert hull.holds(means * scale).all()
    assert Hull(hull.corners, reduced=True).holds(points * scale).all()
    for row, said in zip(near, hull.holds(near * scale), strict=True):
        off = nnls(np.vstack([points.T, np.ones(n)]), np.r_[row, 1.0])[1]
        assert said == (off < 1e-6)


def test_weights_linear_programs_and_facets_agree(monkeypatch):
    rng = np.random.default_rng(0)
    points, rows = rng.normal(size=(30, 3)), rng.normal(size=(40, 3))
    by_facets = Hull(points).holds(rows)
    assert 0 < by_facets.sum() < 40
    monkeypatch.setattr(hull_module, "MOST_FOR_FACETS", 1)
    many_sided = Hull(points)
    assert len(many_sided.corners) == 30
    assert np.array_equal(many_sided.holds(rows), by_facets)
    assert many_sided.holds(points).all()

    def fails(*_):
        raise RuntimeError("too many steps")

    monkeypatch.setattr("scipy.optimize.nnls", fails)
    assert np.array_equal(many_sided.holds(rows), by_facets)


def test_a_hull_needs_finite_points():
    with pytest.raises(FormulaError, match="finite"):
        Hull(np.array([[np.nan, 1.0]]))


@pytest.fixture
def fitted():
    """z is where the samples lie along a diagonal: corners of the box are empty."""
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 10, 50)
    columns = {"x": x, "z": 10 - x + rng.uniform(-2, 2, 50)}
    y = x + columns["z"] ** 2 + rng.normal(size=50)
    formula = fit_formula(
        [parse("x"), parse("z^2")], columns, y, task="regression",
        target=Target("y"), descriptors={},
    )  # fmt: skip
    return formula, columns


def places(formula, x, z):
    return formula.predict(pd.DataFrame({"x": [float(x)], "z": [float(z)]})).iloc[0]


def test_every_fitted_sample_is_inside(fitted):
    formula, columns = fitted
    found = formula.predict(pd.DataFrame(columns))
    assert set(found["domain"]) == {"inside"}
    assert set(found["note"]) == {""}


def test_the_edge_is_a_tenth_of_a_range_wide(fitted):
    formula, _ = fitted
    low, high = formula.ranges["x"]
    z = formula.ranges["z"][0] + 1
    near = places(formula, high + 0.09 * (high - low), z)
    assert near["domain"] == "edge"
    assert f"fitted from {low:.4g} to {high:.4g}" in near["note"]
    assert places(formula, high + 0.11 * (high - low), z)["domain"] == "outside"


def test_inside_all_ranges_but_outside_the_hull_is_the_edge(fitted):
    formula, _ = fitted
    corner = places(formula, formula.ranges["x"][1] - 0.1, formula.ranges["z"][1] - 0.1)
    assert corner["domain"] == "edge"
    assert "outside the convex hull" in corner["note"]
    assert "leverage" in corner["note"]
    middle = places(formula, 5, 5)
    assert (middle["domain"], middle["note"]) == ("inside", "")


def test_high_leverage_alone_is_the_edge(fitted):
    formula, columns = fitted
    strict = formula.with_(
        domain=Domain(formula.ranges, leverage=formula.domain.leverage / 10)
    )
    found = strict.predict(pd.DataFrame(columns))
    assert set(found["domain"]) <= {"inside", "edge"}
    assert (found["domain"] == "edge").any()
    assert found["note"][found["domain"] == "edge"].str.startswith("leverage").all()


def test_an_element_or_family_the_fit_never_saw_is_said(fitted):
    formula, columns = fitted
    seen = [Composition.parse(c) for c in ("(Ti,Zr)C", "(Hf,Nb)C", "(Ti,Zr)N")]
    domain = formula.domain.with_chemistry(seen)
    assert domain.elements == ("Hf", "Nb", "Ti", "Zr")
    assert domain.families == ("carbide", "nitride")
    asked = [Composition.parse(c) for c in ("(Ti,Hf)C", "(Ti,W)C", "(Ti,Zr)B2")]
    middle = {n: np.full(3, 5.0) for n in columns}
    found = domain.judge(middle, 3, compositions=asked)
    assert found.places == ["inside", "edge", "outside"]
    assert found.notes[1] == ["no sample of the fit held W"]
    assert found.notes[2] == ["no sample of the fit was of the family diboride"]


def test_a_variable_that_never_changed_may_not_change():
    columns = {"x": np.linspace(0, 1, 20), "c": np.full(20, 300.0)}
    domain = Domain.of(["x", "c"], columns)
    rows = {"x": np.full(3, 0.5), "c": np.array([300.0, 310.0, 600.0])}
    assert domain.judge(rows, 3).places == ["inside", "edge", "outside"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log(vec - 8)", ("vec - 8 > 0",)),
        ("1 / (x - y) + log10(x)", ("x - y != 0", "x > 0")),
        ("sqrt(x - 1)^(-2)", ("x - 1 >= 0", "sqrt(x - 1) != 0")),
        ("x^(-1/2) + x^(1/2) + x^3", ("x > 0", "x >= 0")),
        ("x^c1 + y^c2", ("x >= 0", "y != 0")),
        ("vec^x", ()),
        ("x^vec", ("x > 0",)),
        ("tan(x)", ("cos(x) != 0",)),
        ("log(exp(x) + x^2) / (1 + abs(x))", ()),
        ("sqrt(vec) / (vec * delta) + log(vec) + sqrt(delta)", ("vec * delta != 0",)),
        ("x / 2 + cbrt(x)", ()),
        ("x / 0", ("0 != 0",)),
    ],
)
def test_what_must_hold_for_a_value_is_listed(text, expected):
    """vec is positive by its nature, delta never negative; c1 = 0.5, c2 = -2."""
    expression = parse(text, ("c1", "c2"))
    fitted = {"c1": 0.5, "c2": -2.0}
    assert conditions(expression, fitted, {"vec": True, "delta": False}) == expected


@pytest.mark.parametrize(
    ("text", "x", "reason"),
    [
        ("log(x - 1)", 0.7, "log of -0.3 (x - 1)"),
        ("2 + 1 / (x - 9)", 9, "division by 0 in 1 / (x - 9)"),
        ("sqrt(x) + 1", -2, "square root of a negative number: -2 (x)"),
        ("(x - 1)^(3/2)", 0, "power 3/2 of a negative number: -1 (x - 1)"),
        ("x^(-2)", 0, "division by 0 in x^(-2)"),
        ("x^c1", -1, "power 0.5 of a negative number: -1 (x)"),
        ("exp(99 * x)", 30, "the result of exp(99 * x) is infinite"),
        ("log(log(x))", 0.5, "log of -0.6931 (log(x))"),
        ("(x > 1) * log(x)", 0, "log of 0 (x)"),
        ("x + 1", np.nan, "x is missing"),
        ("x + 1", np.inf, "x is infinite"),
        ("1 / exp(1000 * x)", 3, ""),
        ("logistic(log(x))", -1, "log of -1 (x)"),
    ],
)
def test_the_innermost_failure_is_named(text, x, reason):
    found = reasons(parse(text, ("c1",)), {"x": np.array([1.5, x])}, {"c1": 0.5})
    assert found == ["", reason]


TEXTS = st.sampled_from(
    ["log(x) / y", "sqrt(x - y)^3", "1 / (x^2 - y)", "x^y", "tan(x) + log10(y)",
     "exp(x)^y / x", "(x / y)^(1/3)", "cbrt(x) / abs(y)", "(x < y) / x"]
)  # fmt: skip
NUMBERS = st.lists(st.sampled_from([-2, -1, -0.5, 0, 0.5, 1, 2]), min_size=1)


@settings(max_examples=60, deadline=None)
@given(TEXTS, NUMBERS, st.sampled_from([-1.0, 0.0, 1.0, 2.0]))
def test_a_reason_is_given_where_and_only_where_the_value_is_undefined(text, xs, y):
    from hecsr.formula.expression import evaluate

    columns = {"x": np.array(xs, float), "y": np.full(len(xs), y)}
    expression = parse(text)
    undefined = np.isnan(evaluate(expression, columns))
    said = reasons(expression, columns)
    assert [bool(s) for s in said] == undefined.tolist()
    if not conditions(expression):
        assert not undefined.any()


def test_a_prediction_says_why_it_is_undefined():
    columns = {"x": np.linspace(1, 2, 10)}
    formula = fit_formula(
        [parse("log(x - 0.5)")], columns, columns["x"] ** 2, task="regression",
        target=Target("y"), descriptors={},
    )  # fmt: skip
    assert formula.conditions == ("x - 0.5 > 0",)
    found = formula.predict(pd.DataFrame({"x": [1.5, 0.25]}, index=["a", "b"]))
    assert found["domain"].tolist() == ["inside", "undefined"]
    assert found.loc["b", "note"].startswith("undefined: log of -0.25 (x - 0.5); x =")
    assert np.isnan(found.loc["b", ["value", "lower", "upper"]].astype(float)).all()


def test_what_is_not_known_of_the_fit_is_not_claimed(fitted):
    formula, _ = fitted
    bare = formula.with_(domain=Domain())
    far = places(bare, 1e9, 5)
    assert far["domain"] == "unknown"
    assert "range of x, z, hull, leverage, elements, families" in far["note"]
    ranged = formula.with_(domain=Domain(formula.ranges))
    middle = places(ranged, 5, 5)
    assert middle["domain"] == "inside"
    expected = "not known of the fit: hull, leverage, elements, families"
    assert middle["note"] == expected
    assert places(ranged, 1e9, 5)["domain"] == "outside"
    half = Domain({"x": (0.0, 1.0)})
    rows = {"x": np.array([0.5, 9.0]), "z": np.ones(2)}
    assert half.judge(rows, 2).places == ["unknown", "outside"]


def test_a_composition_is_not_judged_silently_by_points_alone(fitted):
    formula, columns = fitted
    middle = {n: np.full(1, 5.0) for n in columns}
    found = formula.domain.judge(
        middle, 1, compositions=[Composition.parse("(Ti,Zr)B2")]
    )
    assert found.notes == [["not known of the fit: elements, families"]]


def test_a_domain_is_shown_in_a_line(fitted):
    formula, _ = fitted
    shown = repr(formula.domain)
    assert shown.startswith("Domain(x 0.")
    assert "corners, leverage" in shown
    assert len(shown) < 120
    assert repr(Domain()) == "Domain(unknown)"
