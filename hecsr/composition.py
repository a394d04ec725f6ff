"""Compositions: from what people write to canonical amounts on sublattices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from hecsr.errors import CompositionError
from hecsr.tables.periodic import SYMBOLS

ANIONS: Final = ("B", "C", "N", "O", "F", "S", "Cl", "Se", "Te", "P", "H")
ROUNDING: Final = 0.003
"""Amounts that differ by no more than this differ by rounding only."""

# Anions per metal of the ideal structure: rock salt, AlB2, CrB, disilicides.
STOICHIOMETRY: Final[Mapping[str, float]] = {
    "carbide": 1.0,
    "nitride": 1.0,
    "carbonitride": 1.0,
    "monoboride": 1.0,
    "diboride": 2.0,
    "disilicide": 2.0,
}
_FAMILIES: Final[Mapping[frozenset[str], str]] = {
    frozenset("C"): "carbide",
    frozenset("N"): "nitride",
    frozenset("CN"): "carbonitride",
    frozenset("B"): "boride",
    frozenset("BC"): "borocarbide",
    frozenset("O"): "oxide",
    frozenset("CO"): "oxycarbide",
    frozenset("NO"): "oxynitride",
    frozenset({"Si"}): "silicide",
    frozenset("F"): "fluoride",
    frozenset("S"): "sulfide",
}
# A boride or silicide is named by the structure whose ratio is nearest.
_BY_RATIO: Final = {
    "boride": (("monoboride", 1.0), ("diboride", 2.0)),
    "silicide": (("disilicide", 2.0),),
}
_NAMED_WITHIN: Final = 0.25
_LARGEST_DENOMINATOR: Final = 12

_SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉․．", "0123456789..")
_LATEX: Final = re.compile(r"\$|_|\\rm|\\mathrm|[{}]")
_NUMBER: Final = re.compile(r"\d+\.(?!\d)|\d*\.?\d+(?:\s*/\s*\d+)?")
_DECIMAL_COMMA: Final = re.compile(r"\d+,\d")
_SYMBOL: Final = re.compile(r"[A-Z][a-z]?")


@dataclass(frozen=True, eq=False)
class Composition:
    """A ceramic composition; equal and hashed by its canonical `formula`.

    Attributes
    ----------
    metals
        Amounts on the metal sublattice, alphabetical, summing to one.
    anions
        Amounts on the anion sublattice per metal atom, alphabetical.
    family
        carbide, nitride, carbonitride, monoboride, diboride, boride, borocarbide,
        oxide, disilicide, silicide, or the anions joined by a plus sign.
    warnings
        What is unusual; a metal-to-anion ratio off the family's is kept.
    """

    metals: tuple[tuple[str, float], ...]
    anions: tuple[tuple[str, float], ...]
    family: str

    @staticmethod
    def parse(text: str | Composition) -> Composition:
        """Read a composition such as ``(Hf,Nb,Ta,Ti,Zr)B2`` or ``HfNbTaTiZrC5``.

        Raises
        ------
        CompositionError
            If the text cannot be read; a mark shows where.
        """
        return text if isinstance(text, Composition) else _parse(text)

    @cached_property
    def fractions(self) -> dict[str, float]:
        """Metal fractions by element."""
        return dict(self.metals)

    @property
    def anion_per_metal(self) -> float:
        """Anion atoms per metal atom."""
        return sum(amount for _, amount in self.anions)

    @property
    def n_metals(self) -> int:
        """Number of different elements on the metal sublattice."""
        return len(self.metals)

    @cached_property
    def formula(self) -> str:
        """The canonical text, to four decimals; an oxide as a whole formula unit."""
        times = 1
        if "O" in dict(self.anions):
            times = _formula_unit(self.anion_per_metal)
        metals = "".join(f"{e}{_short(a * times)}" for e, a in self.metals)
        anions = "".join(f"{e}{_short(a * times)}" for e, a in self.anions)
        if len(self.metals) == 1 and times == 1:
            return self.metals[0][0] + anions
        single = times == 1
        return f"({metals}){anions}" if single else metals + anions

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know: the ratio is off the family's."""
        ideal = STOICHIOMETRY.get(self.family)
        if ideal is None or self.anion_per_metal == ideal:
            return ()
        text = (
            f"{self.formula}: {self.anion_per_metal:.4g} anions per metal, "
            f"{ideal:g} in a {self.family}; kept as given"
        )
        return (text,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Composition) and self.formula == other.formula

    def __hash__(self) -> int:
        return hash(self.formula)

    def __str__(self) -> str:
        return self.formula


