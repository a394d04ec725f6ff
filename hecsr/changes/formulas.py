"""How the formulas of two runs differ: terms, coefficients, equality."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hecsr.errors import HecsrError
from hecsr.formula.analysis.equivalence import equivalence
from hecsr.formula.analysis.sums import without_coefficient
from hecsr.formula.expression import Binary, Constant, Expression, constants
from hecsr.formula.printers.text import to_text
from hecsr.study.form_change import same_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.formula.formula import Coefficient, Formula

_EQUAL: Final = {
    "equal": "the same formula",
    "equal on points": "no difference found at random points",
    "equal up to coefficients": "the same form with other coefficients",
    "different": "another formula",
    "undecided": "nowhere defined together",
}


@dataclass(frozen=True)
class Shift:
    """A coefficient in both runs, its errors, and the change in errors of the first."""

    term: str
    old: float
    new: float
    old_error: float | None
    new_error: float | None
    unit: str

    @property
    def in_errors(self) -> float:
        """The change in standard errors of the first run; NaN without one."""
        if not self.old_error:
            return math.nan
        return abs(self.new - self.old) / self.old_error


@dataclass(frozen=True)
class FormulaChange:
    """What became of the formula of one engine; None where a run has none of it."""

    engine: str
    old: Formula | None
    new: Formula | None
    verdict: str
    kept: tuple[str, ...]
    added: tuple[str, ...]
    gone: tuple[str, ...]
    shifts: tuple[Shift, ...]

    @property
    def changed(self) -> bool:
        """Whether anything but rounding is different."""
        moved = any(s.old != s.new for s in self.shifts)
        return bool(
            self.old is None or self.new is None or self.added or self.gone or moved
        )


def compare_formulas(
    old: Sequence[Formula], new: Sequence[Formula]
) -> tuple[FormulaChange, ...]:
    """Compare the formulas of two runs, engine by engine."""
    before, after = _by_engine(old), _by_engine(new)
    return tuple(
        _change(engine, before.get(engine), after.get(engine))
        for engine in dict.fromkeys([*before, *after])
    )


def _by_engine(formulas: Sequence[Formula]) -> dict[str, Formula]:
    """Name each formula by its engine; by its place where the file does not say."""
    found: dict[str, Formula] = {}
    for place, formula in enumerate(formulas, start=1):
        engine = str(formula.provenance.get("engine", f"formula {place}"))
        name = engine if engine not in found else f"{engine}, formula {place}"
        found[name] = formula
    return found


def _change(engine: str, old: Formula | None, new: Formula | None) -> FormulaChange:
    if old is None or new is None:
        verdict = "new" if old is None else "no longer there"
        return FormulaChange(engine, old, new, verdict, (), (), (), ())
    before = dict.fromkeys(_feature(t) for t in old.terms)
    after = dict.fromkeys(_feature(t) for t in new.terms)
    same = same_terms(old, new)
    return FormulaChange(
        engine=engine,
        old=old,
        new=new,
        verdict=_verdict(old, new),
        kept=tuple(t for t in after if t in before),
        added=() if same else tuple(t for t in after if t not in before),
        gone=() if same else tuple(t for t in before if t not in after),
        shifts=_shifts(old, new) if old.task == new.task else (),
    )


def _verdict(old: Formula, new: Formula) -> str:
    if old.task != new.task:
        return "another kind of target"
    try:
        return _EQUAL[equivalence(old, new).verdict]
    except HecsrError as error:
        return f"cannot be compared: {error}"


def _feature(term: Expression) -> str:
    """Return a term without its coefficient; constants inside it by their names."""
    return to_text(without_coefficient(term))


def _shifts(old: Formula, new: Formula) -> tuple[Shift, ...]:
    """Pair coefficients by the term they stand before, the intercept by being none."""
    before, after = _coefficients(old), _coefficients(new)
    found = []
    for term in (t for t in before if t in after):
        a, b = before[term], after[term]
        if a.unit.text == b.unit.text:
            errors = a.standard_error, b.standard_error
            found.append(Shift(term, a.value, b.value, *errors, a.unit.shown))
    return tuple(found)


def _coefficients(formula: Formula) -> dict[str, Coefficient]:
    by_name = {c.name: c for c in formula.coefficients}
    found: dict[str, Coefficient] = {}
    used: set[str] = set()
    for term in formula.terms:
        match term:
            case Binary("*", Constant(name), feature) if not constants(feature):
                found[to_text(feature)] = by_name[name]
                used.add(name)
            case _:
                # inside a term a constant is the same only if the term is
                for name in constants(term):
                    found[f"{name} in {to_text(term)}"] = by_name[name]
                    used.add(name)
    rest = [c for c in formula.coefficients if c.name not in used]
    if len(rest) == 1:
        found["intercept"] = rest[0]
    return found
