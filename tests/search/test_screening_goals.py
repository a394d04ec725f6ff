"""Screening beside the terms of a model, and for several tasks at once."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from screened import (
    Goal,
    Plain,
    Screened,
    Weighting,
    assert_same_list,
    even,
    make_data,
    residual_of,
)

from hecsr.descriptors.descriptor import Descriptor
from hecsr.formula.expression import Binary, Variable
from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.features import Recipes
from hecsr.search.sisso.screening.goals import Aim
from hecsr.search.sisso.space import SearchSpace

FOUR = ("+", "-", "*", "/")
SPACES = {
    "four": SearchSpace(operators=FOUR),
    "differences": SearchSpace(operators=("-", "|-|", "^2", "log"), max_complexity=4),
    "products": SearchSpace(operators=("*", "/", "+"), max_complexity=4),
    "SISSO's": SearchSpace.sisso35(("+", "-", "*", "/", "|-|")),
}
PRECISIONS = ("float64", "float32")


def names(count):
    return tuple(Descriptor(f"x{k}") for k in range(count))


def leaf(row):
    return Recipes.of(op.LEAF, np.array([row]), np.array([row]))


@cache
def uneven(name, centred):
    """Return a table whose samples count differently, and its plain features."""
    rng = np.random.default_rng(1)
    values, descriptors, y = make_data(n=30)
    share = rng.uniform(0.2, 2, 30)
    table = values, descriptors, SPACES[name], Weighting(share / share.sum(), centred)
    return table, y, Plain(*table)


def independent(rows, size):
    """Return some rows, each with something of its own."""
    found = rows[:1]
    for row in rows[3::3]:
        left = row - found.T @ np.linalg.lstsq(found.T, row, rcond=None)[0]
        if len(found) < size and left @ left > 1e-3:
            found = np.vstack([found, row])
    assert len(found) == size
    return found


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 6])
@pytest.mark.parametrize("name", SPACES)
def test_list_beside_a_model_is_that_of_partial_correlations(name, size, centred):
    table, y, reference = uneven(name, centred)
    screened = Screened(*table)
    basis = independent(screened.one(y, 90).rows, size)
    goal = Goal(residual_of(y, basis, table[3]), basis)
    for precision in PRECISIONS:
        listed = Screened(*table, precision=precision).best([goal], 40, basis)[0]
        assert_same_list(listed, reference, goal, 40, basis)


@pytest.mark.parametrize("centred", [True, False])
def test_squared_score_is_the_share_of_the_residual_that_a_feature_takes(centred):
    table, y, _ = uneven("four", centred)
    screened = Screened(*table)
    basis = independent(screened.one(y, 30).rows, 3)
    residual = residual_of(y, basis, table[3])
    listed = screened.best([Goal(residual, basis)], 20, basis)[0]
    before = table[3].share @ residual**2
    for score, row in zip(listed.scores, listed.rows, strict=True):
        after = residual_of(y, np.vstack([basis, row]), table[3])
        assert score**2 == pytest.approx(
            1 - table[3].share @ after**2 / before, abs=1e-9
        )


def test_features_in_the_span_of_a_model_are_refused():
    values, descriptors, y = make_data(n=25)
    space = SearchSpace(operators=("+", "-"), rungs=1)
    screened = Screened(values, descriptors, space)
    basis = screened.evaluator.standardised(Recipes.join([leaf(0), leaf(1)]))
    goal = Goal(residual_of(y, basis, even(25)), basis)
    a, b = Variable("a"), Variable("b")
    pairs = Recipes.join([Recipes.of(c, np.array([0]), np.array([1])) for c in (1, 2)])
    aim = Aim.of(goal, screened.weighting)
    assert screened.evaluator.scores(pairs, aim).tolist() == [-1, -1]
    assert screened.evaluator.scores(leaf(0), aim).tolist() == [-1]
    listed = screened.best([goal], 50)[0]
    assert len(listed.expressions) == 5
    for made in (a, b, Binary("+", a, b), Binary("-", a, b)):
        assert made not in listed.expressions


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("decade", [-2, -4.5])
def test_products_nearly_in_the_span_of_a_model_are_not_lost(decade, centred):
    space = SearchSpace(operators=("*",), rungs=1)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        values = rng.uniform(1, 2, (30, 24))
        hidden = rng.normal(size=30)
        values[:, -1] = rng.normal(size=30)
        values[:, -2] = 1 + 10.0**decade * hidden
        table = values, names(24), space, Weighting(np.full(30, 1 / 30), centred)
        # a product with the first of them is that one and little more
        y = values[:, -1] * hidden
        y = y / y.std() + 0.5 * rng.normal(size=30)
        reference = Plain(*table)
        basis = reference.rows[[23, 3, 5]]
        goal = Goal(residual_of(y, basis, table[3]), basis)
        for precision in PRECISIONS:
            listed = Screened(*table, precision=precision, tile=(8, 8))
            best = listed.best([goal], 1)[0]
            # so little is left that rounding of the values shows
            assert_same_list(best, reference, goal, 1, atol=1e-5)


def in_tasks(sizes, *, constant=False, weighted=False, centred=True):
    """Return a table of several tasks with coefficients of their own, and its target.

    If `constant`, the last column does not vary in the first task.
    """
    n = sum(sizes)
    rng = np.random.default_rng(n)
    edges = tuple(np.cumsum([0, *sizes]).tolist())
    values = rng.uniform(1, 2, (n, 3))
    if constant:
        values[: edges[1], 2] = 1.3
    y = 0.2 * rng.normal(size=n)
    for k, (a, b) in enumerate(pairwise(edges)):
        x = values[a:b]
        y[a:b] += (1, -3, 0.2)[k] * x[:, 0] * x[:, 1] + k * x[:, 2] + 10 * k
    share = rng.uniform(0.1, 2, n) if weighted else np.ones(n)
    return values, y, Weighting(share / share.sum(), centred, edges)


@pytest.mark.parametrize(
    ("sizes", "constant", "weighted"),
    [((10, 10), False, False), ((4, 25), True, False), ((6, 7, 15), True, True)],
)
@pytest.mark.parametrize("name", SPACES)
def test_list_of_several_tasks_is_that_of_plain_scores(name, sizes, constant, weighted):
    values, y, weighting = in_tasks(sizes, constant=constant, weighted=weighted)
    table = values, names(3), SPACES[name], weighting
    reference = Plain(*table)
    screened = Screened(*table)
    rng = np.random.default_rng(0)
    for target in (y, rng.normal(size=len(y)), values[:, 2] + 0.1 * y):
        listed = screened.one(target, 40)
        assert_same_list(listed, reference, Goal(target), 40)
        assert Screened(*table, precision="float32").one(target, 40) == listed


@pytest.mark.parametrize("name", ["four", "differences"])
def test_list_of_several_tasks_without_intercept_is_that_of_plain_scores(name):
    values, y, weighting = in_tasks((8, 20), weighted=True, centred=False)
    table = values, names(3), SPACES[name], weighting
    assert_same_list(Screened(*table).one(y, 40), Plain(*table), Goal(y), 40)


@pytest.mark.parametrize("name", ["four", "differences", "products"])
@pytest.mark.parametrize("sizes", [(10, 12), (1, 20), (2, 20)])
def test_features_constant_in_one_task_are_listed_once(name, sizes):
    values, _, weighting = in_tasks(sizes, constant=True)
    rng = np.random.default_rng(3)
    first = slice(sizes[0])
    y = values[:, 2] + 0.02 * rng.normal(size=len(values))
    y[first] = rng.normal(size=sizes[0])
    table = values, names(3), SPACES[name], weighting
    screened, reference = Screened(*table), Plain(*table)
    for wanted in (40, 150):
        listed = screened.one(y, wanted)
        assert_same_list(listed, reference, Goal(y), wanted)
    # nor is what a pool holds of them
    pool = screened.evaluator.standardised(leaf(2))
    assert_same_list(screened.one(y, 30, pool), reference, Goal(y), 30, pool)


def test_score_over_tasks_is_the_root_mean_square_of_correlations():
    values, y, weighting = in_tasks((9, 21))
    listed = Screened(values, names(3), SPACES["four"], weighting)
    aim = Aim.of(Goal(y), weighting)
    one, two = (
        np.corrcoef(values[part, 0], y[part])[0, 1] for part in (slice(9), slice(9, 30))
    )
    score = listed.evaluator.scores(leaf(0), aim)
    assert score[0] == pytest.approx(np.sqrt((one**2 + two**2) / 2), abs=1e-12)


def test_scale_and_level_of_the_target_in_a_task_do_not_matter():
    values, y, weighting = in_tasks((9, 21))
    screened = Screened(values, names(3), SPACES["four"], weighting)
    listed = screened.one(y, 30)
    changed = y.copy()
    changed[:9] = 400 - 1024 * y[:9]
    again = screened.one(changed, 30)
    assert again.expressions == listed.expressions
    np.testing.assert_allclose(again.scores, listed.scores, atol=1e-11)


def test_task_of_a_constant_target_adds_nothing():
    values, y, weighting = in_tasks((9, 21))
    space = SPACES["four"]
    y[:9] = 3.0
    listed = Screened(values, names(3), space, weighting).one(y, 30)
    assert_same_list(listed, Plain(values, names(3), space, weighting), Goal(y), 30)
    aim = Aim.of(Goal(y), weighting)
    score = Screened(values, names(3), space, weighting).evaluator.scores(leaf(0), aim)
    alone = abs(np.corrcoef(values[9:, 0], y[9:])[0, 1])
    assert score[0] == pytest.approx(alone / np.sqrt(2), abs=1e-12)


@pytest.mark.parametrize("name", SPACES)
def test_one_task_is_the_same_as_none(name):
    values, descriptors, y = make_data(n=20)
    share = np.full(20, 1 / 20)
    table = values, descriptors, SPACES[name]
    one = Screened(*table, Weighting(share, True, (0, 20))).one(y, 30)
    assert one == Screened(*table, Weighting(share)).one(y, 30)


@pytest.mark.parametrize("name", ["four", "differences"])
def test_two_tasks_of_the_same_samples_give_the_list_of_one(name):
    values, descriptors, y = make_data(n=20)
    space = SPACES[name]
    one = Screened(values, descriptors, space).one(y, 30)
    twice = np.vstack([values, values])
    weighting = Weighting(np.full(40, 1 / 40), True, (0, 20, 40))
    two = Screened(twice, descriptors, space, weighting).one(np.tile(y, 2), 30)
    np.testing.assert_allclose(one.scores, two.scores, atol=1e-12)
    assert one.expressions == two.expressions


@pytest.mark.parametrize("tile", [(3, 5), (16, 7), (64, 2048)])
@pytest.mark.parametrize("threads", [1, 2])
def test_list_of_several_tasks_depends_on_neither_tiles_nor_threads(tile, threads):
    values, y, weighting = in_tasks((6, 7, 15), constant=True)
    for name in ("four", "differences"):
        space = replace(SPACES[name], required=("x1",))
        table = values, names(3), space, weighting
        goals = [Goal(y), Goal(y, containing=1), Goal(values[:, 2] ** 2)]
        expected = Screened(*table).best(goals, 25)
        screened = Screened(*table, tile=tile, threads=threads, cache_bytes=10_000)
        assert screened.best(goals, 25) == expected
        assert screened.best(goals, 25) == expected
