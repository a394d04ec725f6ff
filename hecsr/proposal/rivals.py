"""The known rules that can be evaluated on these rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hecsr.proposal.target import Target
    from hecsr.study.samples import Samples

# Rules on one or two descriptors, by what they read.
_READ: Final = {
    "entropy": ("entropy",),
    "enthalpy": ("enthalpy",),
    "vec": ("vec",),
    "omega and delta": ("omega_inverse", "delta"),
}
_FEWEST: Final = 5


def find_rules(samples: Samples, target: Target) -> tuple[str, ...]:
    """Return rules whose columns are there and that say something on these rows."""
    if target.task == "regression":
        lawful = "load" in samples.table.names and bool((samples.y > 0).all())
        return ("power law of load",) if lawful else ()
    found = []
    both = [
        "Cr" in c.fractions and bool({"Zr", "Hf"} & set(c.fractions))
        for c in samples.compositions
    ]
    if _FEWEST <= sum(both) < len(both):
        found += ["chromium with Zr or Hf"]
    names = set(samples.table.names)
    found += [rule for rule, columns in _READ.items() if names.issuperset(columns)]
    return (*found, "one rule", "shallow tree")
