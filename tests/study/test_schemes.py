"""The schemes of an analysis, from its keys to splits of its rows."""

import numpy as np
import pandas as pd
import pytest

from hecsr.composition import Composition
from hecsr.config import parse_analysis
from hecsr.errors import ConfigError
from hecsr.study.labels import groups_of
from hecsr.study.rows import Rows, read_rows
from hecsr.study.samples import make_samples
from hecsr.study.schemes import schemes

TEXTS = [
    "TiC", "ZrC", "(Ti,Zr)C", "(Hf,Ti)C", "(Hf,Ti,Zr)C", "(Ti0.2,Zr0.8)C",
    "TiB2", "ZrB2", "(Ti,Zr)B2", "(Hf,Ti)B2", "(Hf,Ti,Zr)B2", "(Hf,Ta,Ti,Zr)B2",
]  # fmt: skip
YEARS = ["2018", "2018", "2019", "", "2020", "2020"] * 2


@pytest.fixture
def made(tmp_path):
    """Make the schemes of a small table; keywords are keys of [validation]."""

    def make(*, repeats=None, frame=None, groups=("composition",), **keys):
        if frame is None:
            frame = pd.DataFrame(
                {
                    "composition": TEXTS,
                    "hardness": np.linspace(10, 30, 12),
                    "year": YEARS,
                    "lab": ["a"] * 4 + ["b"] * 4 + [""] * 4,
                    "source": ["s"] * 6 + ["t"] * 6,
                }
            )
        frame.to_csv(tmp_path / "mine.csv", index=False)
        content = {
            "name": "a", "title": "t", "question": "q", "task": "regression",
            "data": {
                "file": "mine.csv", "target": "hardness", "groups": list(groups),
            },
            "descriptors": {"use": ["vec", "delta"]},
            "validation": {"folds": 3, "min_rows": 2, **keys},
            "engines": {"lasso": {}},
        }  # fmt: skip
        analysis = parse_analysis(content, "x.toml")
        samples = make_samples(analysis, read_rows(analysis, tmp_path, tmp_path / "o"))
        return schemes(analysis, samples, repeats)

    return make


def labels(splits):
    return {s.label: (len(s.train), len(s.test)) for s in splits}


def test_the_main_scheme_is_first_and_repeats_can_be_overridden(made):
    main, *others = made(repeats=3)
    assert not others
    assert main.scheme.name == "grouped-3-fold"
    assert (main.scheme.n_repeats, len(main)) == (3, 9)
    assert made()[0].scheme.n_repeats == 1


def test_every_kind_that_is_asked_for_is_left_out(made):
    found = made(leave_one_out=["row", "element", "source", "family", "metals", "lab"])
    by_name = {s.scheme.name: s for s in found[1:]}
    assert list(by_name) == [
        "leave-one-out",
        "leave-one-element-out",
        "leave-one-source-out",
        "leave-one-family-out",
        "leave-one-set-of-metals-out",
        "leave-one-lab-out",
    ]
    assert len(by_name["leave-one-out"]) == 12
    families = labels(by_name["leave-one-family-out"])
    assert families == {"carbide": (6, 6), "diboride": (6, 6)}
    # amounts and anions aside: three rows of Ti and Zr, two of Ti alone
    assert labels(by_name["leave-one-set-of-metals-out"])["Ti-Zr"] == (9, 3)
    assert labels(by_name["leave-one-lab-out"]) == {"a": (8, 4), "b": (8, 4)}


def test_metals_and_years_are_extrapolated(made):
    found = made(metals_up_to=[2], years_up_to=[2018, 2019])
    assert [s.scheme.name for s in found[1:]] == ["more-metals", "later-years"]
    assert labels(found[1]) == {"3 and more metals": (9, 3)}
    assert labels(found[2]) == {"in 2019": (4, 2), "after 2019": (6, 4)}


def test_a_scheme_that_cannot_be_made_is_passed_over_beside_others(made):
    found = made(leave_one_out=["family"], metals_up_to=[4])
    assert [s.scheme.name for s in found[1:]] == ["leave-one-family-out"]
    (note,) = found[0].notes
    assert "'validation.metals_up_to' of 4" in note
    assert "5 and more metals (0, 12)" in note


def test_a_scheme_that_cannot_be_made_is_an_error_where_nothing_else_is_asked(made):
    with pytest.raises(ConfigError, match=r"years_up_to' of 1990.*2018 to 2020.*lower"):
        made(years_up_to=[1990])


def test_a_name_that_is_no_kind_and_no_column_is_refused_with_a_suggestion(made):
    with pytest.raises(ConfigError, match=r"leave_one_out' names 'families'.*'family'"):
        made(leave_one_out=["families"])


def test_years_need_a_column_of_numbers(made):
    with pytest.raises(ConfigError, match=r"no column 'published'.*year_column"):
        made(years_up_to=[2019], year_column="published")
    with pytest.raises(ConfigError, match=r"'lab' must hold years; TiC has 'a'"):
        made(years_up_to=[2019], year_column="lab")


def test_what_is_named_twice_is_refused(made):
    with pytest.raises(ConfigError, match="'leave_one_out' names row more than once"):
        made(leave_one_out=["row", "row"])
    with pytest.raises(ConfigError, match="'years_up_to' names 2019 more than once"):
        made(years_up_to=[2019, 2019])


def test_what_is_held_out_takes_its_group_with_it(made):
    # the lab a made only carbides, b both families
    (_, family) = made(leave_one_out=["family"], groups=["composition", "lab"])
    assert labels(family) == {"carbide": (4, 6), "diboride": (4, 6)}


def asked_to_group(texts, columns=(), **data):
    content = {
        "name": "a", "title": "t", "question": "q", "task": "regression",
        "data": {"file": "mine.csv", "target": "hardness", **data},
        "engines": {"lasso": {}},
    }  # fmt: skip
    frame = pd.DataFrame(dict(columns), index=range(len(texts)))
    read = [Composition.parse(t) for t in texts]
    rows = Rows(frame, read, len(read), "", "", "1")
    return groups_of(parse_analysis(content, "x.toml"), rows).tolist()


def test_rows_of_one_set_of_metals_are_one_group_whatever_amounts_and_anions():
    texts = ["TiC", "TiB2", "(Ti,Zr)C", "(Ti0.3,Zr0.7)B2", "ZrC", "TiC"]
    assert asked_to_group(texts, groups=["metals"]) == [0, 0, 1, 1, 2, 0]
    assert asked_to_group(texts, groups=["composition"]) == [0, 1, 2, 3, 4, 0]
    assert asked_to_group(texts, groups=["family"]) == [0, 1, 0, 1, 0, 0]


def test_a_group_counts_only_where_another_column_is_true():
    columns = {"paper": ["p", "p", "q", "q"], "named": [True, True, False, False]}
    texts = ["TiC", "ZrC", "HfC", "TaC"]
    grouped = asked_to_group(
        texts, columns, groups=["paper"], groups_where={"paper": "named"}
    )
    assert grouped == [0, 0, 1, 2]


def test_a_group_that_is_no_column_is_refused_with_a_suggestion():
    with pytest.raises(ConfigError, match=r"'data\.groups' names 'metal'.*'metals'"):
        asked_to_group(["TiC"], groups=["metal"])
