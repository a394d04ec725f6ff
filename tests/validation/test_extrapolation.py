"""Extrapolation to more metals and to later years."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.errors import HecsrError
from hecsr.validation.extrapolation import later_years, more_metals

METALS = np.array([1, 2, 2, 4, 5, 5, 6])
YEARS = np.array([2018, 2018, 2019, 2021, np.nan, 2022, 2022])


def sides(splits):
    return {s.label: (s.train.tolist(), s.test.tolist()) for s in splits}


def test_few_metals_are_trained_on_and_more_are_tested():
    made = more_metals(METALS, [4], np.arange(7.0), min_rows=1)
    assert sides(made) == {"5 and more metals": ([0, 1, 2, 3], [4, 5, 6])}
    assert made.scheme.name == "more-metals"
    assert made.scheme.description == (
        "trained on compositions of up to 4 metals, tested on those of more; "
        "rows to train on and to test: 4 and 3"
    )


def test_a_window_of_years_expands_and_each_later_row_is_tested_once():
    made = later_years(YEARS, [2021, 2018], np.arange(7.0), min_rows=1)
    assert sides(made) == {
        "2019 to 2021": ([0, 1], [2, 3]),
        "after 2021": ([0, 1, 2, 3], [5, 6]),
    }
    assert "1 rows without a year take no part" in made.notes[0]


def test_a_window_of_one_year_or_one_number_is_named_so():
    made = later_years(YEARS, [2018, 2019], np.arange(7.0), min_rows=1)
    assert [s.label for s in made] == ["in 2019", "after 2019"]
    made = more_metals(METALS, [4, 5], np.arange(7.0), min_rows=1)
    assert [s.label for s in made] == ["5 metals", "6 and more metals"]


def test_a_window_with_too_few_rows_is_skipped_and_said():
    made = later_years(YEARS, [2018, 2021], np.arange(7.0), min_rows=2)
    assert len(made) == 2
    made = later_years(YEARS, [2018, 2019], np.arange(7.0), min_rows=2)
    assert [s.label for s in made] == ["after 2019"]
    assert any("in 2019 (1, 2)" in n for n in made.notes)


def test_years_of_one_class_are_not_trained_on():
    y = np.array([1, 1, 0, 1, 0, 1, 0])
    made = later_years(YEARS, [2018, 2019], y, min_rows=1, classes=True)
    assert [s.label for s in made] == ["after 2019"]
    assert any("one class only" in n and "in 2019" in n for n in made.notes)


def test_what_cannot_be_made_says_what_the_table_holds():
    y = np.arange(7.0)
    with pytest.raises(HecsrError, match="years in the table: 2018 to 2022"):
        later_years(YEARS, [2030], y)
    with pytest.raises(HecsrError, match="numbers of metals in the table: 5"):
        more_metals(np.full(7, 5), [4], y)
    with pytest.raises(HecsrError, match="years in the table: none"):
        later_years(np.full(7, np.nan), [2019], y)
    with pytest.raises(HecsrError, match="no limit"):
        more_metals(METALS, [], y)
    with pytest.raises(HecsrError, match="7 years are given for 3 rows"):
        later_years(YEARS, [2019], y[:3])


@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(2010, 2020), st.just(float("nan"))),
            st.integers(0, 12),
        ),
        min_size=2,
        max_size=30,
    ),
    st.lists(st.integers(2009, 2020), min_size=1, max_size=4),
)
@settings(max_examples=120, deadline=None)
def test_the_past_alone_is_trained_on_and_no_group_is_torn(rows, limits):
    years, groups = (np.array(column) for column in zip(*rows, strict=True))
    y = np.arange(len(rows))
    try:
        made = later_years(years, limits, y, min_rows=1, groups=groups)
    except HecsrError:
        return
    for s in made:
        assert not np.isnan(years[[*s.train, *s.test]]).any()
        assert years[s.train].max() < years[s.test].min()
        assert not set(groups[s.train]) & set(groups[s.test])
    held = [i for s in made for i in s.test.tolist()]
    assert len(held) == len(set(held))
    again = later_years(years, limits, y, min_rows=1, groups=groups)
    assert sides(made) == sides(again)
