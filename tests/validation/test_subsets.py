"""Folds within a subset touch no other row."""

import numpy as np
import pytest

from hecsr.config import parse_analysis
from hecsr.errors import ConfigError
from hecsr.validation.subsets import folds_within

Y = np.array([0, 1] * 10 + [1] * 10)
MASK = np.arange(30) < 20


def test_only_the_rows_of_the_subset_are_trained_on_and_tested():
    made = folds_within("quality A", MASK, Y, n_splits=4, n_repeats=2, stratified=True)
    assert len(made) == 8
    for split in made:
        assert sorted([*split.train, *split.test]) == list(range(20))
    for repeat in (0, 1):
        held = [i for s in made if s.repeat == repeat for i in s.test.tolist()]
        assert sorted(held) == list(range(20))


def test_rows_in_the_middle_of_the_table_are_named_by_their_place():
    mask = np.zeros(30, dtype=bool)
    mask[[3, 4, 21, 26]] = True
    made = folds_within("few", mask, np.arange(30.0), n_splits=2)
    assert {int(i) for s in made for i in s.test} == {3, 4, 21, 26}


def test_groups_stay_whole_and_classes_balanced_within_the_subset():
    groups = np.repeat(np.arange(15), 2)
    made = folds_within("a", MASK, Y, n_splits=5, groups=groups, stratified=True)
    for split in made:
        assert not set(groups[split.train]) & set(groups[split.test])
        assert Y[split.test].mean() == 0.5


def test_the_scheme_bears_the_label_and_says_how_many_rows_it_has():
    scheme = folds_within("quality A alone", MASK, Y, n_splits=2).scheme
    assert scheme.name == "quality-a-alone"
    assert scheme.label == "Quality A alone"
    assert "20 of the 30 rows" in scheme.description


@pytest.mark.parametrize(
    ("mask", "folds", "message"),
    [
        (np.zeros(30, dtype=bool), 3, "'mine' holds no row"),
        (~MASK, 3, "'mine'.*all rows are of the class 1"),
        (MASK, 11, "'mine'.*10 members for 11 folds"),
        (np.arange(30) < 3, 5, "'mine'.*3 rows cannot be split"),
    ],
)
def test_a_subset_that_cannot_be_split_is_refused_by_name(mask, folds, message):
    with pytest.raises(ConfigError, match=message):
        folds_within("mine", mask, Y, n_splits=folds, stratified=True)


def test_a_subset_must_select_something():
    content = {
        "name": "a", "title": "t", "question": "q", "task": "regression",
        "data": {"table": "efa", "target": "efa"}, "engines": {"lasso": {}},
        "validation": {"subsets": [{"label": "all", "select": {}}]},
    }  # fmt: skip
    with pytest.raises(ConfigError, match=r"validation\.subsets\.0\.select"):
        parse_analysis(content, "x.toml")
