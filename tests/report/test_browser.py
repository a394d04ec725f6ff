"""The page does what it should in a real browser, where one is installed."""

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess

import pytest

from hecsr.report.build import build
from hecsr.report.figures import parity
from hecsr.report.figures.style import journal, rendered
from hecsr.report.html import to_html
from hecsr.report.model import (
    Column,
    Equation,
    Figure,
    Group,
    Heading,
    Math,
    Paragraph,
    Report,
    Table,
    rich,
)
from hecsr.report.view import View

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason=f"no Chromium is found as {', '.join(NAMES)}"
)
EVIL = "<script>window.broken = true</script><img src=x onerror='window.broken = true'>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"></svg>'

WATCH = """
window.faults = [];
addEventListener("error", (event) => faults.push(event.message));
addEventListener("securitypolicyviolation", (event) => faults.push(event.blockedURI));
const tell = (found) => {
  const place = document.createElement("pre");
  place.id = "outcome";
  place.textContent = JSON.stringify(found);
  document.body.append(place);
};
"""
DRIVE = """
const column = (table, i) => [...table.rows].map((row) => row.cells[i]?.textContent);
const [plain, grouped] = document.querySelectorAll("table");
const press = (table, i) => {
  const button = table.tHead.rows[0].cells[i].querySelector("button");
  button.focus();
  button.click();
  return [column(table, i).slice(1), table.tHead.rows[0].cells[i].ariaSort,
    document.activeElement === button];
};
const found = {};
found.numbers = [press(plain, 1), press(plain, 1), press(plain, 1)];
found.other = [press(plain, 0), plain.tHead.rows[0].cells[1].ariaSort];
press(grouped, 1);
found.groups = column(grouped, 0).slice(1);

const tip = document.querySelector(".tip");
const svg = document.querySelector("svg.points");
const use = svg.querySelectorAll("use[x]");
const dots = [...use].filter((u) => u.parentNode.closest("g[id*=samples_]"));
const dot = dots[7];
svg.scrollIntoView();
const place = ["x", "y"].map((name) => Number(dot.getAttribute(name)));
const at = () => new DOMPoint(...place).matrixTransform(svg.getScreenCTM());
const point = (type, pointerType, dx) => svg.dispatchEvent(new PointerEvent(type, {
  pointerType, clientX: at().x + dx, clientY: at().y, bubbles: true }));
point("pointermove", "mouse", 0);
found.hover = tip.textContent;
found.rings = svg.querySelectorAll(".ring").length;
const box = tip.getBoundingClientRect();
found.seen = box.width > 0 && box.left >= 0 && box.right <= innerWidth;
point("pointerleave", "mouse", 0);
found.left = tip.textContent;
point("click", "touch", 1);
found.tapped = tip.textContent;
document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
found.away = tip.textContent;
const key = (name) => svg.dispatchEvent(new KeyboardEvent("keydown", { key: name }));
key("Home");
const first = tip.textContent;
key("ArrowRight");
found.walked = [first, tip.textContent];
key("ArrowLeft");
found.back = tip.textContent;
key("Escape");
found.escaped = tip.textContent;
found.titles = svg.querySelectorAll("title").length;
found.hint = document.querySelector(".hint").getBoundingClientRect().height;
found.broken = window.broken === true;
found.faults = faults;
found.fetched = performance.getEntriesByType("resource").map((entry) => entry.name);
found.mathematics = document.querySelector("mfrac").getBoundingClientRect().height;
found.title = document.title;
tell(found);
"""
MEASURE = """
const page = document.scrollingElement;
const wide = [...document.querySelectorAll("main *")].filter((e) =>
  e.getBoundingClientRect().right > innerWidth + 1 &&
  !e.closest(".scroll, .terms, pre")).map((e) => e.outerHTML.slice(0, 90));
const contents = document.querySelector(".contents details");
// a table that is wider than the page, pushed to its end, still names its rows
const moved = [...document.querySelectorAll(".scroll")]
  .filter((s) => s.scrollWidth > s.clientWidth + 40).map((s) => {
    s.scrollLeft = s.scrollWidth;
    const name = s.querySelector("tbody tr:not(.group) > th").getBoundingClientRect();
    return Math.abs(name.left - s.getBoundingClientRect().left) < 1 && name.width > 20;
  });
parent.postMessage([page.scrollWidth, innerWidth, wide, contents.open,
  getComputedStyle(document.querySelector(".enlarge")).display,
  faults, moved], "*");
"""


