import re

import pytest

from hecsr.formula.lookalikes import missing_column


@pytest.mark.parametrize(
    ("asked", "there", "said"),
    [
        ("\u03bc", "\u00b5", "U\\+00B5 MICRO SIGN instead of U\\+03BC GREEK SMALL"),
        ("x 1", "x\u00a01", "NO-BREAK SPACE"),
        ("VEC ", "VEC", "nothing instead of U\\+0020 SPACE"),
        ("ΔH", "∆H", "U\\+2206 INCREMENT"),
        ("vec", "VEC", "did you mean 'VEC'"),
        ("hardnes", "hardness", "did you mean 'hardness'"),
        ("q", "hardness", "allowed: a, b, hardness"),
    ],
)
def test_a_missing_column_names_the_one_that_looks_the_same(asked, there, said):
    assert re.search(said, missing_column(asked, ["a", "b", there]))


def test_many_columns_are_not_all_listed():
    said = missing_column("?", [f"column{i}" for i in range(40)])
    assert said.endswith("column11 and 28 more")
    assert "has none" in missing_column("x", [])


@pytest.mark.parametrize(
    ("name", "said"),
    [("pi", "3.14159"), ("e", "2.71828"), ("nan", "finite"), ("inf", "finite"),
     ("True", "its value, 1")],
)  # fmt: skip
def test_names_of_constants_are_to_be_given_by_value(name, said):
    for message in (missing_column(name, ["x"]), missing_column(name, [])):
        assert f"'{name}' is no constant here" in message
        assert said in message
