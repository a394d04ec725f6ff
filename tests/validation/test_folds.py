"""Splits: every row is held out once, and what belongs together stays together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.errors import HecsrError
from hecsr.validation.folds import k_fold
from hecsr.validation.groups import connected_groups


def held_out_counts(splits, n_rows):
    counts = {}
    for s in splits:
        assert not set(s.train) & set(s.test)
        assert len(s.train) + len(s.test) == n_rows
        counts.setdefault(s.repeat, np.zeros(n_rows, int))[s.test] += 1
    return counts


@given(
    st.integers(12, 60), st.integers(2, 6), st.integers(0, 99), st.booleans(),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_every_row_is_held_out_once_in_each_repeat(n, k, seed, grouped, stratified):
    y = np.arange(n) % 2
    groups = np.arange(n) // 2 if grouped else None
    splits = k_fold(
        y, n_splits=k, n_repeats=2, groups=groups, stratified=stratified, seed=seed
    )
    counts = held_out_counts(splits, n)
    assert len(counts) == 2
    assert all((c == 1).all() for c in counts.values())
    if grouped:
        for s in splits:
            assert not set(groups[s.train]) & set(groups[s.test])


def test_repeats_differ_and_a_seed_repeats():
    y = np.arange(40.0)
    first, second = k_fold(y, n_repeats=2, seed=3), k_fold(y, n_repeats=2, seed=3)
    for a, b in zip(first, second, strict=True):
        assert (a.test == b.test).all()
    tests = [tuple(s.test) for s in first]
    assert len(set(tests)) == 10
    assert tests != [tuple(s.test) for s in k_fold(y, n_repeats=2, seed=4)]


def test_a_large_group_does_not_unbalance_the_parts():
    groups = np.repeat(np.arange(31), [20] + [1] * 30)
    sizes = [len(s.test) for s in k_fold(groups, groups=groups, n_splits=5)]
    assert sorted(sizes) == [7, 7, 8, 8, 20]


def test_stratified_parts_hold_equal_shares():
    y = np.r_[np.ones(30), np.zeros(10)]
    for s in k_fold(y, n_splits=5, stratified=True):
        assert y[s.test].sum() == 6


def test_the_scheme_says_what_it_is():
    scheme = k_fold(np.arange(20) % 2, stratified=True, n_repeats=3).scheme
    assert scheme.name == "stratified-5-fold"
    assert (scheme.n_splits, scheme.n_repeats) == (5, 3)
    renamed = k_fold(np.arange(20.0)).named("outer", "Outer folds").scheme
    assert (renamed.name, renamed.label) == ("outer", "Outer folds")


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        (np.arange(3.0), {}, "3 rows cannot be split into 5 folds"),
        (np.arange(9.0), {"groups": [1, 1, 1, 2, 2, 2, 3, 3, 3]}, "3 groups cannot"),
        (np.ones(9), {"stratified": True}, "all rows are of the class 1"),
        ([1] * 9 + [0], {"stratified": True}, "class 0 has 1 members for 5 folds"),
        (np.arange(9.0), {"groups": [1, 2]}, "2 groups are given for 9 rows"),
        (np.arange(9.0), {"n_splits": 1}, "give at least 2 and 1"),
        (
            [0, 0, 0, 1, 1, 1, 1, 1, 1],
            {"stratified": True, "n_splits": 3, "groups": [0, 0, 0, 1, 2, 3, 4, 5, 6]},
            "one class only",
        ),
    ],
)
def test_impossible_splits_are_refused(y, options, message):
    with pytest.raises(HecsrError, match=message):
        k_fold(np.asarray(y), **options)


def test_rows_are_linked_through_either_key():
    composition = ["A", "B", "B", "C", "D", "E"]
    paper = [None, "p", None, "p", float("nan"), None]
    assert connected_groups(composition, paper).tolist() == [0, 1, 1, 1, 2, 3]


def test_a_chain_of_links_makes_one_group():
    # 0-1 by the first key, 1-2 by the second, 2-3 by the first
    assert len(set(connected_groups([1, 1, 2, 2], [1, 2, 2, 3]))) == 1


def test_missing_keys_link_nothing():
    assert connected_groups([None, None, None]).tolist() == [0, 1, 2]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 8), st.one_of(st.none(), st.integers(0, 8))
        ),
        min_size=1,
        max_size=25,
    )
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_groups_are_the_components_that_scipy_finds(rows):
    from scipy.sparse.csgraph import connected_components

    n = len(rows)
    linked = np.array(
        [
            [a[0] == b[0] or (a[1] is not None and a[1] == b[1]) for b in rows]
            for a in rows
        ]
    )
    _, expected = connected_components(linked, directed=False)
    found = connected_groups([r[0] for r in rows], [r[1] for r in rows])
    for i in range(n):
        assert ((found == found[i]) == (expected == expected[i])).all()


def test_keys_of_unlike_length_are_refused():
    with pytest.raises(HecsrError, match="differ in length"):
        connected_groups([1, 2], [1])
    with pytest.raises(HecsrError, match="at least one key"):
        connected_groups()
