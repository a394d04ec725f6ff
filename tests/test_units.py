from fractions import Fraction

import pytest

from hecsr.errors import UnitError
from hecsr.units import NUMBER, labelled, parse_unit, product_of_powers


@pytest.mark.parametrize(
    ("text", "dimension", "factor"),
    [
        ("GPa", "kg m^-1 s^-2", 1e9),
        ("kJ/mol", "kg m^2 s^-2 mol^-1", 1e3),
        ("g/cm^3", "kg m^-3", 1e3),
        ("g/cm3", "kg m^-3", 1e3),
        ("J/(mol K)", "kg m^2 s^-2 K^-1 mol^-1", 1.0),
        ("(eV/atom)^-1", "kg^-1 m^-2 s^2", 1 / 1.602176634e-19),
        ("kgf/mm²", "kg m^-1 s^-2", 9.80665e6),
        ("Å", "m", 1e-10),
        ("angstrom^3", "m^3", 1e-30),
        ("m^(1/2)", "m^1/2", 1.0),
        ("%", "1", 0.01),
        ("", "1", 1.0),
        ("1", "1", 1.0),
    ],
)
def test_units_are_read(text, dimension, factor):
    unit = parse_unit(text)
    assert str(unit.dimension) == dimension
    assert unit.factor == pytest.approx(factor, rel=1e-12)
    assert parse_unit(unit.text).like(unit)


def test_conversion_of_vickers_numbers_and_celsius():
    gpa = parse_unit("GPa")
    assert parse_unit("kgf/mm^2").convert(2000, gpa) == pytest.approx(19.6133)
    assert parse_unit("HV").convert(2000, gpa) == pytest.approx(19.6133)
    assert parse_unit("°C").convert(1900, parse_unit("K")) == pytest.approx(2173.15)


def test_unlike_quantities_are_not_converted():
    with pytest.raises(UnitError, match=r"'GPa'.*'N'"):
        parse_unit("GPa").convert(1.0, parse_unit("N"))


def test_like_means_equal_numbers_not_only_equal_dimension():
    assert not parse_unit("pm").like(parse_unit("Å"))
    assert parse_unit("kg m^-1 s^-2").like(parse_unit("Pa"))
    assert not parse_unit("%").like(NUMBER)


def test_products_quotients_and_powers_keep_their_text():
    ratio = parse_unit("GPa") / parse_unit("Å")
    assert ratio.text == "GPa/Å"
    assert (ratio * parse_unit("Å")).like(parse_unit("GPa"))
    assert (parse_unit("GPa") ** Fraction(1, 2)).text == "GPa^(1/2)"


@pytest.mark.parametrize("text", ["Gpa", "furlong", "GPa/(mol", "2x", "N)", "K^^2"])
def test_an_unknown_unit_is_refused(text):
    with pytest.raises(UnitError):
        parse_unit(text)


def test_the_closest_unit_is_suggested():
    with pytest.raises(UnitError, match="did you mean 'GPa'"):
        parse_unit("Gpa")


def test_latex_and_typst_are_upright():
    assert parse_unit("J/(mol K)").latex == (
        r"\mathrm{J}\,\mathrm{mol}^{-1}\,\mathrm{K}^{-1}"
    )
    assert parse_unit("Å^3").typst == 'upright("Å")^(3)'
    assert parse_unit("%").latex == r"\mathrm{\%}"
    assert NUMBER.latex == ""


def test_power_beyond_the_range_of_numbers_is_refused():
    with pytest.raises(UnitError, match="so high a power"):
        parse_unit("pm") ** 36


def test_powers_of_units_are_read_back_whatever_their_exponents():
    unit = parse_unit("GPa") ** Fraction(117, 200)
    assert unit.text == "GPa^(117/200)"
    assert (unit * parse_unit("Å")).text == "GPa^(117/200) Å"
    assert unit.latex == r"\mathrm{GPa}^{117/200}"


def test_a_written_power_beyond_the_range_of_numbers_is_refused():
    with pytest.raises(UnitError, match="so high a power"):
        parse_unit("GPa^99")


def test_products_of_powers_cancel_exactly():
    metre, gpa = parse_unit("m"), parse_unit("GPa")
    third = Fraction(1, 3)
    parts = [
        (gpa, third),
        (metre, Fraction(2)),
        (gpa, 1 - third),
        (metre, Fraction(-2)),
    ]
    assert product_of_powers(parts) == gpa
    celsius = parse_unit("°C")
    assert product_of_powers([(celsius, Fraction(1))]) == celsius
    with pytest.raises(UnitError, match="zero of its own"):
        product_of_powers([(celsius, Fraction(1)), (gpa, Fraction(1))])


def test_micro_is_written_with_its_sign_and_stored_as_before():
    for text in ("um", "µm", "μm"):
        unit = parse_unit(text)
        assert unit.text == "um"
        assert (unit.shown, unit.latex) == ("µm", r"\mathrm{µm}")
        assert unit.typst == 'upright("µm")'
        assert parse_unit(unit.shown) == unit
    assert parse_unit("g/(um^2 mm)").shown == "g/(µm^2 mm)"


def test_a_label_says_its_unit_once():
    gpa = parse_unit("GPa")
    assert labelled("HV", gpa) == "HV (GPa)"
    assert labelled("HV (GPa)", gpa) == "HV (GPa)"
    assert labelled("HV [GPa]", gpa) == "HV [GPa]"
    assert labelled("HV (10 kgf)", gpa) == "HV (10 kgf) (GPa)"
    assert labelled("s (J/(mol K))", parse_unit("J/(K mol)")) == "s (J/(mol K))"
    assert labelled("share", NUMBER) == "share"
