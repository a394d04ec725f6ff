"""Fits without start values: columns of any size, and fits that do not arrive."""

import numpy as np
import pytest

from hecsr.errors import SearchError
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.optimum import Optimum, Problem
from hecsr.formula.published.refit import refitted
from hecsr.formula.settled import settled
from hecsr.formula.starts import linear_among, starting_points

SIZES = (1e-3, 1e2, 1e4)
RNG = np.random.default_rng(0)
U = RNG.uniform(1.5, 3, 60)
NOISE = 0.02 * RNG.normal(size=60)
CHANCE = RNG.uniform(size=60)


def refit(text, names, x, y, task="regression", **start):
    return refitted(
        parse(text, names), {"x": x}, y, task=task, target=Target("y"), start=start
    ).constants


# the text, its law of u = x / size, and its constants at a column of this size
LAWS = {
    "growth": ("c0 * exp(c1 * x)", lambda u: 2 * np.exp(u), lambda s: (2, 1 / s)),
    "decay": ("c0 * exp(-c1 * x)", lambda u: 20 * np.exp(-u), lambda s: (20, 1 / s)),
    "Arrhenius": (
        "c0 * exp(-c1 / x)", lambda u: 9 * np.exp(-2 / u), lambda s: (9, 2 * s),
    ),
    "step": (
        "c0 / (1 + exp(c1 * (x - c2)))",
        lambda u: 9 / (1 + np.exp(-4 * (u - 2.2))),
        lambda s: (9, -4 / s, 2.2 * s),
    ),
    "saturation": (
        "c0 * x / (x + c1)", lambda u: 9 * u / (u + 1), lambda s: (9, s),
    ),
    "bump": (
        "c0 * exp(-(c1 * (x - c2))^2)",
        lambda u: 9 * np.exp(-((u - 2.2) ** 2)),
        lambda s: (9, 1 / s, 2.2 * s),
    ),
    "kink": ("c0 * abs(x - c1)", lambda u: abs(u - 2), lambda s: (1 / s, 2 * s)),
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("law", LAWS)
def test_a_fit_without_start_finds_the_law_at_any_size_of_the_column(law, size):
    text, function, true = LAWS[law]
    wanted = true(size)
    names = [f"c{i}" for i in range(len(wanted))]
    found = refit(text, names, size * U, function(U) + NOISE)
    if law == "bump":  # of either sign
        found["c1"] = abs(found["c1"])
    assert [found[n] for n in names] == pytest.approx(wanted, rel=0.1)


@pytest.mark.parametrize("size", [*SIZES, 1e-7])
@pytest.mark.parametrize("text", ["logistic(c0 + c1 * x)", "logistic(c1 * (x - c0))"])
def test_classes_are_fitted_at_any_size_of_the_column(text, size):
    y = (1 / (1 + np.exp(-5 * (U - 2.2))) > CHANCE).astype(float)
    one = refit("logistic(c0 + c1 * x)", ["c0", "c1"], U, y, "classification")
    found = refit(text, ["c0", "c1"], size * U, y, "classification")
    scaled = found["c1"] * size
    assert scaled == pytest.approx(one["c1"], rel=0.1)
    place = found["c0"] if "(x" in text else -found["c0"] / found["c1"]
    assert place / size == pytest.approx(-one["c0"] / one["c1"], rel=0.05)


def test_a_slow_fit_goes_on():
    y = 20 + 0.1 * (100 * U) ** 1.5 + NOISE
    found = refit("c0 + c1 * x^c2", ["c0", "c1", "c2"], 1e4 * U, y)
    assert found["c2"] == pytest.approx(1.5, abs=0.01)


def test_a_fit_that_does_not_arrive_is_refused_and_says_what_to_give():
    x, y = 100 * U, 2 * np.exp(U)
    classes = (U > 2).astype(float)
    for text, task, target, asked in (
        (
            "c0 * exp(c1 * x)",
            "regression",
            y,
            "other values near the solution, --start c1=...",
        ),
        (
            "logistic(c0 + c1 * x)",
            "classification",
            classes,
            "--start c0=... --start c1=...",
        ),
    ):
        with pytest.raises(
            SearchError, match=r"not fitted from this start \(c0 = 1"
        ) as e:
            refit(text, ["c0", "c1"], x, target, task, c0=1.0, c1=1.0)
        assert asked in str(e.value)
    # a threshold in a value has no slope: no fit finds it, but one may be given
    step = 3.0 * (U > 2)
    with pytest.raises(SearchError, match=r"solution, --start c1=\.\.\.$"):
        refit("c0 * (x > c1)", ["c0", "c1"], x, step)
    given = refit("c0 * (x > c1)", ["c0", "c1"], x, step, c1=200.0)
    assert given == pytest.approx({"c0": 3.0, "c1": 200.0})


def test_a_start_that_is_given_is_kept_to():
    """Two waves fit alike; the nearer one to the start is taken."""
    y = np.sin(4 * U)
    found = refit("sin(c1 * x)", ["c1"], U, y, c1=-3.9)
    assert found["c1"] != pytest.approx(4.0)
    assert refit("sin(c1 * x)", ["c1"], U, y, c1=3.9)["c1"] == pytest.approx(4.0)


def test_linear_constants_are_found_together():
    expression = parse("c0 * c1 * x + c2 / x - exp(c3)", ["c0", "c1", "c2", "c3"])
    assert linear_among(expression, ["c0", "c1", "c2", "c3"]) == ("c0", "c2")
    assert linear_among(expression, ["c3", "c2", "c1"]) == ("c2", "c1")


def test_starts_are_the_same_each_time_and_the_first_is_the_given_one():
    problem = Problem(
        parse("c0 * exp(c1 * x) + c2", ["c0", "c1", "c2"]), {"x": U}, U**2,
        np.ones(60), "regression",
    )  # fmt: skip
    first = {"c0": 1.0, "c1": 1.0, "c2": 1.0}
    one, two = (starting_points(problem, first, [*first]) for _ in range(2))
    assert [s.values for s in one] == [s.values for s in two]
    assert one[0].values == first
    assert len(one) > 2
    held = starting_points(problem, first, ["c0", "c2"])
    assert all(s.values["c1"] == 1.0 for s in held)


def test_whether_a_fit_arrived_does_not_depend_on_the_size_of_anything():
    expression = parse("c0 + c1 * x", ["c0", "c1"])
    for size in (1e-9, 1.0, 1e9):
        x, y = size * U, (2 + 3 * U + NOISE) / size
        problem = Problem(expression, {"x": x}, y, np.ones(60), "regression")
        slope, level = np.polyfit(x, y, 1)
        best = {"c0": level, "c1": slope}
        assert settled(problem, Optimum(best, ("c0", "c1"), None), set())
        off = {"c0": level * 1.01, "c1": slope}
        assert not settled(problem, Optimum(off, ("c0", "c1"), None), set())