def _parse(text: str) -> Composition:
    if not isinstance(text, str):
        raise CompositionError(f"a composition is text, not {text!r}")
    if not text.strip():
        raise CompositionError("the composition is empty")
    text = text.strip()
    cleaned = _LATEX.sub(" ", text.translate(_SUBSCRIPTS))
    reader = _Reader(text, cleaned)
    groups = reader.groups()
    readings = [_canonical(reader, amounts) for amounts in _readings(groups)]
    # brackets without amounts share one site: that reading first, unless only
    # the literal one has the family's ratio, as in (TiZrNbTa)C4
    for reading in readings:
        if not reading.warnings and reading.family in STOICHIOMETRY:
            return reading
    return readings[0]


@dataclass(frozen=True)
class _Group:
    """Amounts of a bracket or a bare element, its multiplier, and how written."""

    amounts: dict[str, float]
    times: float
    shared_site: bool


def _readings(groups: list[_Group]) -> Iterable[dict[str, float]]:
    shared = any(group.shared_site for group in groups)
    for sharing in (True, False) if shared else (False,):
        total: dict[str, float] = {}
        for group in groups:
            whole = sum(group.amounts.values())
            scale = (
                group.times / whole if sharing and group.shared_site else group.times
            )
            for element, amount in group.amounts.items():
                total[element] = total.get(element, 0.0) + amount * scale
        yield total


class _Reader:
    """Reads elements, amounts and brackets; every error points at its place."""

    def __init__(self, given: str, text: str) -> None:
        self.given = given
        self.text = text
        self.at = 0

    def error(self, reason: str, at: int | None = None) -> CompositionError:
        place = self.at if at is None else at
        # where LaTeX marks were dropped positions shift: show what was read
        shown = self.given if len(self.given) == len(self.text) else self.text
        return CompositionError(f"{reason}\n  {shown}\n  {' ' * place}^")

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t\u00a0":
            self.at += 1

    def groups(self) -> list[_Group]:
        found: list[_Group] = []
        self.skip()
        while self.at < len(self.text):
            mark = self.text[self.at]
            if mark in "([":
                found.append(self.bracket(")" if mark == "(" else "]"))
            elif mark in ")]":
                raise self.error("this bracket was never opened")
            else:
                element = self.element()
                amount = self.amount()
                times = 1.0 if amount is None else amount
                found.append(_Group({element: 1.0}, times, shared_site=False))
            self.skip()
        return found

    def bracket(self, closing: str) -> _Group:
        opened = self.at
        self.at += 1
        amounts: dict[str, float] = {}
        written = False
        while True:
            self.skip()
            if self.at >= len(self.text):
                raise self.error("this bracket is not closed", opened)
            mark = self.text[self.at]
            if mark == closing:
                break
            if mark in ",;" or (mark in "-–" and self.next_is_element()):
                self.at += 1
            elif mark in "([":
                raise self.error("a bracket inside a bracket is not read")
            elif mark in ")]":
                raise self.error(f"this bracket does not match; '{closing}' is missing")
            else:
                element = self.element()
                amount = self.amount()
                written = written or amount is not None
                share = 1.0 if amount is None else amount
                amounts[element] = amounts.get(element, 0.0) + share
        if not amounts:
            raise self.error("this bracket is empty", opened)
        self.at += 1
        times = self.amount()
        return _Group(amounts, 1.0 if times is None else times, not written)

    def next_is_element(self) -> bool:
        rest = self.text[self.at + 1 :].lstrip()
        return bool(rest) and rest[0].isupper()

    def element(self) -> str:
        match = _SYMBOL.match(self.text, self.at)
        if match is None:
            shown = self.text[self.at]
            if shown in "-–−":
                raise self.error("an amount cannot be negative")
            raise self.error(f"an element or a bracket is expected, not '{shown}'")
        symbol = match[0]
        if symbol not in SYMBOLS and symbol[0] in SYMBOLS:
            # 'Cx' is carbon and something else: point at the something else
            self.at += 1
            raise self.error(
                f"'{symbol}' is not an element, nor '{symbol[1]}' an amount"
            )
        if symbol not in SYMBOLS:
            raise self.error(f"'{symbol}' is not an element")
        self.at = match.end()
        return symbol

    def amount(self) -> float | None:
        self.skip()
        at = self.at
        if (
            at < len(self.text)
            and self.text[at] in "-–−"
            and not self.next_is_element()
        ):
            raise self.error("an amount cannot be negative")
        match = _NUMBER.match(self.text, at)
        if match is None:
            return None
        above, _, below = match[0].partition("/")
        value = float(above) / float(below) if below and float(below) else float(above)
        if _DECIMAL_COMMA.match(self.text, at):
            raise self.error("write decimals with a point: 0.5, not 0,5", at)
        if not 0 < value < 1e6 or (below and not float(below)):
            raise self.error("an amount must be a positive number", at)
        self.at = match.end()
        return value


