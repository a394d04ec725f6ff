"""Names as a sentence lists them."""

from __future__ import annotations

from collections.abc import Sequence


def all_of(names: Sequence[str]) -> str:
    """Return names with commas, and an "and" before the last.

    Examples
    --------
    >>> all_of(["Cr"]), all_of(["Cr", "Zr"]), all_of(["Cr", "Zr", "Hf"])
    ('Cr', 'Cr and Zr', 'Cr, Zr and Hf')
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
