"""What a screened list must not depend on: rounding, scales, tiles, threads, stops."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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
from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.space import SearchSpace

FOUR = ("+", "-", "*", "/")
SPACES = {
    "four": SearchSpace(operators=FOUR),
    "differences": SearchSpace(operators=("-", "|-|", "^2", "sqrt"), max_complexity=4),
    "SISSO's": SearchSpace.sisso35(),
}
PRECISIONS = ("float64", "float32")


def names(count):
    return tuple(Descriptor(f"x{k}") for k in range(count))


def check(
    values, targets, space, wanted, weighting=None, precisions=PRECISIONS, **options
):
    """Hold the lists of either precision against plain enumeration."""
    table = values, names(values.shape[1]), space, weighting
    reference = Plain(*table)
    for precision in precisions:
        screened = Screened(*table, precision=precision, **options)
        for y in targets:
            assert_same_list(screened.one(y, wanted), reference, Goal(y), wanted)


def rival(feature, y, share, rng):
    """Return a column that correlates a little less with a target than a feature."""
    p = feature / np.abs(feature).max()
    p = p - p.mean()
    p /= np.linalg.norm(p)
    rest = y - y.mean()
    rest = rest - p * (rest @ p)
    other = rng.normal(size=len(y))
    plane = np.column_stack([np.ones(len(y)), p, rest])
    other = other - plane @ np.linalg.lstsq(plane, other, rcond=None)[0]
    return 9 + p + share * other / np.linalg.norm(other)


@pytest.mark.parametrize("n", [5, 6, 150])
@pytest.mark.parametrize("name", SPACES)
def test_list_for_pure_noise_is_that_of_plain_enumeration(name, n):
    rng = np.random.default_rng(n)
    check(rng.uniform(1, 2, (n, 3)), rng.normal(size=(2, n)), SPACES[name], 30)


@pytest.mark.parametrize("name", ["four", "differences"])
def test_low_threshold_of_many_noisy_samples_loses_nothing(name):
    rng = np.random.default_rng(0)
    values = rng.uniform(1, 2, (300, 3))
    y = rng.normal(size=300)
    # what is left of a target once its best features are taken out
    rows = Screened(values, names(3), SPACES[name]).one(y, 12).rows
    y = residual_of(y, rows, even(300))
    check(values, [y], SPACES[name], 200)


@pytest.mark.parametrize("n", [5, 300])
@pytest.mark.parametrize("name", ["four", "differences"])
def test_features_far_from_zero_lose_nothing(name, n):
    # the squared coefficient of variation is 4e-7
    rng = np.random.default_rng(n)
    values = 1000 + 0.63 * rng.normal(size=(n, 3))
    y = values[:, 0] * values[:, 1] - 900 * values[:, 2] + 300 * rng.normal(size=n)
    check(values, [y, rng.normal(size=n)], SPACES[name], 40)


def test_true_first_ones_of_shifted_features_are_all_found_in_float32():
    rng = np.random.default_rng(1)
    values = 1000 + 0.63 * rng.normal(size=(60, 30))
    y = (values[:, 0] - 1000) * (values[:, 1] - 1000) + rng.normal(size=60)
    table = values, names(30), SearchSpace(operators=("*", "/"), rungs=1)
    for wanted in (1, 20, 200):
        double = Screened(*table, tile=(8, 8)).one(y, wanted)
        assert (
            Screened(*table, tile=(8, 8), precision="float32").one(y, wanted) == double
        )


@pytest.mark.parametrize("name", ["four", "differences"])
def test_tiny_and_huge_scales_lose_nothing(name):
    rng = np.random.default_rng(2)
    values = rng.uniform(1, 2, (30, 3)) * [1e-30, 1e30, 1]
    targets = [values[:, 0] * values[:, 1] + values[:, 2], values[:, 0] * 1e20]
    noisy = [y + 0.2 * y.std() * rng.normal(size=30) for y in targets]
    check(values, noisy, SPACES[name], 40)


@pytest.mark.parametrize("signs", [("+", "-"), ("|-|",)])
@pytest.mark.parametrize("scale", [1e-25, 10**-20.8, 10**-20.4, 1e-12])
def test_sums_of_small_features_beside_large_ones_lose_nothing(scale, signs):
    space = SearchSpace(operators=signs, rungs=1)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        values = scale * rng.uniform(1, 2, (30, 25))
        planted = values[:, -1] + values[:, -2]
        if signs == ("|-|",):
            planted = np.abs(values[:, -1] - values[:, -2])
        y = planted / planted.std() + 0.3 * rng.normal(size=30)
        close = rival(planted, y, 0.05, rng)
        table = np.column_stack([values, close])
        check(table, [y], space, 1, tile=(8, 8))


@pytest.mark.parametrize("decade", [150, 159, 161])
def test_sums_beside_a_power_that_is_far_larger_lose_nothing(decade):
    space = SearchSpace(by_rung=(("^6",), ("+",)))
    for seed in range(2):
        rng = np.random.default_rng(seed)
        values = rng.uniform(1, 2, (30, 25))
        planted = values[:, -1] ** 6 + values[:, -2]
        y = planted / planted.std() + 0.3 * rng.normal(size=30)
        large = 10 ** (decade / 6) * rng.uniform(1, 2, 30)
        table = np.column_stack([large, values, rival(planted, y, 0.2, rng)])
        check(table, [y], space, 1, precisions=("float64",), tile=(4, 4))


@pytest.mark.parametrize("decades", [20, 24, 25, 27])
def test_products_of_columns_that_span_decades_lose_nothing(decades):
    # one rises as the other falls, like a rate and a time: their product does neither
    space = SearchSpace(operators=("*",), rungs=1)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        t = rng.uniform(0, decades, (30, 14))
        product = 1 + 0.3 * np.tanh(rng.normal(size=(30, 14)))
        planted = product[:, -1]
        y = planted / planted.std() + 0.3 * rng.normal(size=30)
        close = rival(planted, y, 0.03, rng)
        table = np.column_stack([10**t, product * 10**-t, close])
        check(table, [y], space, 1, tile=(8, 8))


@pytest.mark.parametrize("decades", [20, 22.6, 23.2])
def test_products_of_columns_that_span_decades_are_not_lost_in_tasks(decades):
    space = SearchSpace(operators=("*",), rungs=1)
    weighting = Weighting(np.full(30, 1 / 30), True, (0, 14, 30))
    for seed in range(6):
        rng = np.random.default_rng(seed)
        t = rng.uniform(0, decades, (30, 14))
        product = 1 + 0.3 * np.tanh(rng.normal(size=(30, 14)))
        y, close = np.empty(30), np.empty(30)
        for task in weighting.tasks:
            planted = product[task, -1]
            noise = rng.normal(size=len(planted))
            y[task] = planted / planted.std() + 2.5 * noise
            close[task] = rival(planted, y[task], 0.02, rng)
        table = np.column_stack([10**t, product * 10**-t, close])
        check(table, [y], space, 1, weighting, ("float64",), tile=(8, 8))


@pytest.mark.parametrize("apart", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("name", ["four", "differences"])
def test_differences_that_nearly_cancel_lose_nothing(name, apart):
    rng = np.random.default_rng(3)
    a, c = rng.uniform(1, 2, (2, 40))
    values = np.column_stack([a, a + apart * rng.normal(size=40), c])
    y = (values[:, 0] - values[:, 1]) / apart
    check(values, [y + 0.3 * rng.normal(size=40)], SPACES[name], 25)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("name", SPACES)
def test_weights_over_decades_lose_nothing(name, centred):
    rng = np.random.default_rng(4)
    values = rng.uniform(1, 2, (40, 3))
    y = values[:, 0] * values[:, 1] + 0.3 * rng.normal(size=40)
    share = 10.0 ** rng.uniform(-6, 0, 40)
    check(values, [y], SPACES[name], 40, Weighting(share / share.sum(), centred))


@cache
def usual(name, precision):
    values, descriptors, y = make_data(n=30)
    return Screened(values, descriptors, SPACES[name], precision=precision).one(y, 50)


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("tile", [(3, 5), (16, 7), (256, 1024), (64, 2048)])
@pytest.mark.parametrize("name", SPACES)
def test_list_depends_on_neither_tiles_nor_threads(name, tile, threads):
    values, descriptors, y = make_data(n=30)
    table = values, descriptors, SPACES[name]
    expected = usual(name, "float64")
    for precision in PRECISIONS:
        options = {"precision": precision, "tile": tile, "threads": threads}
        assert Screened(*table, **options).one(y, 50) == expected


@pytest.mark.parametrize(("precision", "threads"), [("float64", 1), ("float32", 2)])
@pytest.mark.parametrize("name", SPACES)
def test_kept_variances_change_no_list(name, precision, threads):
    values, descriptors, y = make_data(n=30)
    rng = np.random.default_rng(6)
    targets = [y, rng.normal(size=30), values[:, 1] ** 3, y]
    options = {"precision": precision, "tile": (16, 16), "threads": threads}
    lists = []
    # no tile, some tiles, all of them
    for room in (0, 10_000, 10**8):
        screened = Screened(
            values, descriptors, SPACES[name], cache_bytes=room, **options
        )
        lists.append([screened.one(target, 30) for target in targets])
        screened.screening.release()
        lists[-1] += [screened.one(target, 30) for target in targets]
    assert lists[0] == lists[1] == lists[2]
    assert lists[0][:4] == lists[0][4:]


@pytest.mark.parametrize("name", ["four", "SISSO's"])
def test_kept_variances_save_work_until_they_are_released(name):
    values, descriptors, y = make_data(n=30)
    screened = Screened(values, descriptors, SPACES[name], cache_bytes=20_000)
    flops = [0]
    for _ in range(3):
        screened.one(y, 30)
        flops.append(screened.screening.work.flops)
    screened.screening.release()
    screened.one(y, 30)
    flops.append(screened.screening.work.flops)
    first, second, third, after = np.diff(flops)
    assert second == third < first == after


class StopError(Exception):
    pass


class Watched:
    """Records progress, and stops after some tiles."""

    def __init__(self, limit=None, error=StopError):
        self.limit = limit
        self.error = error
        self.calls = []
        self.kept = None

    def __call__(self, done, total, kept):
        self.calls.append((done, total))
        if len(self.calls) == self.limit:
            self.kept = done, kept()
            raise self.error


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("limit", [1, 4, 9])
@pytest.mark.parametrize("name", SPACES)
def test_screening_resumes_where_it_stopped(name, limit, threads):
    values, descriptors, y = make_data(n=30)
    table = values, descriptors, SPACES[name]
    goals = [Goal(y), Goal(values[:, 2] ** 2)]
    options = {"tile": (4, 8), "threads": threads}
    whole = Screened(*table, tile=(4, 8)).best(goals, 15)
    stopped, watched = Screened(*table, **options), Watched(limit)
    with pytest.raises(StopError):
        stopped.best(goals, 15, watch=watched)
    assert len(watched.calls) == limit
    done = watched.kept[0]
    assert done <= limit if threads == 1 else done < watched.calls[0][1]
    fresh, rest = Screened(*table, **options), Watched()
    assert fresh.best(goals, 15, watch=rest, resume=watched.kept) == whole
    total = rest.calls[0][1]
    assert len(rest.calls) == total - done
    assert fresh.screening.work.scanned > 0
    # what stopped may also be begun anew
    assert stopped.best(goals, 15) == whole


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_counts_the_leading_tiles(threads):
    values, descriptors, y = make_data(n=30)
    watched = Watched()
    screened = Screened(
        values, descriptors, SPACES["four"], tile=(8, 8), threads=threads
    )
    screened.best([Goal(y)], 15, watch=watched)
    total = len(watched.calls)
    done = [d for d, _ in watched.calls]
    assert [t for _, t in watched.calls] == [total] * total
    assert done == sorted(done)
    assert done[-1] == total
    if threads == 1:
        assert done == list(range(1, total + 1))


@pytest.mark.parametrize("threads", [1, 2])
def test_interrupt_from_the_keyboard_ends_a_screening(threads):
    values, descriptors, y = make_data(n=30)
    screened = Screened(
        values, descriptors, SPACES["four"], tile=(8, 8), threads=threads
    )
    watched = Watched(3, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        screened.best([Goal(y)], 15, watch=watched)
    assert len(watched.calls) == 3
    assert screened.best([Goal(y)], 15, resume=watched.kept)[0] == Screened(
        values, descriptors, SPACES["four"]
    ).one(y, 15)


def test_resuming_after_the_last_tile_lists_what_was_kept():
    values, descriptors, y = make_data(n=30)
    table = values, descriptors, SPACES["four"]
    whole = Screened(*table, tile=(8, 8)).one(y, 15)
    count = []
    Screened(*table, tile=(8, 8)).one(
        y, 15, watch=lambda d, t, k: count.append((t, k()))
    )
    again = Screened(*table, tile=(8, 8))
    assert again.one(y, 15, resume=count[-1]) == whole
    assert again.screening.work.scanned == 0


@st.composite
def searches(draw):
    """Return a small table, a target, a space, weights and how it is screened."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n = draw(st.integers(5, 25))
    columns = draw(st.sampled_from([3, 2, 1]))
    low = draw(st.sampled_from([-1.0, 0.1, 1.0, 3.0]))
    values = low + rng.uniform(0, 2, (n, columns))
    if draw(st.booleans()):
        # equal values and ties
        values = np.round(values * 4) / 4
    signs = draw(
        st.lists(
            st.sampled_from(list(op.OPERATORS)), min_size=2, max_size=5, unique=True
        )
    )
    most = draw(st.sampled_from([3, 4, 2, 1]))
    if draw(st.booleans()):
        space = SearchSpace.sisso35(tuple(signs), max_complexity=most)
    else:
        space = SearchSpace(
            tuple(signs), max_complexity=most, poles=draw(st.booleans())
        )
    target = rng.normal(size=n)
    if draw(st.booleans()):
        target = target * 0.1 + values[:, 0] * values[:, -1]
    share = rng.uniform(0.1, 1, n) if draw(st.booleans()) else np.ones(n)
    weighting = Weighting(share / share.sum(), draw(st.booleans()))
    options = {
        "precision": draw(st.sampled_from(PRECISIONS)),
        "tile": draw(st.sampled_from([(3, 5), (16, 7), (256, 1024)])),
        "threads": draw(st.sampled_from([1, 2])),
    }
    return (
        values,
        target,
        space,
        weighting,
        draw(st.sampled_from([20, 5, 1, 60])),
        options,
    )


@given(searches())
@settings(max_examples=15, deadline=None)
def test_list_of_any_small_space_is_that_of_plain_enumeration(search):
    values, target, space, weighting, wanted, options = search
    varied = values.std(axis=0) > 0
    values = values[:, varied]
    table = values, names(values.shape[1]), space, weighting
    if not values.shape[1]:
        return
    listed = Screened(*table, **options).one(target, wanted)
    assert_same_list(listed, Plain(*table), Goal(target), wanted)
