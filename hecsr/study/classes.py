"""The two classes of a target: 0 and 1, or two words of which one is class 1."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import ConfigError, suggestion
from hecsr.sentences import all_of
from hecsr.validation.groups import is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.config import Data
    from hecsr.study.rows import Rows

_CLASSES: Final = ("0", "1")
_MOST_SHOWN: Final = 6


def classes_of(data: Data, rows: Rows) -> NDArray[np.float64]:
    """Return the class of each row, 0 or 1; NaN where the cell is empty.

    Without `data.positive` the target holds 0 and 1 (or a table's own truth values).
    Cells and `data.positive` are compared as words: 1 and 1.0 are the same, and so
    are true and TRUE.

    Raises
    ------
    ConfigError
        If the target holds anything else, or not two words of which one is
        `data.positive`.
    """
    cells = rows.frame[data.target]
    words = [word(cell) for cell in cells]
    there = sorted({w for w in words if w is not None}, reverse=True)
    if data.positive is None:
        if all(_is_truth(c) for c, w in zip(cells, words, strict=True) if w):
            return _numbers(words, "true")
        if not set(there) <= set(_CLASSES):
            raise ConfigError(_advice(data, rows, words, there))
        return _numbers(words, "1")
    positive = word(data.positive) or ""
    if len(there) == 2 and positive in there:
        return _numbers(words, positive)
    raise ConfigError(_refusal(data, positive, there))


def word(cell: Any) -> str | None:
    """Return a cell as a word, alike for all writings of it; None if it is empty."""
    if is_missing(cell):
        return None
    text = str(cell).strip()
    if text.lower() in {"true", "false"}:
        return text.lower()
    try:
        number = float(text)
    except ValueError:
        return text or None
    return f"{number:g}" if math.isfinite(number) else text


def _is_truth(cell: Any) -> bool:
    return isinstance(cell, bool | np.bool_)


def _numbers(words: Sequence[str | None], positive: str) -> NDArray[np.float64]:
    return np.array([np.nan if w is None else float(w == positive) for w in words])


def _refusal(data: Data, positive: str, there: Sequence[str]) -> str:
    """Say why a word does not tell two classes apart."""
    if len(there) == 1:
        return _alone(data, there)
    if len(there) > 2:
        return (
            f"'data.positive' tells two words apart, but '{data.target}' holds "
            f"{len(there)}: {_listed(there)}; set the others aside with 'data.exclude'"
        )
    msg = f"'data.positive' is {_toml(positive)}, but '{data.target}' holds"
    hint = suggestion(positive, there)
    close = f"; {hint}" if hint.startswith("did") else ""
    return f"{msg} {_listed(there)}{close}"


def _advice(
    data: Data, rows: Rows, words: Sequence[str | None], there: Sequence[str]
) -> str:
    """Say what stands where 0 and 1 are meant, and what to do."""
    if len(there) == 1:
        return _alone(data, there)
    if len(there) == 2:
        ways = " or ".join(f"data.positive = {_toml(w)}" for w in there)
        return (
            f"classes are 0 and 1, but '{data.target}' holds {_listed(there)}; say "
            f"which is class 1: {ways}"
        )
    odd = [w for w in there if w not in _CLASSES]
    first = rows.compositions[words.index(odd[0])]
    only = ", ".join(_toml(w) for w in odd[:_MOST_SHOWN])
    return (
        f"classes are 0 and 1, or two words with 'data.positive', but '{data.target}' "
        f"holds {len(there)} values, among them {_listed(odd)} ({first} first): set "
        f"such rows aside, as with data.exclude = {{ {_key(data.target)} = [{only}] }}"
    )


def _alone(data: Data, there: Sequence[str]) -> str:
    return f"'{data.target}' is {_listed(there)} in every row: there is one class only"


def _listed(words: Sequence[str]) -> str:
    shown = [f"'{w}'" for w in words[:_MOST_SHOWN]]
    more = len(words) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return all_of(shown)


def _toml(text: str) -> str:
    """Write a word as a value of TOML."""
    if text in {"true", "false"}:
        return text
    try:
        number = math.isfinite(float(text))
    except ValueError:
        number = False
    return text if number else json.dumps(text, ensure_ascii=False)


def _key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "").isalnum() and name.isascii()
    return name if bare else json.dumps(name, ensure_ascii=False)
