from html.parser import HTMLParser

import pytest

from hecsr.descriptors.descriptor import Descriptor
from hecsr.formula.domain import Domain
from hecsr.formula.formula import Coefficient, Formula, Interval, Target
from hecsr.formula.grammar import parse
from hecsr.formula.notebook import mathematics, page, short
from hecsr.units import parse_unit

SCRIPT = "<script>alert('x')</script>"


def make(name="vec", label="valence electrons", n_terms=1, **changes):
    from hecsr.formula.printers.text import quote

    terms = " + ".join(f"c{i + 1} * {quote(name)}" for i in range(n_terms))
    names = [f"c{i}" for i in range(n_terms + 1)]
    formula = Formula(
        expression=parse(f"c0 + {terms}", names),
        variables=(Descriptor(name, label, "v", "v", parse_unit("Å^3")),),
        coefficients=tuple(
            Coefficient(n, 1.25 * i + 0.5, 0.031, parse_unit("GPa"))
            for i, n in enumerate(names)
        ),
        target=Target("hardness", "Vickers hardness", "H", "H", parse_unit("GPa")),
        domain=Domain(ranges={name: (7.5, 10.25)}),
        n_samples=60,
        metrics={"residual_sd": 1.2345},
        interval=Interval(2.5, 0.9, "grouped outer folds"),
    )
    return formula.with_(**changes)


class Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], set(), ""

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(html):
    parser = Balance()
    parser.feed(html)
    assert not parser.open
    return parser


def test_the_page_shows_equation_units_ranges_and_errors():
    found = read(page(make()))
    for part in (
        "hardness = 0.5 + 1.75 vec",
        "GPa",
        "valence electrons",
        "Å³",
        "7.50 to 10.2",
        "fitted to 60 samples",
        "residual standard deviation of the fit 1.23 GPa",
        "90% of the held-out errors are within ±2.50 GPa (grouped outer folds)",
        "given this form",
    ):
        assert part in found.text


@pytest.mark.parametrize("part", ["name", "label", "target", "source", "metrics"])
def test_nothing_that_a_table_says_becomes_html(part):
    formula = make(**{part: SCRIPT}) if part in ("name", "label") else make()
    if part == "target":
        formula = make(target=Target(SCRIPT, SCRIPT, unit=parse_unit("GPa")))
    if part == "source":
        formula = make(interval=Interval(1.0, 0.9, SCRIPT))
    found = read(page(formula))
    assert found.seen <= {
        *("div", "p", "i", "sub", "sup", "table", "caption", "thead", "tbody"),
        *("tr", "th", "td"),
    }


def test_dollar_signs_of_a_label_are_not_typeset():
    assert page(make(label="5 $ a $ b")).startswith('<div class="mathjax_ignore')


def test_a_formula_of_which_little_is_known_is_shown_too():
    bare = Formula(parse("x"), (Descriptor("x"),), (), Target("y"))
    found = read(page(bare))
    assert "y = x" in found.text
    assert "–" in found.text
    assert read(page(Formula(parse("2"), (), (), Target("y")))).text == "y = 2"


def test_a_classifier_says_that_it_gives_a_probability():
    formula = make(
        task="classification", metrics={}, interval=None,
        target=Target("single_phase"), expression=parse("logistic(vec)"),
        coefficients=(),
    )  # fmt: skip
    assert "probability" in read(page(formula)).text


def test_no_display_evaluates_the_formula(monkeypatch):
    def evaluated(*_):
        raise AssertionError

    monkeypatch.setattr("hecsr.formula.formula.evaluate", evaluated)
    formula = make()
    for show in (page, short, mathematics):
        assert show(formula)


def test_the_short_form_is_one_line_of_bounded_length():
    assert short(make()) == "Formula(hardness = 0.5 + 1.75 * vec)"
    long = short(make(name="a name\nwith lines", n_terms=30))
    assert "\n" not in long
    assert len(long) == 100
    assert long.endswith("…)")
    assert "\n" not in short(make(target=Target("a\nb")))


def test_the_latex_form_is_displayed_mathematics():
    assert mathematics(make()) == r"$\displaystyle H = 0.5 + 1.75 \, v$"
