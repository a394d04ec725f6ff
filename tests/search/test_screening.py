"""The screening against plain enumeration: spaces, weights, pools, several goals."""

from dataclasses import replace
from functools import cache

import enumeration
import numpy as np
import pytest
from screened import (
    Goal,
    Plain,
    Screened,
    Weighting,
    assert_same_classes,
    assert_same_list,
    make_data,
    residual_of,
)

from hecsr.descriptors.descriptor import Descriptor
from hecsr.formula.expression import complexity, evaluate, variables
from hecsr.formula.physics import unit_of
from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.space import SearchSpace
from hecsr.units import parse_unit

EVERY = tuple(op.OPERATORS)
FOUR = ("+", "-", "*", "/")

SPACES = {
    "default": SearchSpace(max_complexity=3),
    "no product": SearchSpace(operators=("+", "/", "^-1", "log"), max_complexity=4),
    "no difference": SearchSpace(operators=("*", "/", "|-|", "exp"), max_complexity=4),
    "no sum": SearchSpace(operators=("-", "*", "^2"), max_complexity=4),
    "differences": SearchSpace(operators=("-", "|-|"), max_complexity=6),
    "quotients": SearchSpace(operators=("/", "sqrt")),
    "by rung": SearchSpace(
        by_rung=(("-", "^-1", "/"), ("*", "+", "/", "sqrt")), max_complexity=4
    ),
    "products in the last rung alone": SearchSpace(
        by_rung=(("+",), ("-",), ("*",)), rungs=3
    ),
    "one rung": SearchSpace(rungs=1),
    "descriptors": SearchSpace(rungs=0),
    "no operator": SearchSpace(operators=()),
    "excluded": SearchSpace(excluded=("c",), max_complexity=5),
    "ranges": SearchSpace(ranges=(("a", -2, 4), ("b", 0.1, 9), ("c", -1.2, 8))),
    "poles": SearchSpace(operators=(*FOUR, "log", "sqrt"), poles=True),
    "three rungs": SearchSpace(
        operators=FOUR, rungs=3, max_complexity=4, excluded=("b",)
    ),
    "functions": SearchSpace(operators=("exp", "log", "^2", "-"), rungs=3),
    "SISSO's": SearchSpace.sisso35(),
    "SISSO's with differences": SearchSpace.sisso35(("-", "|-|", "^-1", "/", "exp-")),
    "SISSO's three rungs": replace(SearchSpace.sisso35(FOUR, 3, 4), excluded=("a",)),
}
WIDE = {
    "every operator": SearchSpace(operators=EVERY, max_complexity=4),
    "every one of SISSO": SearchSpace.sisso35(EVERY, max_complexity=3),
}


@cache
def plain(name, kind):
    values, descriptors, _ = make_data(kind)
    return Plain(values, descriptors, SPACES[name])


@pytest.mark.parametrize("kind", ["plain", "units"])
@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("name", SPACES)
def test_screened_list_is_that_of_plain_enumeration(name, precision, kind):
    values, descriptors, y = make_data(kind)
    screened = Screened(values, descriptors, SPACES[name], precision=precision)
    for wanted in (60, 7):
        listed = screened.one(y, wanted)
        assert_same_list(listed, plain(name, kind), Goal(y), wanted)


@pytest.mark.parametrize("kind", ["plain", "units"])
@pytest.mark.parametrize("name", WIDE)
def test_list_of_a_space_of_all_operators_is_that_of_plain_enumeration(name, kind):
    values, descriptors, y = make_data(kind, columns="ac")
    table = values, descriptors, WIDE[name]
    every = Plain(*table)
    for precision in ("float64", "float32"):
        listed = Screened(*table, precision=precision).one(y, 60)
        assert_same_list(listed, every, Goal(y), 60)


@pytest.mark.parametrize(
    "space",
    [
        SearchSpace(operators=("+", "-", "*", "/", "^-1", "^2"), max_complexity=4),
        SearchSpace(operators=("+", "-", "*", "/"), rungs=3, max_complexity=4),
        SearchSpace(operators=("*", "/", "^-1", "log"), rungs=3, max_complexity=4),
        SearchSpace(operators=("-", "|-|", "abs"), rungs=3, max_complexity=5),
    ],
)
def test_equal_features_left_out_of_stored_rungs_are_not_missed(space):
    values, descriptors, y = make_data(columns="ac")
    columns = dict(zip("ac", values.T, strict=True))
    units = enumeration.Units(descriptors)
    every = enumeration.enumerate_stored(columns, descriptors, replace(space, rungs=1))
    for rung in range(1, space.rungs + 1):
        every += list(enumeration._rung(every, columns, units, space, rung))
    every = [f for f in every if enumeration.keeps(f.value, 0.0, space, stored=False)]
    reference = Plain(values, descriptors, space, features=every)
    listed = Screened(values, descriptors, space).one(y, 80)
    assert_same_list(listed, reference, Goal(y), 80)