def hooked(page, last):
    """Add scripts of the test, and their hashes to what the page allows."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in (WATCH, last)
    )
    page = page.replace("script-src ", f"script-src {hashes} ")
    page = page.replace("<title>", f"<script>{WATCH}</script><title>", 1)
    return page.replace("</body>", f"<script>{last}</script></body>")


def outcome(path, profile):
    """Open a page and return what its script told."""
    command = [
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-dev-shm-usage", f"--user-data-dir={profile}",
        "--window-size=1200,900", "--virtual-time-budget=4000", "--dump-dom",
        path.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, timeout=120, check=True, encoding="utf-8"
    )
    told = re.search(r'<pre id="outcome">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(html.unescape(told[1]))


def cells(*rows):
    return tuple(tuple(rich(cell) for cell in row) for row in rows)


@pytest.fixture(scope="module")
def parity_svg(regression):
    with journal():
        return rendered(parity.draw(View(regression)))["svg"]


@pytest.fixture(scope="module")
def driven(parity_svg, tmp_path_factory):
    columns = (Column(rich("Model")), Column(rich("MAE ", EVIL), rich("GPa"), "right"))
    rows = cells(
        ("b", "3.80 ± 0.41"), ("a", "–"), ("c", "−0.5"), ("e", "1.2 × 10⁻³"),
        ("d", "12\u202f000"), ("f", "12.5"),
    )  # fmt: skip
    one, two = cells(("x", "9"), ("y", "8")), cells(("z", "2"), ("w", "1"))
    split = (Group("first"), *one, Group("second"), *two)
    fraction = Math(r"\frac{\sigma(T_\mathrm{m})}{\overline{a}}", "")
    report = Report(
        f"Title {EVIL}",
        EVIL,
        EVIL,
        (
            Heading(1, EVIL),
            Table(columns, rows, rich(EVIL)),
            Table(columns, split, rich("groups")),
            Equation(Math("y", ""), (fraction,), 1, "eq:1"),
            Paragraph(rich(EVIL)),
            Figure("parity", "parity", rich("parity"), EVIL),
        ),
    )
    folder = tmp_path_factory.mktemp("page")
    path = folder / "report.html"
    page = to_html(report, {"parity": parity_svg})
    path.write_text(hooked(page, DRIVE), encoding="utf-8")
    return outcome(path, folder / "profile")


@pytest.fixture(scope="module")
def on_a_phone(regression, parity_svg, tmp_path_factory):
    folder = tmp_path_factory.mktemp("phone")
    report = build(regression)
    drawings = {f.stem: SVG for f in report.figures} | {"parity": parity_svg}
    page = hooked(to_html(report, drawings), MEASURE)
    (folder / "report.html").write_text(page, encoding="utf-8")
    # a window cannot be as narrow as a phone, a frame can
    frame = folder / "frame.html"
    listen = 'addEventListener("message", (event) => tell(event.data));'
    frame.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><body><script>{WATCH}{listen}</script>"
        '<iframe src="report.html" style="width: 360px; height: 640px"></iframe>',
        encoding="utf-8",
    )
    return outcome(frame, folder / "profile")


def test_a_head_sorts_numbers_up_then_down_then_as_they_were(driven):
    up = ["−0.5", "1.2 × 10⁻³", "3.80 ± 0.41", "12.5", "12\u202f000", "–"]
    was = ["3.80 ± 0.41", "–", "−0.5", "1.2 × 10⁻³", "12\u202f000", "12.5"]
    first, second, third = driven["numbers"]
    assert first == [up, "ascending", True]
    assert second == [[*up[-2::-1], "–"], "descending", True]
    assert third[0] == was
    assert third[1] is None


def test_another_head_sorts_text_and_only_it_says_so(driven):
    (texts, said, _), before = driven["other"]
    assert texts == list("abcdef")
    assert said == "ascending"
    assert before is None


def test_rows_are_sorted_within_their_group(driven):
    assert driven["groups"] == ["first", "y", "x", "second", "w", "z"]


def test_a_point_shows_its_sample_to_mouse_and_finger(driven, regression):
    view = View(regression)
    shown = [c for c in view.shown if c.kind != "baseline"]
    row = parity.once(view, shown[0].name).iloc[7]
    lines = driven["hover"].split("\n")
    assert lines[0] == row["composition"]
    assert [line.split(":")[0] for line in lines[1:]] == ["Observed", "Predicted"]
    assert driven["seen"]
    assert driven["left"] == ""
    assert driven["tapped"].count("\n") == 2
    assert driven["away"] == ""
    # the same sample in each panel and its residual
    assert driven["rings"] >= 2 * len(shown)


def test_arrow_keys_walk_through_the_points(driven):
    first, second = driven["walked"]
    assert first != second
    assert driven["back"] == first
    assert driven["escaped"] == ""
    assert driven["titles"] == 0
    assert driven["hint"] > 0


def test_no_text_runs_and_nothing_is_fetched(driven):
    assert not driven["broken"]
    assert driven["faults"] == []
    assert driven["fetched"] == []
    assert driven["title"].startswith("Title <script>")


def test_the_browser_sets_the_mathematics(driven):
    assert driven["mathematics"] > 20


def test_nothing_is_wider_than_a_phone(on_a_phone):
    scrolled, inner, wide, contents, enlarge, faults, _ = on_a_phone
    assert inner == 360
    assert wide == []
    assert scrolled <= inner
    assert not contents
    assert enlarge != "none"
    assert faults == []


def test_the_first_column_stays_in_sight(on_a_phone):
    moved = on_a_phone[-1]
    assert len(moved) > 3
    assert all(moved)
