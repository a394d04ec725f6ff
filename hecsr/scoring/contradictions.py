"""What is asked of a formula, where the parts cannot all be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.errors import HecsrError, suggestion
from hecsr.formula.expression import variables

if TYPE_CHECKING:
    from hecsr.formula.published.published import Published
    from hecsr.scoring.inputs import Binding


def refuse_contradictions(formula: Published, binding: Binding, *, refit: bool) -> None:
    """Refuse values, starts, columns and units that contradict one another.

    Raises
    ------
    HecsrError
        Naming the two, and which of them to leave out.
    """
    for name in binding.start:
        if name not in formula.constants:
            raise HecsrError(_no_constant(name, formula))
        if name in binding.given:
            msg = (
                f"'{name}' is given a value (--set) and a start of its fit (--start); "
                "leave one out"
            )
            raise HecsrError(msg)
    if binding.start and not refit:
        listed = ", ".join(binding.start)
        msg = (
            f"a fit of {listed} is to start somewhere (--start), but nothing is "
            "fitted: ask for it (--fit coefficients), or give the value (--set)"
        )
        raise HecsrError(msg)
    fixed = [n for n in formula.constants if n in binding.given]
    if refit and fixed and len(fixed) == len(formula.constants):
        msg = (
            f"every constant is given a value (--set {', '.join(fixed)}), so that "
            "--fit coefficients has none to fit; leave one of the two out"
        )
        raise HecsrError(msg)
    for name in binding.given:
        for option, others in (("--name", binding.columns), ("--unit", binding.units)):
            if name in others:
                msg = (
                    f"'{name}' is given a value (--set), so that {option} "
                    f"{name}={others[name]} has no column to speak of; leave one out"
                )
                raise HecsrError(msg)


def _no_constant(name: str, formula: Published) -> str:
    msg = f"the formula has no constant '{name}' to start (--start)"
    if name in variables(formula.expression):
        return f"{msg}: '{name}' is a variable of {formula.text}"
    if not formula.constants:
        return f"{msg}; {formula.text} names none, as c0 or c1"
    return f"{msg}; {suggestion(name, formula.constants)}"
