"""No character of a name or note is taken for markup by either writer."""

import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.report import latex, markdown
from hecsr.report import typst as typst_writer
from hecsr.report.model import (
    Bold,
    Code,
    Column,
    Group,
    Italic,
    Link,
    List,
    Note,
    Paragraph,
    Report,
    Table,
    Text,
    rich,
)

NASTY = "a#b $x$ _c_ *d* @e <f> [g](h) \\ `i` ~ ^ % & {j} | ! // /* -- ... 1. \"k\" 'l'"
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")),
    max_size=30,
)


def everywhere(text: str) -> Report:
    """Put a text into every kind of place."""
    nodes = (
        Text(text),
        Bold(text),
        Italic(text),
        Code(text),
        Link(text, "https://a.b"),
    )
    cell = rich(*nodes)
    table = Table((Column(cell, cell), Column(cell)), ((cell, cell), Group(text)), cell)
    blocks = (Paragraph(cell), List((cell, cell)), table, Note(text, cell))
    return Report(text, text, text, blocks)


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_typst_takes_any_text(text):
    source = typst_writer.to_typst(everywhere(text))
    assert typst.compile(source.encode(), format="svg", ignore_system_fonts=True)


def test_typst_shows_special_characters_as_they_stand():
    shown = typst.query(
        f"#metadata([{typst_writer.escape(NASTY)}]) <m>".encode(), "<m>", field="value"
    )
    # plain text is one or more text elements; markup would give other functions
    assert '"func":"raw"' not in shown
    for function in ("strong", "emph", "equation", "ref", "link", "label", "heading"):
        assert f'"func":"{function}"' not in shown


def test_a_typst_string_ends_where_it_should():
    assert typst_writer.string('a"b\\') == '"a\\"b\\\\"'


def test_markdown_escapes_every_special_character():
    assert markdown.escape("_a_ *b* <c> [d] #e |f| $g$ `h` \\ ~ &") == (
        "\\_a\\_ \\*b\\* \\<c\\> \\[d\\] \\#e \\|f\\| \\$g\\$ \\`h\\` \\\\ \\~ \\&"
    )


def test_markdown_leaves_decimals_alone_and_guards_the_start_of_a_line():
    assert markdown.at_start("4.05 is a number") == "4.05 is a number"
    assert markdown.at_start("1. not a list") == "1\\. not a list"
    assert markdown.at_start("- not a list") == "\\- not a list"
    assert markdown.at_start("−0.3") == "−0.3"


def test_a_code_span_may_hold_backticks():
    assert markdown.code("a`b") == "``a`b``"
    assert markdown.code("`") == "`` ` ``"


@given(TEXTS)
def test_a_table_row_has_the_same_number_of_bars_whatever_it_holds(text):
    source = markdown.to_markdown(everywhere(text))
    rows = [line for line in source.splitlines() if line.startswith("| ")]
    bars = {line.replace("\\\\", "").replace("\\|", "").count("|") for line in rows[:3]}
    assert bars == {3}


def test_mathematics_survives_a_reading_as_markdown():
    assert markdown.math(r"a \, b") == r"a \thinspace b"
    assert markdown.math(r"\left|x\right|") == r"\left\vert x\right\vert"
    assert "\\\\" not in markdown.math(r"a \\ b")


def test_bold_text_with_a_blank_at_its_end_is_still_bold():
    report = Report("t", "", "", (Paragraph(rich(Bold("Data. "), "x")),))
    assert "**Data.** x" in markdown.to_markdown(report)


def test_latex_escapes_its_specials():
    assert latex.escape("50 % of a_b & #1 {x} ~ ^ \\") == (
        r"50 \% of a\_b \& \#1 \{x\} \textasciitilde{} \textasciicircum{} "
        r"\textbackslash{}"
    )


def test_typst_may_break_a_line_between_the_elements_of_a_composition():
    told = typst_writer.escape("(Hf0.25Nb0.25Ta0.25Ti0.25)C, 10.1016/S0022")
    assert told.replace("\\", "") == (
        "(Hf0.25\u200bNb0.25\u200bTa0.25\u200bTi0.25)C, 10.1016/S0022"
    )
