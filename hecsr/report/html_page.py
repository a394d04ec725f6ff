"""The frame of the HTML page: head, style, script, contents, and what is allowed."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

# Nothing is fetched, and no script runs but the page's own, whatever a name holds.
_POLICY: Final = Template(
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-$digest'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
_FRAME: Final = Template(
    """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<link rel="icon" href="data:,">
<style>
$style</style>
</head>
<body>
<a class="skip" href="#report">Skip to the report</a>
$shapes<div class="page">
<nav class="contents" aria-label="Contents"><details open>
<summary>Contents</summary>
$contents
</details></nav>
<main id="report">
<header>
<p class="running">$running</p>
<h1>$title</h1>
$subtitle$hint</header>
$body
</main>
</div>
$lines<script>$script</script>
</body>
</html>
"""
)


# Not displayed at all, its hatches would be drawn nowhere.
_SHAPES: Final = (
    '<svg class="shapes" width="0" height="0" aria-hidden="true"><defs>{}</defs></svg>'
)
# Shown by the script, without which no point says anything.
_HINT: Final = (
    '<p class="hint" hidden>Points of figures name their composition: point at one, '
    "tap it, or choose a figure with the tab key and use the arrow keys.</p>"
)


def page(
    *,
    title: str,
    subtitle: str,
    running: str,
    contents: str,
    body: str,
    shapes: str = "",
    lines: str = "",
) -> str:
    """Return the whole page; every part is HTML already.

    `shapes` are what the drawings use, `lines` what their points say, line by line.
    """
    script = resource("html_page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _FRAME.substitute(
        policy=_POLICY.substitute(digest=digest),
        title=title,
        running=running,
        subtitle=f'<p class="subtitle">{subtitle}</p>\n' if subtitle else "",
        contents=contents,
        body=body,
        shapes=f"{_SHAPES.format(shapes)}\n" if shapes else "",
        hint=f"{_HINT}\n" if lines else "",
        lines=f'<template id="lines">{lines}</template>\n' if lines else "",
        style=resource("html_page.css"),
        script=script,
    )


@cache
def resource(name: str) -> str:
    """Return a text that comes with the package, with line feeds on every system."""
    text = files("hecsr.report").joinpath(name).read_text(encoding="utf-8")
    return "\n".join(text.splitlines()) + "\n"
