"""Write tables byte for byte the same everywhere, and seal them in the datapackage."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def write_table(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Write a CSV file: UTF-8, comma, line feed, no trailing spaces."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(buffer.getvalue().encode("utf-8"))


def seal(folder: Path) -> None:
    """Record size, row count and SHA-256 of every table in ``datapackage.json``.

    Parameters
    ----------
    folder : Path
        Folder with ``datapackage.json`` and the CSV files it names.
    """
    path = folder / "datapackage.json"
    package: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        data = (folder / resource["path"]).read_bytes()
        lines = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
        resource["bytes"] = len(data)
        resource["hash"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
        resource["rows"] = sum(1 for _ in lines) - 1
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    path.write_bytes(text.encode("utf-8"))
