"""Laws of materials science to be found again among irrelevant variables.

Ranges are those of ceramics, constants of the size that is met there; neither are
values of one material. Each law is its text in the formula grammar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from planted import Law
from quantities import Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEEL: Final = ("T_sinter", "hold", "rho", "VEC", "oxygen", "a_lat")
_GRAIN: Final = Quantity("d", "um", 0.2, 20, "log", "grain size")
_POWDER: Final = (Quantity("powder", "um", 0.1, 5, "log", "powder size"), "d")
_SHEAR: Final = Quantity("G", "GPa", 80, 280, label="shear modulus")
_BULK: Final = Quantity("B", "GPa", 150, 400, label="bulk modulus")
_YOUNG: Final = (Quantity("E", "GPa", 250, 600, label="Young's modulus"), "G")
_AMOUNT: Final = Quantity("x", "1", 0, 1, label="amount of the second phase")
_CARBON: Final = (Quantity("C_M", "1", 0.8, 1, label="carbon to metal"), "x")
_PORES: Final = Quantity("P", "1", 0, 0.35, label="porosity")
_TEMPERATURE: Final = Quantity("T", "K", 900, 1700, label="temperature")

LAWS: Final = (
    Law(
        "Hall-Petch",
        "14 + 2.8 * d^(-1/2)",
        "GPa",
        "E. O. Hall, Proc. Phys. Soc. B 64, 747 (1951); N. J. Petch, J. Iron Steel "
        "Inst. 174, 25 (1953)",
        (_GRAIN,),
        (_POWDER,),
        _STEEL,
        60,
        linear=True,
    ),
    Law(
        "Taylor",
        "0.04 + 0.0003 * G * b * sqrt(n)",
        "GPa",
        "G. I. Taylor, Proc. R. Soc. A 145, 362 (1934)",
        (
            _SHEAR,
            Quantity("b", "nm", 0.22, 0.36, label="Burgers vector"),
            Quantity("n", "1/um^2", 5, 1500, "log", "dislocation density"),
        ),
        (_YOUNG, (Quantity("a_0", "nm", 0.36, 0.5, label="lattice parameter"), "b")),
        ("VEC", "S_mix", "T_sinter", "mass", "nu", "oxygen"),
        80,
        linear=True,
    ),
    Law(
        "Vegard with bowing",
        "4.328 + 0.365 * x - 0.09 * x * (1 - x) + 0.00003 * T",
        "Å",
        "L. Vegard, Z. Phys. 5, 17 (1921), with the quadratic deviation",
        (_AMOUNT, Quantity("T", "K", 300, 1500, label="temperature")),
        (_CARBON, (Quantity("T_anneal", "K", 900, 1900, label="annealing"), "T")),
        ("VEC", "H_mix", "d_chi", "oxygen", "r_mean", "alpha"),
        80,
        linear=True,
    ),
    Law(
        "mixture with bowing",
        "(1 - x) * E1 + x * E2 + 120 * x * (1 - x)",
        "GPa",
        "W. Voigt, Ann. Phys. 274, 573 (1889), with the quadratic deviation",
        (
            _AMOUNT,
            Quantity("E1", "GPa", 300, 500, label="Young's modulus of the first"),
            Quantity("E2", "GPa", 350, 600, label="Young's modulus of the second"),
        ),
        (_CARBON, (Quantity("G1", "GPa", 120, 210, label="shear modulus"), "E1")),
        ("VEC", "nu", "rho", "T_sinter", "S_mix", "oxygen"),
        100,
        linear=True,
    ),
    Law(
        "Reuss",
        "1 / ((1 - x) / E1 + x / E2)",
        "GPa",
        "A. Reuss, Z. Angew. Math. Mech. 9, 49 (1929)",
        (
            _AMOUNT,
            Quantity("E1", "GPa", 300, 600, label="Young's modulus of the hard phase"),
            Quantity("E2", "GPa", 60, 220, label="Young's modulus of the binder"),
        ),
        (_CARBON, (Quantity("G1", "GPa", 120, 250, label="shear modulus"), "E1")),
        ("VEC", "nu", "rho", "T_sinter", "alpha", "hold"),
        100,
    ),
    Law(
        "Arrhenius, logarithm",
        "-9.2 - 120.27 * Q / T",
        "1",
        "S. Arrhenius, Z. Phys. Chem. 4U, 226 (1889): ln D, 120.27 K mol/kJ = 1/R",
        (
            Quantity("Q", "kJ/mol", 150, 450, label="activation energy"),
            Quantity("T", "K", 1300, 2300, label="temperature"),
        ),
        (
            (Quantity("Q_gb", "kJ/mol", 80, 300, label="along boundaries"), "Q"),
            (Quantity("T_m", "K", 2000, 4200, label="melting temperature"), "T"),
        ),
        ("VEC", "d_chi", "H_mix", "a_lat", "mass", "oxygen"),
        60,
        linear=True,
    ),
    Law(
        "Arrhenius",
        "18 * exp(-11604.5 * E_a / T)",
        "um^2/s",
        "S. Arrhenius, Z. Phys. Chem. 4U, 226 (1889): 11604.5 K/eV = 1/k",
        (
            Quantity("E_a", "eV", 0.2, 0.5, label="activation energy"),
            _TEMPERATURE,
        ),
        (
            (Quantity("E_f", "eV", 0.5, 3, label="formation energy"), "E_a"),
            (Quantity("T_m", "K", 2000, 4200, label="melting temperature"), "T"),
        ),
        ("VEC", "d_chi", "r_mean", "a_lat", "mass", "oxygen"),
        80,
    ),
    Law(
        "Kapustinskii",
        "2405 * z1 * z2 / (r1 + r2) * (1 - 0.345 / (r1 + r2))",
        "kJ/mol",
        "A. F. Kapustinskii, Q. Rev. Chem. Soc. 10, 283 (1956): Born-Mayer, two ions",
        (
            Quantity("z1", "1", 1, 4, "whole", "charge of the cation"),
            Quantity("z2", "1", 1, 3, "whole", "charge of the anion"),
            Quantity("r1", "Å", 0.5, 1.6, label="radius of the cation"),
            Quantity("r2", "Å", 1.2, 2.2, label="radius of the anion"),
        ),
        ((Quantity("r_cov", "Å", 0.9, 2.1, label="covalent radius"), "r1"),),
        ("VEC", "d_chi", "rho", "mass", "alpha", "nu"),
        100,
        linear=True,
    ),
    Law(
        "Chen-Niu",
        "2 * (G^3 / B^2)^0.585 - 3",
        "GPa",
        "X.-Q. Chen, H. Niu, D. Li, Y. Li, Intermetallics 19, 1275 (2011)",
        (_SHEAR, _BULK),
        (_YOUNG, (Quantity("C11", "GPa", 300, 700, label="stiffness"), "B")),
        ("VEC", "nu", "rho", "a_lat", "d_chi", "anisotropy"),
        80,
    ),
    Law(
        "Nix-Gao",
        "14.5 * sqrt(1 + 0.35 / h)",
        "GPa",
        "W. D. Nix, H. Gao, J. Mech. Phys. Solids 46, 411 (1998)",
        (Quantity("h", "um", 0.1, 5, "log", "depth of the indent"),),
        ((Quantity("R_a", "um", 0.01, 0.4, "log", "roughness"), "h"),),
        ("VEC", "T_sinter", "nu", "rho", "oxygen", "milling"),
        60,
    ),
    Law(
        "Meyer",
        "19 * P_ind^-0.12",
        "GPa",
        "E. Meyer, Z. Ver. Dtsch. Ing. 52, 645 (1908)",
        (Quantity("P_ind", "N", 0.1, 50, "log", "load"),),
        ((Quantity("dwell", "s", 5, 30, label="dwell time"), "P_ind"),),
        _STEEL,
        60,
    ),
    Law(
        "Langmuir",
        "0.021 * A_s * p / (35 + p)",
        "mol/kg",
        "I. Langmuir, J. Am. Chem. Soc. 40, 1361 (1918)",
        (
            Quantity("A_s", "m^2/g", 5, 60, label="specific surface"),
            Quantity("p", "kPa", 2, 150, "log", "pressure of the gas"),
        ),
        (
            (Quantity("V_pore", "cm^3/g", 0.05, 0.6, label="pore volume"), "A_s"),
            (Quantity("p_in", "kPa", 5, 200, "log", "pressure at the inlet"), "p"),
        ),
        ("milling", "hold", "rho", "oxygen", "T_sinter", "mass"),
        80,
    ),
    Law(
        "Lindemann",
        "200 * sqrt(T_m / M) / a",
        "K",
        "F. A. Lindemann, Phys. Z. 11, 609 (1910): Debye temperature",
        (
            Quantity("T_m", "K", 1500, 4200, label="melting temperature"),
            Quantity("M", "u", 20, 120, label="mean atomic mass"),
            Quantity("a", "Å", 2.4, 4.8, label="distance of neighbours"),
        ),
        (
            (Quantity("Z", "1", 10, 60, label="mean atomic number"), "M"),
            (Quantity("T_b", "K", 3000, 6000, label="boiling temperature"), "T_m"),
        ),
        ("VEC", "alpha", "d_chi", "nu", "S_mix", "rho"),
        100,
        linear=True,
    ),
    Law(
        "Omega",
        "-0.001 * T_m * S / H",
        "1",
        "X. Yang, Y. Zhang, Mater. Chem. Phys. 132, 233 (2012), H < 0 in kJ/mol",
        (
            Quantity("T_m", "K", 1500, 4200, label="melting temperature"),
            Quantity("S", "J/(mol K)", 5.8, 14.9, label="mixing entropy"),
            Quantity("H", "kJ/mol", -45, -10, label="mixing enthalpy"),
        ),
        (
            (Quantity("T_b", "K", 3000, 6000, label="boiling temperature"), "T_m"),
            (Quantity("H_f", "kJ/mol", -250, -60, label="formation enthalpy"), "H"),
        ),
        ("VEC", "d_chi", "r_mean", "mass", "nu", "a_lat"),
        80,
        linear=True,
    ),
    Law(
        "Slack",
        "3.1e-6 * M * theta^3 * a / (gamma^2 * T)",
        "W/(m K)",
        "G. A. Slack, J. Phys. Chem. Solids 34, 321 (1973)",
        (
            Quantity("M", "u", 20, 100, label="mean atomic mass"),
            Quantity("theta", "K", 400, 900, label="Debye temperature"),
            Quantity("a", "Å", 2, 3, label="cube root of the volume of an atom"),
            Quantity("gamma", "1", 1.2, 2.2, label="Grüneisen parameter"),
            Quantity("T", "K", 300, 1200, label="temperature"),
        ),
        (
            (Quantity("Z", "1", 10, 50, label="mean atomic number"), "M"),
            (Quantity("v", "m/s", 4000, 9000, label="velocity of sound"), "theta"),
        ),
        ("VEC", "d_chi", "oxygen", "T_sinter"),
        120,
        linear=True,
    ),
    Law(
        "Coble-Kingery",
        "E0 * (1 - 1.9 * P + 0.9 * P^2)",
        "GPa",
        "R. L. Coble, W. D. Kingery, J. Am. Ceram. Soc. 39, 377 (1956)",
        (Quantity("E0", "GPa", 300, 550, label="Young's modulus, dense"), _PORES),
        (
            (Quantity("G0", "GPa", 120, 230, label="shear modulus, dense"), "E0"),
            (Quantity("P_open", "1", 0, 0.2, label="open porosity"), "P"),
        ),
        ("VEC", "nu", "T_sinter", "p_sinter", "alpha", "oxygen"),
        80,
        linear=True,
    ),
    Law(
        "Knudsen",
        "420 * d^-0.4 * exp(-4.1 * P)",
        "MPa",
        "F. P. Knudsen, J. Am. Ceram. Soc. 42, 376 (1959)",
        (_GRAIN, _PORES),
        (_POWDER, (Quantity("P_open", "1", 0, 0.2, label="open porosity"), "P")),
        ("VEC", "T_sinter", "p_sinter", "hold", "nu", "oxygen"),
        100,
    ),
    Law(
        "Griffith",
        "503.7 * K / sqrt(c)",
        "MPa",
        "A. A. Griffith, Phil. Trans. R. Soc. A 221, 163 (1921), edge crack: "
        "503.7 = 1000 / (1.12 sqrt(pi))",
        (
            Quantity("K", "MPa m^(1/2)", 2, 8, label="fracture toughness"),
            Quantity("c", "um", 5, 200, "log", "length of the crack"),
        ),
        (
            (Quantity("W_f", "J/m^2", 10, 60, label="work of fracture"), "K"),
            (Quantity("d", "um", 0.5, 30, "log", "grain size"), "c"),
        ),
        ("p_sinter", "T_sinter", "VEC", "nu", "rho"),
        60,
        linear=True,
    ),
    Law(
        "Pugh",
        "11 - 21 * G / B",
        "1",
        "S. F. Pugh, Phil. Mag. 45, 823 (1954): ductile for G/B < 0.57",
        (
            Quantity("G", "GPa", 60, 180, label="shear modulus"),
            Quantity("B", "GPa", 150, 320, label="bulk modulus"),
        ),
        (_YOUNG, (Quantity("C11", "GPa", 300, 700, label="stiffness"), "B")),
        ("VEC", "rho", "a_lat", "d_chi", "S_mix", "mass"),
        120,
        linear=True,
        task="classification",
    ),
    Law(
        "solid solution",
        "1.5 + 1.4 * Omega - 1.3 * delta",
        "1",
        "criteria of X. Yang, Y. Zhang, Mater. Chem. Phys. 132, 233 (2012), as odds",
        (
            Quantity("Omega", "1", 0.5, 6, label="entropy over enthalpy"),
            Quantity("delta", "%", 0.5, 9, label="size mismatch"),
        ),
        (
            (Quantity("S", "J/(mol K)", 5.8, 14.9, label="mixing entropy"), "Omega"),
            (Quantity("d_r", "pm", 1, 20, label="spread of radii"), "delta"),
        ),
        ("VEC", "d_chi", "mass", "a_lat", "rho", "T_sinter"),
        120,
        linear=True,
        task="classification",
    ),
    Law(
        "Goldschmidt",
        "32 * (r_A + 1.4) / (r_B + 1.4) - 40",
        "1",
        "V. M. Goldschmidt, Naturwissenschaften 14, 477 (1926): tolerance factor, "
        "oxygen of 1.4 Å, as odds",
        (
            Quantity("r_A", "Å", 0.9, 1.7, label="radius on A"),
            Quantity("r_B", "Å", 0.5, 1.0, label="radius on B"),
        ),
        ((Quantity("r_cov", "Å", 1.2, 2.3, label="covalent radius of A"), "r_A"),),
        ("VEC", "d_chi", "mass", "rho", "alpha", "nu"),
        120,
        task="classification",
    ),
    Law(
        "nothing, numbers",
        "",
        "GPa",
        "control: the target depends on no variable",
        (_GRAIN, _SHEAR, _BULK),
        (_POWDER, _YOUNG),
        ("VEC", "d_chi", "S_mix", "T_sinter", "nu"),
        80,
    ),
    Law(
        "nothing, classes",
        "",
        "1",
        "control: the label depends on no variable",
        (_GRAIN, _SHEAR, _BULK),
        (_POWDER, _YOUNG),
        ("VEC", "d_chi", "S_mix", "T_sinter", "nu"),
        100,
        task="classification",
    ),
)
"""From those linear in their constants to classes; two controls at the end."""


def chosen(names: Sequence[str] | None) -> list[Law]:
    """Return the laws of these names, all by default.

    Raises
    ------
    ValueError
        If there is none of a name.
    """
    known = {law.name: law for law in LAWS}
    wrong = [name for name in names or () if name not in known]
    if wrong:
        msg = f"unknown laws: {', '.join(wrong)}; known: {', '.join(known)}"
        raise ValueError(msg)
    return [known[name] for name in names] if names else list(LAWS)
