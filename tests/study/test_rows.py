"""Cells of a user's table are text; selections say what they mean."""

import pandas as pd
import pytest

from hecsr.composition import Composition
from hecsr.config import parse_analysis
from hecsr.descriptors.supplied import supplied
from hecsr.errors import ConfigError, FormulaError, UnitError
from hecsr.formula.grammar import parse
from hecsr.study.rows import look_up, matches, read_rows
from hecsr.units import parse_unit


@pytest.mark.parametrize(
    ("cells", "allowed", "found"),
    [
        (["1", "2.0", "x", ""], [2], [False, True, False, False]),
        (["True", "false", "yes", ""], [True], [True, False, True, False]),
        (["a", "", " ", "b"], [""], [False, True, True, False]),
        (["a", "b", "ab", "A"], ["a", "b"], [True, True, False, False]),
        ([1.0, 2.0, None, 3.0], [2], [False, True, False, False]),
    ],
)
def test_a_selection_reads_text_as_the_values_own_type(cells, allowed, found):
    assert matches(pd.Series(cells), allowed).tolist() == found


@pytest.mark.parametrize(
    ("film", "said"),
    [
        (["no", "yes", "no"], "thin film is yes"),
        (["no", "5 nm", "no"], "thin film is not no"),
    ],
)
def test_rows_set_aside_have_their_reason_in_words(tmp_path, film, said):
    table = pd.DataFrame({"composition": ["TiC", "ZrC", "HfC"], "y": [1.0, 2.0, 3.0]})
    table.assign(thin_film=film).to_csv(tmp_path / "t.csv", index=False)
    content = {
        "name": "a", "title": "t", "question": "q", "task": "regression",
        "data": {"file": "t.csv", "target": "y", "select": {"thin_film": False}},
        "engines": {"lasso": {}},
    }  # fmt: skip
    rows = read_rows(parse_analysis(content, "x.toml"), tmp_path, tmp_path / "out")
    assert [one.reason for one in rows.set_aside] == [said]


def test_two_values_for_one_composition_are_not_averaged_or_dropped():
    composition = [Composition.parse("(Hf,Nb,Ta,Ti,Zr)C")]
    chosen = look_up(composition, "efa", "efa", {"dataset": "divilov2024"})
    assert chosen == [99.0]
    with pytest.raises(ConfigError, match="two values of efa"):
        look_up(composition, "efa", "efa", {})
    with pytest.raises(ConfigError, match="did you mean 'efa'"):
        look_up(composition, "efa", "eaf", {})


def test_a_condition_on_a_group_that_is_none_is_refused():
    content = {
        "name": "a", "title": "t", "question": "q", "task": "regression",
        "data": {"table": "efa", "target": "efa", "groups_where": {"lab": "known"}},
        "engines": {"lasso": {}},
    }  # fmt: skip
    with pytest.raises(ConfigError, match="'lab', which no group is"):
        parse_analysis(content, "x.toml")


def test_a_scale_follows_its_column_into_another_unit():
    load, _ = supplied("load", "N", wanted="kgf")
    assert load.scale == pytest.approx(1.0)
    assert load.logarithmic


def test_what_a_file_may_hold_has_an_end():
    with pytest.raises(FormulaError, match="more than 500 operators"):
        parse("+".join(["x"] * 1000))
    for text in ("m^(1/0)", "kJ^999999999", "m" * 100, "(" * 50 + "m", "kgf/m2m"):
        with pytest.raises(UnitError):
            parse_unit(text)
