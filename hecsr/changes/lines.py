"""Key by key, what two nested settings say differently."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ABSENT: Final = "–"


@dataclass(frozen=True)
class Changed:
    """A key and what it says in either run; ABSENT where it is not there."""

    key: str
    old: str
    new: str


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Changed, ...]:
    """Compare two tables key by key, tables inside them too.

    Of lists only the entries are shown that one has and the other has not.

    Examples
    --------
    >>> changed({"a": {"b": 1}}, {"a": {"b": 2}, "c": [1]})
    (Changed(key='a.b', old='1', new='2'), Changed(key='c', old='–', new='[1]'))
    >>> changed({"use": ["x", "y"]}, {"use": ["y", "z"]})
    (Changed(key='use', old='also "x"', new='also "z"'),)
    """
    flat_old, flat_new = _flat(old, ""), _flat(new, "")
    found = []
    for key in dict.fromkeys([*flat_old, *flat_new]):
        before, after = flat_old.get(key, _Nothing), flat_new.get(key, _Nothing)
        if before != after or type(before) is not type(after):
            found.append(_said(key, before, after))
    return tuple(found)


class _Nothing:
    """Marks a key that is not there; None is a value."""


def _flat(table: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            found |= _flat(value, f"{key}.")
        else:
            found[key] = value
    return found


def _said(key: str, old: Any, new: Any) -> Changed:
    if isinstance(old, list) and isinstance(new, list):
        added = [v for v in new if v not in old]
        gone = [v for v in old if v not in new]
        # what stays would hide what does not
        if (added or gone) and len(old) + len(new) > 2:
            return Changed(key, _also(gone), _also(added))
    return Changed(key, _text(old), _text(new))


def _also(values: list[Any]) -> str:
    """Say what one of two lists has that the other lacks."""
    return f"also {', '.join(_text(v) for v in values)}" if values else ""


def _text(value: Any) -> str:
    return ABSENT if value is _Nothing else json.dumps(value, ensure_ascii=False)
