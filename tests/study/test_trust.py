"""The paragraph says which model to trust, where and how far, as the figures do."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from compared import comparison_of, dealt, held, line_up

from hecsr.result import Scheme
from hecsr.study.trust import trust
from hecsr.validation.frames import fold_mean
from hecsr.validation.power_law import Outlook
from hecsr.validation.recurrence import BOOTSTRAPS
from hecsr.validation.significance import significance

MAIN = Scheme("main", "Random 5-fold", "", 5)
HARD = Scheme("hard", "Leave one element out", "", 5)


def compared(hard=None, **noise):
    random = np.random.default_rng(1)
    y = random.normal(size=80)
    frames = []
    for scheme, scale in (("main", 1.0), *((("hard", hard),) if hard else ())):
        said = {k: y + scale * s * random.normal(size=80) for k, s in noise.items()}
        if scheme == "main":
            said["m"] = np.zeros(80)
        folds = dealt(80, 5, 4 if scheme == "main" else 1)
        frames += [held(n, y, p, folds, scheme) for n, p in said.items()]
    names = [*noise, "m"]
    return comparison_of(pd.concat(frames), line_up(*names), named=("hard",))


def place(shown="not shown", ratio=1.0):
    lines = [
        {
            "scheme": "main", "competitor": "f", "by": by, "shown": shown,
            "ratio": ratio, "ratio_low": ratio - 0.2, "ratio_high": ratio + 0.2,
        }
        for by in ("ranges", "hull", "distance")
    ]  # fmt: skip
    return SimpleNamespace(summary=pd.DataFrame(lines), metric="mae")


def space_with(held_out, engine="f", supported=4321.0):
    used = {"high": 0.435, "candidates": 1_991_598}
    gap = held_out - used["high"]
    return SimpleNamespace(
        engine=engine, used=used, held_out=held_out, gap=gap, supported=supported
    )


def long(p=1 / 51, count=80, verdict="helps", size=12, space=None, scrambles=50):
    tests = pd.DataFrame([{"engine": "f", "scrambles": scrambles, "p": p}])
    formulas = pd.DataFrame(
        [
            {"engine": "f", "over": BOOTSTRAPS, "printed": True, "count": count},
            {"engine": "f", "over": BOOTSTRAPS, "printed": False, "count": 20},
            {"engine": "f", "over": "main", "printed": True, "count": 5},
        ]
    )
    outlook = Outlook(1.0, 1.0, 0.5, 64, 2.0, 1.8, 0.9, 0.7, 0.95, verdict)
    outlook = replace(outlook, flat_from=32.0)
    return SimpleNamespace(
        chance=SimpleNamespace(tests=tests, space=space),
        stability=SimpleNamespace(formulas=formulas, bootstraps=100),
        rashomon=(SimpleNamespace(engine="f", size=size, full=(2,)),),
        learning=SimpleNamespace(outlooks={"f": outlook}),
    )


def said(comparison, domain=None, more=None, schemes=(MAIN,)):
    found = significance(comparison, "mae", draws=200)
    return trust(comparison, found, (), schemes, domain or place(), more, "GPa")


def test_a_formula_level_with_the_black_box_is_told_how_much_it_may_lose():
    comparison = compared(f=0.3, b=0.3)
    text = said(comparison)
    found = significance(comparison, "mae", draws=200)
    line = found.rivals.set_index("first").loc["b"]
    # the quantile of Student's t for 19 degrees of freedom, from a table
    reach = 2.093 * line["se"]
    gain = -line["difference"]
    assert "not shown to differ from the best black box, b (MAE" in text
    assert (
        f"the black box may be better by up to {gain + reach:.2f} GPa (95 % interval "
        f"of its gain {gain - reach:.2f} to {gain + reach:.2f} GPa, corrected t-test)"
    ).replace(" -", " −") in text
    assert "trust the formula" not in text.lower()
    assert "So it is usable, and readable, but a loss against the black box" in text
    base = float(fold_mean(comparison.scores, "main", "m", "mae"))
    assert f"of {0.05 * base:.2f} GPa or more (5% of the error of the m)" in text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"difference": -0.1, "se": 0.02, "low": -0.15, "high": -0.05},
            "taken by itself the black box is better (95 % interval of its gain 0.06 "
            "to 0.14 GPa, corrected t-test), after Holm over 2 rivals that is not "
            "shown; over the held-out rows, with the fitted models as they are, the "
            "black box is better by 0.05 to 0.15 GPa (bootstrap, without zero).",
        ),
        (
            {"difference": 0.1, "se": 0.02, "low": 0.05, "high": 0.15},
            "taken by itself the black box is worse (95 % interval of its gain −0.14 "
            "to −0.06 GPa, corrected t-test), after Holm over 2 rivals that is not "
            "shown; over the held-out rows, with the fitted models as they are, the "
            "formula is better by 0.05 to 0.15 GPa (bootstrap, without zero).",
        ),
        (
            {"test": "bootstrap", "se": np.nan, "df": 0, "low": -0.3, "high": 0.2},
            "the black box may be better by up to 0.30 GPa (95 % interval of its gain "
            "−0.20 to 0.30 GPa, bootstrap of the held-out rows).",
        ),
        (
            {"se": np.nan, "low": np.nan, "high": np.nan},
            "by how much they may differ cannot be told.",
        ),
    ],
)
def test_a_difference_that_is_not_shown_is_told_with_its_interval(changed, words):
    comparison = compared(f=0.3, b=0.3)
    found = significance(comparison, "mae", draws=50)
    rivals = found.rivals.copy()
    own = {"word": "not shown to differ", "test": "t", "df": 19} | changed
    for column, value in own.items():
        rivals.loc[rivals["first"] == "b", column] = value
    found = replace(found, rivals=rivals)
    text = trust(comparison, found, (), (MAIN,), place(), None, "GPa")
    assert words in text


def test_a_formula_is_trusted_where_a_relevant_loss_is_excluded():
    comparison = compared(f=0.3, b=0.6, r=3.0)
    text = said(comparison)
    assert "better than the best black box" in text
    assert "Trust the formula, which can be read and argued with" in text
    assert text.count("no rule is level with it") == 1
    assert "recurs" not in text
    assert "its form recurs" in said(comparison, more=long())


@pytest.mark.parametrize(
    ("more", "rule", "words"),
    [
        (long(count=12), 3.0, "its form seldom comes back"),
        (long(), 0.29, "the rule 'R' may do as well"),
        (long(space=space_with(0.4)), 3.0, "a good fit is no evidence of a law"),
        (long(p=0.1, scrambles=9), 3.0, "chance is not excluded"),
    ],
)
def test_what_keeps_a_formula_from_being_trusted_is_named(more, rule, words):
    text = said(compared(f=0.3, b=0.6, r=rule), more=more)
    assert "So it is usable, and readable, but" in text
    assert words in text
    assert "Trust the formula" not in text


def test_nothing_is_trusted_that_chance_or_a_black_box_beats():
    for text in (
        said(compared(f=0.3, b=0.6), more=long(p=0.4)),
        said(compared(f=0.6, b=0.1)),
        said(compared(f=4.0, b=5.0)),
    ):
        assert "Trust the formula" not in text
        assert "usable" not in text


def test_a_better_black_box_is_named_for_the_numbers():
    text = said(compared(f=0.6, b=0.1))
    assert "predicts better: take it for numbers" in text


def test_a_formula_no_better_than_the_mean_is_not_trusted():
    text = said(compared(f=4.0, b=0.1))
    assert "trust no formula of these descriptors" in text


@pytest.mark.parametrize(
    ("rule", "words"),
    [(0.01, "simpler: prefer it"), (0.29, "it will do"), (3.0, "It is better than")],
)
def test_a_rule_is_preferred_where_it_is_as_good(rule, words):
    assert words in said(compared(f=0.3, r=rule))


def test_a_short_run_says_nothing_of_chance_or_bootstraps():
    text = said(compared(f=0.3, b=0.3))
    assert "Chance" not in text
    assert "bootstraps" not in text


@pytest.mark.parametrize(
    ("p", "words"),
    [(1 / 51, "Chance does not explain it"), (0.4, "do not use it")],
)
def test_chance_is_told_by_its_p_value(p, words):
    assert words in said(compared(f=0.3), more=long(p=p))


@pytest.mark.parametrize(
    ("count", "words"),
    [(80, "its form may be read"), (12, "one of many, not as a law")],
)
def test_a_form_that_seldom_comes_back_is_one_of_many(count, words):
    text = said(compared(f=0.3), more=long(count=count))
    assert f"came back in {count} of 100 bootstraps, and at least 12 formulas" in text
    assert words in text


def test_the_domain_is_told_with_its_ratio_or_as_of_no_use():
    larger = said(compared(f=0.3), place("larger", 1.6))
    assert "its error is 1.6 times as large (1.4 to 1.8)" in larger
    assert "does not tell good predictions from bad" in said(compared(f=0.3))
    assert "domain" not in said(compared(f=0.3), place("too few"))


def test_a_harder_scheme_is_told_of_where_the_formula_does_worse():
    worse = said(compared(hard=5.0, f=0.3, b=0.3), schemes=(MAIN, HARD))
    assert "Under 'leave one element out' the formula has MAE" in worse
    same = said(compared(hard=1.0, f=0.3, b=0.3), schemes=(MAIN, HARD))
    assert "leave one element out" not in same


def test_a_better_formula_under_a_harder_scheme_is_named():
    random = np.random.default_rng(1)
    y = random.normal(size=80)
    frames = []
    for scheme, f, g in (("main", 0.3, 0.5), ("hard", 0.9, 0.3)):
        folds = dealt(80, 5, 4 if scheme == "main" else 1)
        for name, scale in (("f", f), ("g", g), ("m", 1.0)):
            values = y + scale * random.normal(size=80) if name != "m" else 0 * y
            frames.append(held(name, y, values, folds, scheme))
    comparison = comparison_of(
        pd.concat(frames), line_up("f", "g", "m"), named=("hard",)
    )
    text = said(comparison, schemes=(MAIN, HARD))
    there = fold_mean(comparison.scores, "hard", "g", "mae")
    assert f"; of the formulas G (MAE {there:.2f} GPa) is better there." in text


def test_so_many_candidates_that_chance_fits_as_well_are_counted():
    text = said(compared(f=0.3), more=long(space=space_with(0.426)))
    assert "chance alone fits the training rows (up to 0.435" in text
    assert "predicts held-out ones (0.426); the rows support about 4,300 of" in text
    none = said(compared(f=0.3), more=long(space=space_with(0.1, supported=0.0)))
    assert "the rows support none of the spaces searched, of the 1,991,598" in none
    for space in (space_with(0.5), space_with(0.4, engine="g")):
        assert "so many forms" not in said(compared(f=0.3), more=long(space=space))


def test_the_domain_of_a_classification_is_told_by_the_brier_score():
    domain = place("larger", 1.23)
    domain.metric = "brier"
    text = said(compared(f=0.3), domain)
    assert "its Brier score is 1.2 times as large (1.03 to 1.4)" in text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("helps", "lower its error by 5% to 30%"),
        ("little", "More rows of the same kind would be expected to do little"),
        ("flat", "flat from n = 32 training rows on: more rows did little"),
        ("cannot tell", "cannot be told from the learning curve"),
    ],
)
def test_more_rows_are_asked_for_where_they_would_help(verdict, words):
    alone = said(compared(f=0.3, b=0.3), more=long(verdict=verdict))
    assert words in alone
    assert "descriptors carry more" not in alone
    beaten = said(compared(f=0.6, b=0.1), more=long(verdict=verdict))
    assert words in beaten
    carried = "the same descriptors carry more than the formula takes from them"
    assert (carried in beaten) == (verdict != "helps")
