"""LaTeX of formulas and tables says what the report says, and compiles."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from hecsr.report.bibliography import bibliography, to_bibtex
from hecsr.report.build import build
from hecsr.report.latex import escape, to_latex, to_tables
from hecsr.report.latex.tables import to_table
from hecsr.report.latex.widths import layout
from hecsr.report.model import Code, Column, Group, Math, Ref, Table, rich
from hecsr.report.view import View

PDFLATEX, BIBTEX = shutil.which("pdflatex"), shutil.which("bibtex")
WRAPPER = r"""\documentclass[a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath,array,booktabs,longtable,url}
\begin{document}
%s
\bibliographystyle{unsrt}
\bibliography{references}
\end{document}
"""


def table(rows, *, count=2, **options):
    columns = tuple(Column(rich(f"head {i}"), stretch=1) for i in range(count))
    return Table(columns, tuple(rows), rich("A caption."), "tab:one", **options)


def written(one):
    return to_table(one, "tab:x", lambda label: f"<{label}>")


def test_a_table_has_the_rules_of_booktabs_its_caption_and_label():
    text = written(table([(rich("a & b"), rich("50 %"))]))
    order = [r"\caption{A caption.}", r"\label{tab:x}", r"\toprule", r"\midrule"]
    order += [r"a \& b & 50 \% \\", r"\bottomrule"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_mathematics_groups_units_and_mentions_are_written():
    columns = (
        Column(rich("Size"), unit=rich("Å²\u00a0GPa⁻¹ᐟ²"), align="right"),
        Column(rich(Math("x_1", "x_1"))),
    )
    rows = (Group("Rules & more"), (rich("−0.5 ± 0.1"), rich(Ref("tab:two"))))
    text = written(Table(columns, rows, rich("c")))
    assert r"{tabular}{@{}rl@{}}" in text
    assert r"Size (\AA{}$^{2}$~GPa$^{-1/2}$) & $x_1$ \\" in text
    assert r"\multicolumn{2}{@{}l}{\emph{Rules \& more}} \\" in text
    assert r"$-$0.5 $\pm$ 0.1 & <tab:two> \\" in text


def test_a_row_that_begins_with_a_bracket_is_no_option_of_the_line_before():
    text = written(table([(rich("a"), rich("b")), (rich("[1]"), rich("c"))]))
    assert "\n{}[1] & c" in text


def test_a_long_table_breaks_across_pages_and_repeats_its_head():
    short, long = (table([(rich("a"), rich("b"))] * n) for n in (5, 80))
    assert r"\begin{table}" in written(short)
    text = written(long)
    assert r"\begin{longtable}" in text
    assert text.count("head 0 & head 1") == 2


def test_wide_columns_are_narrowed_to_the_line_and_long_words_can_break():
    wide = table([(rich(Code("a.b_c" * 30)), rich("word " * 60))])
    widths = layout(wide).widths
    assert sum(widths) <= 1.0
    assert all(w > 0.05 for w in widths)
    assert r"\allowbreak" in written(wide)


def test_a_table_that_is_too_wide_gets_a_smaller_font():
    cells = [rich("1234.5 ± 123.4")] * 8
    columns = tuple(Column(rich("h")) for _ in cells)
    assert layout(Table(columns[:3], (tuple(cells[:3]),), rich(""))).size == "small"
    crowded = layout(Table(columns, (tuple(cells),), rich("")))
    assert crowded.size in ("footnotesize", "scriptsize")


def test_any_character_is_set_spelled_or_named():
    assert escape("Ti₀ ≈ 10⁻³ α → ‘x’") == (
        r"Ti$_0$ $\approx$ 10$^{-3}$ $\alpha$ $\rightarrow$ ‘x’"
    )
    assert escape("．ﬁ Ж é") == ".fi [U+0416] é"


def test_each_table_of_the_report_has_a_file_named_by_its_label(study):
    view, report = View(study), build(study)
    found = to_tables(view, report)
    tables = [b for b in report.blocks if isinstance(b, Table)]
    assert len(found) == len(tables)
    assert {"summary.tex", "coefficients-1.tex", "versions.tex"} <= found.keys()
    labels = [re.search(r"\\label\{(.*?)\}", text)[1] for text in found.values()]
    assert len(set(labels)) == len(labels)
    assert all(label.startswith("tab:sample-study-") for label in labels)


def test_the_sentence_of_method_quotes_the_held_out_error_and_its_scheme(regression):
    view = View(regression)
    text = " ".join(to_latex(view).split())
    score = escape(view.written(view.score("sisso"), view.primary))
    assert rf"mean absolute error (MAE) of {score}~eV$^{{-1}}$" in text
    assert "grouped 5-fold cross-validation: no composition stands in both" in text
    assert r"(SISSO)~\cite{ouyang2018sisso} with hecsr 0.1.0~\cite{hecsr}" in text
    assert r"\cite{divilov2024,unattributed_7}" in text


def test_every_key_that_is_cited_stands_in_the_bibliography(study):
    view = View(study)
    known = {e.key for e in bibliography(view).entries}
    groups = re.findall(r"\\cite\{(.*?)\}", to_latex(view))
    cited = {key for group in groups for key in group.split(",")}
    assert cited
    assert cited <= known


def test_a_formula_of_an_unknown_engine_is_named_and_has_no_error(regression):
    renamed = [replace(f, engine="my own") for f in regression.formulas]
    text = to_latex(View(replace(regression, formulas=tuple(renamed))))
    assert "was found by SISSO with hecsr" in text
    assert "held-out rows the whole procedure" not in text
    assert r"\label{eq:sample-study-my-own}" in text


@pytest.fixture(scope="module")
def compiled(study, tmp_path_factory):
    """Return the log and the output of a document of all that is to be pasted."""
    if PDFLATEX is None or BIBTEX is None:
        pytest.skip("no TeX (pdflatex and bibtex)")
    folder = tmp_path_factory.mktemp("latex")
    view = View(study)
    tables = to_tables(view, build(study))
    (folder / "formulas.tex").write_text(to_latex(view), encoding="utf-8")
    (folder / "references.bib").write_text(
        to_bibtex(bibliography(view)), encoding="utf-8"
    )
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    names = ["formulas.tex", *tables]
    body = "\n\\clearpage\n".join(f"\\input{{{name}}}" for name in names)
    (folder / "all.tex").write_text(WRAPPER % f"\\nocite{{*}}{body}", "utf-8")
    latex = [PDFLATEX, "-interaction=nonstopmode", "-halt-on-error", "all"]
    for command in (latex, [BIBTEX, "all"], latex, latex):
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    log = (folder / "all.log").read_text(encoding="utf-8", errors="replace")
    return log, (folder / "all.blg").read_text(encoding="utf-8")


def test_all_of_it_compiles_with_its_references_resolved(compiled):
    log, _ = compiled
    assert "undefined" not in log
    assert "multiply defined" not in log
    assert "Output written on all.pdf" in log


def test_the_tables_stay_within_the_line(compiled):
    widest = re.findall(r"Overfull \\hbox \(([\d.]+)pt", compiled[0])
    assert all(float(points) < 12 for points in widest)


def test_bibtex_finds_nothing_wrong_but_titles_that_are_not_known(compiled):
    warnings = re.findall(r"Warning--(.*)", compiled[1])
    assert [w for w in warnings if not w.startswith("empty title")] == []
    assert "error message" not in compiled[1]
