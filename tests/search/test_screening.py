"""The screening against plain enumeration."""

import numpy as np
import pytest
from enumeration import enumerate_space, scores

from hecsr.descriptors.descriptor import Descriptor
from hecsr.formula.expression import complexity, evaluate, variables
from hecsr.formula.physics import unit_of
from hecsr.search.sisso.generate import stored_features
from hecsr.search.sisso.ranking import Evaluator
from hecsr.search.sisso.screening import Screening
from hecsr.search.sisso.space import SearchSpace
from hecsr.search.sisso.units import UnitTable
from hecsr.units import parse_unit

SPACES = {
    "default": SearchSpace(max_complexity=3),
    "complex": SearchSpace(max_complexity=5),
    "all": SearchSpace(
        operators=(
            *("+", "-", "*", "/", "|-|", "^-1", "^2", "^3", "^6", "sqrt", "cbrt"),
            *("exp", "exp-", "log", "abs", "sin", "cos"),
        ),
        max_complexity=4,
    ),
    "no product": SearchSpace(operators=("+", "/", "^-1", "log"), max_complexity=4),
    "no difference": SearchSpace(operators=("*", "/", "|-|", "exp"), max_complexity=4),
    "by rung": SearchSpace(
        by_rung=(("-", "^-1", "/"), ("*", "+", "/", "sqrt")), max_complexity=4
    ),
    "one rung": SearchSpace(rungs=1),
    "descriptors": SearchSpace(rungs=0),
}


def make_data(kind, n=40):
    rng = np.random.default_rng(3)
    a = rng.uniform(1, 3, n)
    b = rng.uniform(0.5, 2, n)
    c = rng.uniform(-1, 1, n)
    d = rng.uniform(0, 0.3, n)
    names = ("a", "b", "c", "d")
    values = np.column_stack([a, b, c, d])
    if kind == "plain":
        described = [Descriptor(n) for n in names]
    else:
        units = {"a": "pm", "b": "pm", "c": "kJ/mol", "d": "1"}
        described = [
            Descriptor(
                name,
                unit=parse_unit(units[name]),
                lower=None if name == "c" else 0.0,
                reaches_zero=name not in "ab",
            )
            for name in names
        ]
    y = a * b - 2 * d + 0.3 * np.log(a / b) + 0.1 * rng.normal(size=n)
    return values, tuple(described), y


def screen(values, descriptors, y, space, wanted, share=None, tile=(256, 1024)):
    share = np.full(len(y), 1 / len(y)) if share is None else share
    units = UnitTable()
    features = stored_features(values, descriptors, share, space, units)
    evaluator = Evaluator(features, share, space.constant_below)
    screening = Screening(evaluator, space, units, 10**8, tile)
    residual = y - share @ y
    found = screening.best(residual, wanted, np.empty((0, len(y))))
    standard = evaluator.standardised_residual(residual)
    got = evaluator.scores(found, standard)
    expressions = [
        features.expression(int(o), int(i), int(j), descriptors)
        for o, i, j in zip(found.operator, found.left, found.right, strict=True)
    ]
    return expressions, got, evaluator.standardised(found)


@pytest.mark.parametrize("kind", ["plain", "units"])
@pytest.mark.parametrize("name", SPACES)
def test_screened_list_is_that_of_plain_enumeration(name, kind):
    values, descriptors, y = make_data(kind)
    space = SPACES[name]
    columns = dict(zip([d.name for d in descriptors], values.T, strict=True))
    wanted = 60
    expressions, got, rows = screen(values, descriptors, y, space, wanted)

    every = enumerate_space(columns, descriptors, space)
    score = scores(every, y)
    standard = np.array([(f.value / np.abs(f.value).max()) for f in every])
    standard -= standard.mean(axis=1, keepdims=True)
    standard /= np.linalg.norm(standard, axis=1, keepdims=True)
    order = np.argsort(-score, kind="stable")
    classes = []
    for k in order:
        if all(abs(standard[k] @ standard[m]) < 1 - 1e-10 for m in classes):
            classes.append(k)
        if len(classes) == wanted + 1:
            break
    best = classes[:wanted]
    assert len(expressions) == len(best)
    np.testing.assert_allclose(got, score[best], atol=1e-9)
    # the same classes, but for ties at the end of the list
    last = score[best[-1]] + 1e-9
    match = np.abs(rows @ standard[best].T) > 1 - 1e-9
    for k, m in enumerate(best):
        if score[m] > last:
            assert match[:, k].sum() == 1
    # of each class the simplest form
    for expression, row in zip(expressions, rows, strict=True):
        members = np.flatnonzero(np.abs(standard @ row) > 1 - 1e-10)
        simplest = min((every[m].nodes for m in members), default=None)
        assert complexity(expression) == simplest


@pytest.mark.parametrize("kind", ["plain", "units"])
def test_expression_evaluates_to_the_feature_that_was_scored(kind):
    values, descriptors, y = make_data(kind)
    columns = dict(zip([d.name for d in descriptors], values.T, strict=True))
    units = {d.name: d.unit for d in descriptors}
    expressions, _, rows = screen(values, descriptors, y, SPACES["all"], 200)
    for expression, row in zip(expressions, rows, strict=True):
        value = evaluate(expression, columns)
        value = value - value.mean()
        np.testing.assert_allclose(value / np.linalg.norm(value), row, atol=1e-12)
        unit_of(expression, units)
        assert complexity(expression) <= 4
        assert variables(expression)


@pytest.mark.parametrize("tile", [(3, 5), (16, 7), (256, 1024)])
def test_list_does_not_depend_on_the_tiles(tile):
    values, descriptors, y = make_data("units")
    first, score, _ = screen(values, descriptors, y, SPACES["complex"], 50)
    again, other, _ = screen(values, descriptors, y, SPACES["complex"], 50, tile=tile)
    assert first == again
    assert np.array_equal(score, other)


def test_weights_count_as_repeated_rows():
    values, descriptors, y = make_data("plain")
    counts = np.random.default_rng(0).integers(1, 4, len(y))
    weighted, score, _ = screen(
        values, descriptors, y, SPACES["default"], 30, share=counts / counts.sum()
    )
    repeated, other, _ = screen(
        values.repeat(counts, axis=0),
        descriptors,
        y.repeat(counts),
        SPACES["default"],
        30,
    )
    np.testing.assert_allclose(score, other, atol=1e-12)
    assert weighted == repeated


def test_pool_members_are_left_out_of_the_next_list():
    values, descriptors, y = make_data("plain")
    space, share = SPACES["default"], np.full(len(y), 1 / len(y))
    units = UnitTable()
    features = stored_features(values, descriptors, share, space, units)
    evaluator = Evaluator(features, share, space.constant_below)
    screening = Screening(evaluator, space, units, 10**8)
    first = screening.best(y, 30, np.empty((0, len(y))))
    pool = evaluator.standardised(first)[:10]
    rest = screening.best(y, 20, pool)
    assert np.array_equal(first.take(np.arange(10, 30)).left, rest.left)
    assert np.array_equal(first.take(np.arange(10, 30)).operator, rest.operator)
