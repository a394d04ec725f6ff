"""What is looked up stands in the appendix, in plain words, and is spoken of."""

from dataclasses import replace

import pytest

from hecsr.report.build import build
from hecsr.report.markdown import to_markdown
from hecsr.report.mentions import mention_all, mentioned
from hecsr.report.model import (
    Code,
    Column,
    Figure,
    Heading,
    Link,
    Paragraph,
    Ref,
    Report,
    Table,
    flat,
    numbered,
    numbering,
    rich,
)
from hecsr.report.sections.data import gathered
from hecsr.report.sections.search import settings, why_not
from hecsr.report.view import View


def plain(content):
    return "".join(getattr(node, "text", "") for node in content)


def a_table(label, **more):
    return Table((Column(rich("a")),), ((rich("1"),),), rich("c"), label, **more)


def test_every_table_and_figure_is_referred_to(complete):
    report = build(complete)
    shown = [b for b in flat(report.blocks) if isinstance(b, (Table, Figure))]
    said = mentioned(b for b in report.blocks if not isinstance(b, (Table, Figure)))
    for one in shown:
        said |= mentioned([one]) - {one.label}
    assert [b.label for b in shown if b.label not in said] == []


def test_what_no_text_refers_to_is_said_where_it_stands():
    figure = Figure("f", "front", (), "")
    blocks = (
        Heading(1, "A"), a_table("t"), Paragraph(rich("It is so.")), figure,
        Paragraph(rich("As in ", Ref("u"), ".")), a_table("u"),
    )  # fmt: skip
    found = mention_all(blocks)
    assert found[1] == Paragraph(rich("See ", Ref("t"), "."))
    assert found[3].content[-2] == Ref("fig:f")
    assert len(found) == len(blocks) + 1
    assert mention_all(found) == found


def test_the_appendix_holds_the_front_the_settings_and_the_versions(study):
    report = build(study)
    heads = [(h.text, n) for h, n in numbered(report.blocks) if h.appendix]
    assert [n for _, n in heads] == [f"Appendix {'ABCD'[i]}" for i in range(len(heads))]
    assert {"Formulas of the front", "Settings", "Versions"} <= {t for t, _ in heads}
    last = [b.label for b in report.blocks if isinstance(b, Table)][-3:]
    assert {"tab:front-formulas", "tab:settings", "tab:versions"} >= set(last[-2:])
    main = next(i for i, b in enumerate(report.blocks) if getattr(b, "appendix", False))
    early = {getattr(b, "label", "") for b in report.blocks[:main]}
    assert early.isdisjoint({"tab:front-formulas", "tab:settings", "tab:versions"})


def test_a_long_table_is_moved_and_keeps_its_mention(study, monkeypatch):
    from hecsr.report.sections import doubt

    monkeypatch.setattr(doubt, "blocks", lambda _: [a_table("tab:x", appendix=True)])
    report = build(study)
    place = next(
        i for i, b in enumerate(report.blocks) if getattr(b, "label", "") == "tab:x"
    )
    assert report.blocks[place - 1] == Heading(1, "Long tables", appendix=True)
    assert "tab:x" in mentioned(report.blocks[:place])


def test_a_report_without_front_or_settings_has_competitors_and_versions(study):
    kept = tuple(c for c in study.competitors if c.kind != "front")
    bare = replace(study, competitors=kept, settings={})
    report = build(bare)
    heads = [h.text for h, _ in numbered(report.blocks) if h.appendix]
    assert heads == ["Competitors", "Versions"]
    assert mentioned(report.blocks) <= set(numbering(report))


def test_settings_are_words_not_literals(study):
    given = {
        "drop": True,
        "film": False,
        "quality": "",
        "unset": None,
        "levels": [],
        "rate": 1e-05,
        "budget": 20_000_000,
        "engines": {"sisso": {"operators": ["+", "^2"]}, "none": {}},
        "parts": [{"label": "one metal", "max": 1}, {"label": "more"}],
    }
    table = settings(View(replace(study, settings=given)))
    rows = {plain(name): plain(value) for name, value in table.rows}
    assert rows == {
        "drop": "yes",
        "film": "no",
        "quality": "–",
        "unset": "–",
        "levels": "–",
        "rate": "1e−05",
        "budget": "20\u202f000\u202f000",
        "engines.sisso.operators": "+, ^2",
        "engines.none": "–",
        "parts.1.label": "one metal",
        "parts.1.max": "1",
        "parts.2.label": "more",
    }


def test_why_an_engine_did_not_run_is_one_clean_sentence():
    said = why_not(
        "PySR",
        'PySR needs Julia; `python -c "import pysr"` installs one, or juliaup '
        "(https://github.com/JuliaLang/juliaup)",
    )
    assert plain(said) == (
        'PySR needs Julia; python -c "import pysr" installs one, or juliaup '
        "(https://github.com/JuliaLang/juliaup)."
    )
    assert Code('python -c "import pysr"') in said
    assert any(isinstance(node, Link) for node in said)
    assert plain(why_not("Operon", "no wheel here")) == "Operon: no wheel here."


def test_what_is_said_alike_of_many_rows_is_said_once():
    found = gathered(["A: too much", "B: too much", "C: too little", "alone"])
    assert found == ["too much (2 rows): A, B", "C: too little", "alone"]


@pytest.mark.parametrize("label", ["sec:a", "sec:b"])
def test_markdown_names_sections_and_letters_the_appendix(label):
    blocks = (
        Heading(1, "Main", "sec:a"),
        Paragraph(rich("In ", Ref(label), ".")),
        Heading(1, "More", "sec:b", appendix=True),
    )
    text = to_markdown(Report("t", "", "", blocks))
    assert "## Main\n" in text
    assert "## Appendix A. More\n" in text
    named = {"sec:a": "In Section “Main”.", "sec:b": "In Appendix A."}
    assert named[label] in text
