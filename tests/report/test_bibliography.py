"""The bibliography holds what a study rests on, and nothing else."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hecsr.baselines.black_boxes import BLACK_BOXES
from hecsr.report.bibliography import bibliography, to_bibtex
from hecsr.report.entries import METHODS
from hecsr.report.methods import tool
from hecsr.report.view import View
from hecsr.result import Competitor, SourceUse

ROOT = Path(__file__).parents[2]


def keys(result):
    return [e.key for e in bibliography(View(result)).entries]


def with_source(result, *source):
    return replace(result, data=replace(result.data, sources=(SourceUse(*source),)))


def from_source(result, source):
    """Return the study with another source of the descriptor delta_r."""
    found = []
    for one in result.formulas:
        known = [
            replace(d, source=source) if d.name == "delta_r" else d
            for d in one.formula.variables
        ]
        formula = replace(one.formula, variables=tuple(known))
        found.append(replace(one, formula=formula))
    return replace(result, formulas=tuple(found))


def fields_of(result, key):
    return next(e for e in bibliography(View(result)).entries if e.key == key)


def test_the_engines_that_ran_are_cited_and_others_are_not(regression):
    found = keys(regression)
    assert {"hecsr", "ouyang2018sisso", "tibshirani1996lasso"} <= set(found)
    assert not {"burlacu2020operon", "cranmer2023pysr"} & set(found)


def test_what_was_not_computed_is_not_cited(regression):
    bare = replace(regression, shap=(), intervals=None, importance=pd.DataFrame())
    lost = set(keys(regression)) - set(keys(bare))
    assert {"lundberg2017shap", "davison1997bootstrap"} <= lost


def test_a_published_rule_is_cited_where_it_took_part(regression):
    rule = Competitor("zhang-delta, refitted", "Zhang", "rule", "")
    more = replace(regression, competitors=(*regression.competitors, rule))
    assert fields_of(more, "zhang-delta").fields["journal"] == "Adv. Eng. Mater."
    assert "zhang-delta" not in keys(regression)


def test_keys_are_unique_and_stable(study):
    found = keys(study)
    assert len(found) == len(set(found))
    assert found == keys(study)


def test_sources_of_the_rows_keep_their_fields_and_doi(regression):
    entry = fields_of(regression, "divilov2024")
    assert entry.kind == "article"
    assert entry.fields["author"] == "S. Divilov and others"
    assert entry.fields["doi"] == "10.1038/s41586-023-06786-y"


def test_a_source_without_reference_says_so_and_has_no_author(regression):
    entry = fields_of(regression, "unattributed_7")
    assert entry.kind == "misc"
    assert "without a reference" in entry.fields["note"]
    assert "author" not in entry.fields


def test_a_title_that_may_be_worded_from_memory_is_a_note(regression):
    citation = "P. H. Mayrhofer et al., High-entropy films, Scripta Mater. (2018)"
    entry = fields_of(
        with_source(regression, "mayrhofer2018", citation, "", 3), "mayrhofer2018"
    )
    assert "title" not in entry.fields
    assert entry.fields["note"] == "High-entropy films"
    assert "not read" in entry.fields["annote"]


def test_the_tables_behind_a_variable_are_cited(regression):
    cited = bibliography(View(from_source(regression, "table elements, property mass")))
    assert cited.variables["delta_r"] == ("iupac",)
    # a convention of this package
    cited = bibliography(View(from_source(regression, "table elements, property vec")))
    assert cited.variables["delta_r"] == ("hecsr",)


@pytest.mark.parametrize("odd", ["a{b", "50 % #1 & ~^\\ }{ @x", "tab\tand\nbreak"])
def test_an_odd_citation_leaves_the_braces_balanced(regression, odd):
    text = to_bibtex(
        bibliography(View(with_source(regression, "odd key!", odd, "", 1)))
    )
    depth = 0
    for sign in re.findall(r"[{}]", text):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert "@misc{odd-key,\n" in text


def test_the_tool_is_cited_as_the_citation_file_says():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    fields = tool("0.1.0").fields
    assert f'title: "{fields["title"]}"' in text
    assert f'name: "{fields["author"].strip("{}")}"' in text
    assert f"date-released: {fields['year']}-" in text
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert f"version: {version['project']['version']}" in text


def test_every_method_has_what_its_type_needs():
    needed = {
        "article": {"author", "title", "journal", "year"},
        "inproceedings": {"author", "title", "booktitle", "year"},
        "book": {"author", "title", "publisher", "year"},
        "misc": {"author", "title", "year"},
    }
    for entry in METHODS.values():
        assert needed[entry.kind] <= entry.fields.keys()
        assert re.fullmatch(r"[a-z]+\d{4}[a-z]+", entry.key)
        assert entry.fields["year"] in entry.key


def test_a_descriptor_of_an_unknown_doi_is_cited_by_it(regression):
    result = from_source(regression, "10.1234/far.away, eq. 3")
    entry = fields_of(result, "doi-10.1234-far.away")
    assert entry.fields["doi"] == "10.1234/far.away"


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        ("significance", object(), {"nadeau2003inference", "holm1979multiple"}),
        ("chance", object(), {"rucker2007scrambling"}),
        ("rashomon", (object(),), {"breiman2001cultures", "hoeting1999averaging"}),
        ("applicability", object(), {"gramatica2007validation"}),
        ("agreement", object(), {"apley2020ale", "friedman2001boosting"}),
    ],
)
def test_a_part_of_the_validation_brings_its_methods(regression, part, value, expected):
    without = replace(regression, **{part: () if part == "rashomon" else None})
    assert not expected & set(keys(without))
    assert expected <= set(keys(replace(regression, **{part: value})))


@pytest.mark.parametrize("kind", sorted(BLACK_BOXES))
def test_every_kind_of_black_box_brings_its_method(study, kind):
    box = BLACK_BOXES[kind]
    if box.classes_only and study.data.task == "regression":
        pytest.skip("for classes only")
    others = [c for c in study.competitors if c.kind != "black box"]
    # methods of other parts of a study must not hide that one is missing
    bare = replace(study, shap=(), importance=pd.DataFrame(), agreement=None)
    without = replace(bare, competitors=tuple(others))
    one = Competitor(box.name, box.label, "black box", "")
    added = set(keys(replace(bare, competitors=(*others, one)))) - set(keys(without))
    assert added & METHODS.keys() - {"pedregosa2011sklearn"}


def test_the_linear_model_is_cited_as_what_it_is_for_the_task(study):
    one = Competitor("linear", "Penalised linear model", "black box", "")
    found = keys(replace(study, competitors=(*study.competitors, one)))
    regression = study.data.task == "regression"
    assert ("hoerl1970ridge" in found) == regression
    assert ("cox1958logistic" in found) != regression


def test_sources_of_descriptors_that_only_entered_stand_under_their_own_head(
    regression,
):
    computed = tuple(
        replace(d, source="table elements, property mass") if d.name == "a_dev" else d
        for d in regression.descriptors.computed
    )
    descriptors = replace(regression.descriptors, computed=computed)
    found = bibliography(View(replace(regression, descriptors=descriptors)))
    assert found.searched == ("iupac",)
    assert found.entries[-1].key == "iupac"
    assert "iupac" not in {k for of in found.variables.values() for k in of}
    text = to_bibtex(found)
    head = text.index("% The sources of the other descriptors")
    assert head < text.index("{iupac,")
    assert text.index("{divilov2024,") < head
    assert "other descriptors" not in to_bibtex(bibliography(View(regression)))
    removed = replace(descriptors, entering=("delta_r",))
    gone = bibliography(View(replace(regression, descriptors=removed)))
    assert gone.searched == ()