@pytest.mark.parametrize("name", ["default", "SISSO's", "one rung"])
def test_list_longer_than_the_space_holds_every_class(name):
    values, descriptors, y = make_data("units", 12)
    reference = Plain(values, descriptors, SPACES[name])
    listed = Screened(values, descriptors, SPACES[name]).one(y, 10_000)
    assert_same_list(listed, reference, Goal(y), 10_000)
    assert len(listed.expressions) < 10_000


@pytest.mark.parametrize("kind", ["plain", "units"])
def test_expression_evaluates_to_the_feature_that_was_scored(kind):
    values, descriptors, y = make_data(kind)
    columns = dict(zip([d.name for d in descriptors], values.T, strict=True))
    units = {d.name: d.unit for d in descriptors}
    scales = {d.name: d.scale for d in descriptors if d.scale}
    space = WIDE["every operator"]
    listed = Screened(values, descriptors, space).one(y, 200)
    for expression, row in zip(listed.expressions, listed.rows, strict=True):
        value = evaluate(expression, columns)
        value = value - value.mean()
        np.testing.assert_allclose(value / np.linalg.norm(value), row, atol=1e-12)
        unit_of(expression, units, scales)
        assert complexity(expression) <= 4
        assert variables(expression)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("name", ["default", "no sum", "SISSO's with differences"])
def test_weights_and_no_intercept_are_those_of_plain_enumeration(name, centred):
    values, descriptors, y = make_data(n=25)
    share = np.random.default_rng(5).uniform(0.1, 3, 25)
    table = values, descriptors, SPACES[name], Weighting(share / share.sum(), centred)
    reference = Plain(*table)
    for precision in ("float64", "float32"):
        screened = Screened(*table, precision=precision)
        for target in (y, y - y.mean()):
            assert_same_list(screened.one(target, 50), reference, Goal(target), 50)


@pytest.mark.parametrize("centred", [True, False])
def test_weights_count_as_repeated_rows(centred):
    values, descriptors, y = make_data(n=30)
    counts = np.random.default_rng(0).integers(1, 4, len(y))
    weighting = Weighting(counts / counts.sum(), centred)
    space = SPACES["default"]
    weighted = Screened(values, descriptors, space, weighting).one(y, 30)
    again = values.repeat(counts, axis=0), descriptors, space
    n = int(counts.sum())
    repeated = Screened(*again, Weighting(np.full(n, 1 / n), centred))
    other = repeated.one(y.repeat(counts), 30)
    np.testing.assert_allclose(weighted.scores, other.scores, atol=1e-12)
    assert weighted.expressions == other.expressions


def test_target_of_two_classes_is_scored_by_point_biserial_correlation():
    values, descriptors, y = make_data()
    target = (y > np.median(y)).astype(float)
    share = np.where(target > 0, 2.0, 1.0)
    space, reference = SPACES["default"], plain("default", "plain")
    listed = Screened(values, descriptors, space).one(target, 40)
    assert_same_list(listed, reference, Goal(target), 40)
    best = evaluate(listed.expressions[0], dict(zip("abc", values.T, strict=True)))
    one, two = best[target > 0], best[target == 0]
    p = len(one) / len(y)
    expected = abs(one.mean() - two.mean()) / best.std() * np.sqrt(p * (1 - p))
    assert listed.scores[0] == pytest.approx(expected, abs=1e-12)
    weighting = Weighting(share / share.sum())
    reference = Plain(values, descriptors, space, weighting)
    listed = Screened(values, descriptors, space, weighting).one(target, 40)
    assert_same_list(listed, reference, Goal(target), 40)


@pytest.mark.parametrize("name", ["default", "SISSO's"])
def test_second_and_third_list_leave_out_what_earlier_ones_hold(name):
    values, descriptors, y = make_data()
    reference = plain(name, "plain")
    screened = Screened(values, descriptors, SPACES[name])
    pool = np.empty((0, len(y)))
    rng = np.random.default_rng(2)
    for residual in (y, y + 0.3 * rng.normal(size=len(y)), values[:, 2] ** 2):
        listed = screened.one(residual, 25, pool)
        assert_same_list(listed, reference, Goal(residual), 25, pool)
        pool = np.vstack([pool, listed.rows])


