"""The analysis as TOML text with a comment at each decision."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WIDTH = 88

Value = str | int | float | bool | None


def value(given: object) -> str:
    """Write a value of TOML; a string of JSON is one of TOML too.

    Examples
    --------
    >>> value({"name": "load (gf)", "unit": "gf"}), value(["a", 1, True])
    ('{ name = "load (gf)", unit = "gf" }', '["a", 1, true]')
    """
    from collections.abc import Mapping as AnyMapping

    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str):
        # JSON leaves DEL as it is, TOML does not allow it
        return json.dumps(given, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(given, int | float):
        return repr(given)
    if isinstance(given, AnyMapping):
        inner = ", ".join(f"{key(k)} = {value(v)}" for k, v in given.items())
        return f"{{ {inner} }}"
    if isinstance(given, list | tuple):
        return f"[{', '.join(value(v) for v in given)}]"
    raise TypeError(f"no form in TOML for {given!r}")


def key(name: str) -> str:
    """Write a key, quoted where it is not bare."""
    bare = name.replace("_", "a").replace("-", "a")
    return name if bare.isascii() and bare.isalnum() else value(name)


class Writer:
    """Lines of TOML and of comments, in the order they are said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def comment(self, text: str) -> None:
        """Add a comment, broken into lines."""
        # a line break in a name must not end the comment, nor may TOML hold others
        printable = "".join(c if c.isprintable() else " " for c in text)
        flat = " ".join(printable.split())
        self.lines += textwrap.wrap(
            flat, _WIDTH, initial_indent="# ", subsequent_indent="# ",
            break_on_hyphens=False, break_long_words=False,
        )  # fmt: skip

    def comments(self, texts: Iterable[str]) -> None:
        """Add several comments."""
        for text in texts:
            self.comment(text)

    def set(self, name: str, given: object) -> None:
        """Add a key and its value; a list of tables stands one to a line."""
        if isinstance(given, list) and given and isinstance(given[0], dict):
            self.lines.append(f"{name} = [")
            self.lines += [f"  {value(item)}," for item in given]
            self.lines.append("]")
            return
        line = f"{name} = {value(given)}"
        if isinstance(given, list | tuple) and len(line) > _WIDTH:
            self.lines.append(f"{name} = [")
            self.lines += [f"  {value(item)}," for item in given]
            self.lines.append("]")
            return
        self.lines.append(line)

    def proposed(self, name: str, given: object) -> None:
        """Add a key and value that take part only once the # is taken away."""
        self.lines.append(f"# {name} = {value(given)}")

    def section(self, name: str) -> None:
        """Begin a table."""
        self.lines += ["", f"[{name}]"]

    def settings(self, given: Mapping[str, object]) -> None:
        """Add several keys."""
        for name, one in given.items():
            self.set(name, one)

    def silent_section(self, name: str, settings: Mapping[str, object]) -> None:
        """Begin a table that takes part only once its # are taken away."""
        self.lines += ["", f"# [{name}]"]
        for setting, one in settings.items():
            self.proposed(setting, one)

    @property
    def text(self) -> str:
        """The whole file."""
        return "\n".join(self.lines) + "\n"


def bullets(texts: Sequence[str]) -> str:
    """Return texts one below the other for a terminal, each with a dash."""
    return "\n".join(
        textwrap.fill(
            " ".join(text.split()),
            _WIDTH,
            initial_indent="  - ",
            subsequent_indent="    ",
            break_on_hyphens=False,
            break_long_words=False,
        )
        for text in texts
    )