def _canonical(reader: _Reader, amounts: Mapping[str, float]) -> Composition:
    found = set(amounts)
    anions = found & set(ANIONS)
    if not anions and "Si" in found and len(found) > 1:
        anions = {"Si"}
    metals = sorted(found - anions)
    if not metals:
        raise reader.error("a metal is missing: only anions are named", 0)
    if not anions:
        known = ", ".join(ANIONS[:4])
        reason = f"an anion is missing ({known}, or Si in a silicide)"
        raise reader.error(reason, len(reader.text.rstrip()))
    whole = sum(amounts[e] for e in metals)
    shares = _snap([amounts[e] / whole for e in metals])
    # six metals of 0.1667 are one metal atom, not 1.0002
    exact = round(whole) if abs(whole - round(whole)) <= ROUNDING else whole
    per_metal = {e: amounts[e] / (exact or whole) for e in sorted(anions)}
    total = sum(per_metal.values())
    family = _family(anions, total)
    ideal = STOICHIOMETRY.get(family)
    if ideal is None and family == "oxide":
        times = _formula_unit(total)
        ideal = round(total * times) / times
    if ideal is not None and abs(total - ideal) <= ROUNDING * max(1.0, ideal):
        per_metal = {e: a * ideal / total for e, a in per_metal.items()}
    anion_total = sum(per_metal.values())
    parts = _snap([a / anion_total for a in per_metal.values()], _LARGEST_DENOMINATOR)
    return Composition(
        metals=tuple(zip(metals, shares, strict=True)),
        anions=tuple(
            (e, part * anion_total) for e, part in zip(per_metal, parts, strict=True)
        ),
        family=family,
    )


def _family(anions: set[str], per_metal: float) -> str:
    family = _FAMILIES.get(frozenset(anions), "+".join(sorted(anions)))
    for name, ratio in _BY_RATIO.get(family, ()):
        if abs(per_metal / ratio - 1) <= _NAMED_WITHIN:
            return name
    return family


def _snap(shares: list[float], finest: int = 60) -> list[float]:
    """Undo rounding: shares that are all near k/n, n small, become exactly that."""
    for n in range(1, finest + 1):
        # many metals are written to four decimals: 17 x 0.0333 are 30ths
        slack = ROUNDING if n <= _LARGEST_DENOMINATOR else 2e-4
        counts = [round(share * n) for share in shares]
        near = all(
            abs(share - count / n) <= slack
            for share, count in zip(shares, counts, strict=True)
        )
        if near and all(counts) and sum(counts) == n:
            return [count / n for count in counts]
    return shares


def _formula_unit(per_metal: float) -> int:
    """Smallest number of metals that goes with a whole number of anions."""
    for times in range(1, _LARGEST_DENOMINATOR + 1):
        if abs(per_metal * times - round(per_metal * times)) <= ROUNDING * times:
            return times
    return 1


def _short(amount: float) -> str:
    """Write an amount to four decimals, a single atom without its 1."""
    text = f"{amount:.4f}".rstrip("0").rstrip(".")
    return "" if text == "1" else text