def test_list_after_the_best_of_a_list_is_the_rest_of_it():
    values, descriptors, y = make_data()
    screened = Screened(values, descriptors, SPACES["default"])
    first = screened.one(y, 30)
    rest = screened.one(y, 20, first.rows[:10])
    assert rest.expressions == first.expressions[10:]
    # a pool row stands for whatever is affine in it, whichever sign it has
    assert screened.one(y, 20, -first.rows[:10]).expressions == rest.expressions


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("name", ["default", "no sum", "differences"])
def test_several_goals_at_once_give_the_lists_of_each_alone(name, precision):
    values, descriptors, y = make_data()
    space = replace(SPACES[name], required=("c", "a"))
    screened = Screened(values, descriptors, space, precision=precision, tile=(16, 7))
    rng = np.random.default_rng(1)
    basis = screened.one(y, 3).rows
    left = residual_of(y, basis, screened.weighting)
    goals = [
        Goal(y),
        Goal(rng.normal(size=len(y))),
        Goal(left, basis),
        Goal(y, containing=1),
        Goal(left, basis[:0], containing=3),
    ]
    together = screened.best(goals, 20, basis[:1])
    for goal, listed in zip(goals, together, strict=True):
        alone = Screened(values, descriptors, space, precision=precision)
        assert listed == alone.best([goal], 20, basis[:1])[0]


@pytest.mark.parametrize(
    "space",
    [
        SearchSpace(required=("c", "a")),
        SearchSpace(
            operators=("*", "/", "^-1", "-"),
            rungs=3,
            max_complexity=3,
            required=("b", "c"),
            excluded=("a",),
        ),
    ],
)
def test_features_must_contain_the_descriptors_that_a_goal_asks_for(space):
    values, descriptors, y = make_data(n=20)
    reference = Plain(values, descriptors, space)
    goals = [Goal(y, containing=bits) for bits in range(4)]
    for precision in ("float64", "float32"):
        screened = Screened(values, descriptors, space, precision=precision)
        for goal, listed in zip(goals, screened.best(goals, 40), strict=True):
            assert_same_list(listed, reference, goal, 40)
            asked = [
                n for k, n in enumerate(space.required) if goal.containing >> k & 1
            ]
            for expression in listed.expressions:
                assert set(asked) <= set(variables(expression))


@pytest.mark.parametrize("target", ["y", "noise"])
def test_classes_and_scores_do_not_depend_on_the_unit_of_a_column(target):
    values, _, y = make_data()
    if target == "noise":
        y = np.random.default_rng(8).normal(size=len(y))
    lists = []
    for unit, factor in (("m", 1e-12), ("nm", 1e-3), ("pm", 1.0)):
        descriptors = (
            Descriptor("a", unit=parse_unit(unit), lower=0.0, reaches_zero=False),
            Descriptor(
                "b",
                unit=parse_unit(unit),
                lower=0.0,
                reaches_zero=False,
                scale=2.0 * factor,
            ),
            Descriptor("c", unit=parse_unit("J")),
        )
        scaled = values * [factor, factor, 1e-19]
        lists.append(Screened(scaled, descriptors, SearchSpace()).one(y, 50))
    for other in lists[1:]:
        assert_same_classes(lists[0], other)


def test_every_pair_of_a_space_is_scanned_once():
    values, descriptors, y = make_data(n=15)
    positive = tuple(
        Descriptor(d.name, lower=0.0, reaches_zero=False) for d in descriptors
    )
    for signs, rungs in ((("+", "*"), 2), (("+",), 2), (("-", "*"), 1), (("|-|",), 1)):
        space = SearchSpace(operators=signs, rungs=rungs, max_complexity=4)
        columns = dict(zip("abc", np.abs(values).T, strict=True))
        stored = enumeration.enumerate_stored(columns, positive, space)
        units = enumeration.Units(positive)
        pairs = enumeration.candidates(stored, space, units)
        for tile in ((3, 5), (256, 1024)):
            screened = Screened(np.abs(values), positive, space, tile=tile)
            screened.one(y, 5)
            assert screened.screening.work.scanned == pairs
            screened.one(y, 5)
            assert screened.screening.work.scanned == 2 * pairs


def test_quotients_are_scanned_both_ways_round():
    values, descriptors, y = make_data(n=15)
    positive = tuple(
        Descriptor(d.name, lower=0.0, reaches_zero=False) for d in descriptors
    )
    space = SearchSpace(operators=("/",), rungs=1)
    screened = Screened(np.abs(values), positive, space)
    screened.one(y, 5)
    assert screened.screening.work.scanned == 3 * 2


def test_few_features_are_scored_one_by_one():
    values, descriptors, y = make_data()
    for precision in ("float64", "float32"):
        screened = Screened(values, descriptors, SPACES["default"], precision=precision)
        screened.one(y, 5)
        work = screened.screening.work
        assert 5 < work.exact < work.scanned / 3
        # two operations per sample, and at least one product per tile
        assert work.flops >= work.scanned / 3 * 2 * len(y)
