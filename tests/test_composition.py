import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecsr import tables
from hecsr.composition import Composition
from hecsr.errors import CompositionError

parse = Composition.parse
FIVE = "(Hf0.2Nb0.2Ta0.2Ti0.2Zr0.2)C"


@pytest.mark.parametrize(
    "text",
    [
        "(Hf0.2Nb0.2Ta0.2Ti0.2Zr0.2)C",
        "Hf0.2Nb0.2Ta0.2Ti0.2Zr0.2C1",
        "(Hf,Nb,Ta,Ti,Zr)C",
        "(Hf-Nb-Ta-Ti-Zr)C",
        "(HfNbTaTiZr)C",
        "HfNbTaTiZrC5",
        "(HfNbTaTiZr)C5",
        "(Zr Ti Ta Nb Hf) C",
        "[Hf1/5 Nb1/5 Ta1/5 Ti1/5 Zr1/5]C",
        "(Hf₀.₂Nb₀.₂Ta₀.₂Ti₀.₂Zr₀.₂)C",
        "(Hf$_{0.2}$Nb$_{0.2}$Ta$_{0.2}$Ti$_{0.2}$Zr$_{0.2}$)C",
        "(Hf0.2Nb0.2Ta0.2Ti0.2Zr0.2)C1.002",
    ],
)
def test_every_way_of_writing_it_is_the_same_composition(text):
    assert parse(text) == parse(FIVE)
    assert hash(parse(text)) == hash(parse(FIVE))
    assert parse(text).formula == FIVE


@pytest.mark.parametrize(
    ("text", "formula", "family"),
    [
        ("(Hf,Nb,Ta,Ti,Zr)B2", "(Hf0.2Nb0.2Ta0.2Ti0.2Zr0.2)B2", "diboride"),
        ("(TiZrNbTa)C", "(Nb0.25Ta0.25Ti0.25Zr0.25)C", "carbide"),
        (
            "(Ti0.2Zr0.2Hf0.2Nb0.2Ta0.2)(C0.5N0.5)",
            "(Hf0.2Nb0.2Ta0.2Ti0.2Zr0.2)C0.5N0.5",
            "carbonitride",
        ),
        (
            "Sr(Ti0.2Fe0.2Mo0.2Nb0.2Cr0.2)O3",
            "Cr0.2Fe0.2Mo0.2Nb0.2SrTi0.2O3",
            "oxide",
        ),
        ("(Ti,Zr)N", "(Ti0.5Zr0.5)N", "nitride"),
        ("(Cr,Mo)B", "(Cr0.5Mo0.5)B", "monoboride"),
        ("(Mo,W)Si2", "(Mo0.5W0.5)Si2", "disilicide"),
        ("WC", "WC", "carbide"),
        ("Mo2C", "MoC0.5", "carbide"),
        ("(La0.5Ce0.5)2Zr2O7", "CeLaZr2O7", "oxide"),
    ],
)
def test_canonical_form_and_family(text, formula, family):
    composition = parse(text)
    assert composition.formula == formula
    assert composition.family == family


def test_silicon_next_to_carbon_or_nitrogen_is_on_the_metal_sublattice():
    assert parse("Si0.2Ti0.8C").fractions == {"Si": 0.2, "Ti": 0.8}
    assert parse("(Al,Si,Ti)N").n_metals == 3
    assert parse("MoSi2").anions == (("Si", 2.0),)


def test_six_rounded_amounts_are_one_sixth_each():
    written = parse("(Hf0.1667Nb0.1667Ta0.1667Ti0.1667V0.1667Zr0.1667)C")
    assert written == parse("(HfNbTaTiVZr)C")
    assert written.fractions["V"] == pytest.approx(1 / 6, abs=1e-15)


def test_amounts_that_differ_by_more_than_rounding_are_kept():
    assert parse("(Ti0.21Zr0.79)C") != parse("(Ti0.2Zr0.8)C")
    assert parse("(Ti0.2375Zr0.7625)C").fractions["Ti"] == pytest.approx(0.2375)


def test_a_ratio_off_the_family_is_kept_and_warned_about():
    odd = parse("(Ti,Zr)N0.9")
    assert odd.anion_per_metal == pytest.approx(0.9)
    assert "0.9 anions per metal" in odd.warnings[0]
    assert parse("(Ti,Zr)N").warnings == ()
    assert odd != parse("(Ti,Zr)N")


@pytest.mark.parametrize(
    ("text", "reason", "mark"),
    [
        ("(HfXx)C", "'Xx' is not an element", 3),
        ("(HfNbC", "not closed", 0),
        ("HfNb)C", "never opened", 4),
        ("(Hf,Nb]C", "does not match", 6),
        ("(Hf0Nb)C", "positive", 3),
        ("(Hf-0.2Nb)C", "negative", 3),
        ("HfNb", "anion is missing", 4),
        ("CN", "metal is missing", 0),
        ("hfC", "not 'h'", 0),
        ("HfCx", "'Cx' is not an element", 3),
        ("Hf0.2.3C", "not '.'", 5),
        ("()C", "empty", 0),
        ("((Hf)Nb)C", "inside a bracket", 1),
        ("Hf1/0C", "positive", 2),
    ],
)
def test_an_error_says_what_is_wrong_and_points_at_it(text, reason, mark):
    with pytest.raises(CompositionError) as caught:
        parse(text)
    message = str(caught.value)
    assert reason in message
    shown, caret = message.splitlines()[-2:]
    assert shown.strip() == text
    assert caret.index("^") - 2 == mark


@pytest.mark.parametrize("bad", ["", "   ", None, 5])
def test_nothing_is_no_composition(bad):
    with pytest.raises(CompositionError):
        parse(bad)


@pytest.mark.parametrize("name", ["efa", "formability", "hardness", "deed"])
def test_every_shipped_composition_survives_its_own_formula(name):
    for text in tables.load(name)["composition"]:
        composition = parse(text)
        assert parse(composition.formula) == composition
        assert sum(composition.fractions.values()) == pytest.approx(1)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_plain_words(text):
    try:
        composition = parse(text)
    except CompositionError:
        return
    assert parse(composition.formula) == composition


@given(
    st.lists(
        st.sampled_from(["Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W"]),
        min_size=1,
        max_size=6,
        unique=True,
    ),
    st.randoms(use_true_random=False),
)
def test_order_of_the_metals_does_not_matter(metals, random):
    shuffled = list(metals)
    random.shuffle(shuffled)
    assert parse(f"({''.join(metals)})C") == parse(f"({','.join(shuffled)})C")
