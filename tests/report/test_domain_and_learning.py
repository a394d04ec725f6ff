"""The applicability domain and the learning curves in words and figures."""

from dataclasses import replace

import pytest
from matplotlib.figure import Figure
from placed import curves, domain, placed

from hecsr.report.applicability import hardest
from hecsr.report.figures import distance, learning_curve, overfitting, williams
from hecsr.report.figures.style import journal, rendered
from hecsr.report.model import Paragraph, Table
from hecsr.report.sections import applicability, learning
from hecsr.report.view import View

FIGURES = {
    "williams": (williams, "sisso"),
    "distance": (distance, ""),
    "learning_curve": (learning_curve, ""),
    "overfitting": (overfitting, ""),
}


def words(blocks):
    runs = [b.content for b in blocks if isinstance(b, Paragraph)]
    return " ".join("".join(getattr(i, "text", "") for i in run) for run in runs)


def test_without_results_there_are_no_sections(study):
    assert applicability.blocks(View(study)) == []
    assert learning.blocks(View(study)) == []


def test_the_domain_section_says_how_much_larger_the_error_is_outside(study):
    blocks = applicability.blocks(View(placed(study)))
    text = words(blocks)
    assert "outside the" in text
    classes = study.data.task == "classification"
    error = "Brier score" if classes else "error"
    assert f"the {error} is 3." in text or f"the {error} is 2.9" in text
    assert "times (" in text
    row = "squared error of the probability" if classes else "error"
    assert f"The {row} rises with the distance" in text
    table = next(b for b in blocks if isinstance(b, Table))
    cells = [row[-1][0].text for row in table.rows if isinstance(row, tuple)]
    assert set(cells) == {"larger outside"}


def test_a_domain_that_separates_nothing_is_said_to(study):
    found = domain(study)
    summary = found.summary.assign(shown="not shown")
    ranks = found.ranks.assign(rho=0.01, low=-0.1, high=0.12)
    made = replace(found, summary=summary, ranks=ranks)
    text = words(applicability.blocks(View(replace(study, applicability=made))))
    assert "does not tell good from bad predictions here" in text
    assert "not shown to change with the distance" in text
    assert "times (" not in text


def test_comparisons_are_counted_as_not_adjusted_for_their_number(study):
    blocks = applicability.blocks(View(placed(study)))
    table = next(b for b in blocks if isinstance(b, Table))
    lines = sum(isinstance(row, tuple) for row in table.rows)
    text = words(blocks)
    assert f"Each of the {lines} comparisons of inside with outside stands by" in text
    assert text.count("not adjusted for their number") == 1


def test_hulls_that_were_not_asked_for_are_told_scheme_by_scheme(study):
    scheme = study.schemes[0]
    skipped = ((scheme.name, "sisso", 3), (scheme.name, "lasso", 7))
    found = replace(domain(study), skipped_hulls=10, skipped=skipped)
    text = words(applicability.blocks(View(replace(study, applicability=found))))
    folds = scheme.n_splits * scheme.n_repeats
    assert f"({scheme.label}: SISSO in 3 and LASSO in 7 of {folds} folds)" in text
    assert "hull is not asked for" not in words(
        applicability.blocks(View(placed(study)))
    )


def test_the_end_of_an_interval_that_is_just_above_one_is_seen_to_be(study):
    found = domain(study)
    summary = found.summary.assign(
        ratio=2.1, ratio_low=1.02, ratio_high=4.0, shown="larger"
    )
    made = replace(study, applicability=replace(found, summary=summary))
    assert "is 2.1 times (1.02 to 4.0) as large" in words(
        applicability.blocks(View(made))
    )


def test_without_leverage_there_is_no_williams_plot(study):
    made = replace(study, applicability=domain(study, known=False))
    stems = [getattr(b, "stem", "") for b in applicability.blocks(View(made))]
    assert "williams" not in stems
    assert "distance" in stems


def test_the_harder_scheme_is_one_that_leaves_rows_far_away(study):
    assert [s.name for s in hardest(View(placed(study)))] == ["leave-one-element-out"]


def test_the_learning_section_says_who_gains_from_more_rows(study):
    text = words(learning.blocks(View(placed(study))))
    assert "SISSO: more rows would be expected to help" in text
    assert "LASSO: flat from n = 14 on; from there to 72 rows the error" in text
    assert "is shown to change by less than 5 %" in text
    assert "SISSO: with 2 terms, chosen in 5 of 5 folds" in text
    assert "larger formulas over-fit in every fold" in text


def test_what_cannot_be_told_is_said(study):
    found = curves(study)
    said = {
        name: replace(o, verdict="cannot tell", ratio_low=0.2)
        for name, o in found.outlooks.items()
    }
    unsure = replace(study, learning=replace(found, outlooks=said))
    assert "cannot be told" in words(learning.blocks(View(unsure)))
    limited = {n: replace(o, exponent=2.0) for n, o in said.items()}
    stuck = replace(study, learning=replace(found, outlooks=limited))
    text = words(learning.blocks(View(stuck)))
    assert "its exponent, c = 2.00, stands at the upper limit" in text
    assert "the law says" not in text.split("SISSO")[1].split("LASSO")[0]
    silent = replace(study, learning=replace(found, outlooks={}))
    assert "too few sizes or folds" in words(learning.blocks(View(silent)))


def test_fits_that_were_not_possible_are_counted(study):
    found = curves(study)
    table = found.curves.copy()
    first = (table["competitor"] == "sisso") & (table["size"] == 0.2)
    table.loc[first, ["train", "held_out"]] = float("nan")
    table.loc[first, "failed"] = "too few rows"
    made = replace(study, learning=replace(found, curves=table))
    text = words(learning.blocks(View(made)))
    assert "5 of 25 fits were not possible on so few rows" in text


@pytest.mark.parametrize("name", FIGURES)
def test_figures_have_the_page_width_and_the_same_bytes_twice(name, regression):
    module, subject = FIGURES[name]
    view = View(placed(regression))
    with journal():
        first = module.draw(view, subject)
        assert isinstance(first, Figure)
        assert first.get_size_inches()[0] * 25.4 == pytest.approx(175)
        assert rendered(first) == rendered(module.draw(view, subject))


def test_of_classes_the_axes_name_residuals_and_errors_of_probabilities(
    classification,
):
    view = View(placed(classification))
    with journal():
        assert williams.draw(view, "sisso").axes[0].get_ylabel() == "Deviance residual"
        for module, label in ((distance, "Squared error"), (learning_curve, "Brier")):
            assert module.draw(view).axes[0].get_ylabel().startswith(label)
