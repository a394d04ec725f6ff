"""The look of the PDF: page, fonts, tables and captions, in Typst."""

from __future__ import annotations

from typing import Final, Literal

Paper = Literal["a4", "letter"]
PAPERS: Final[tuple[Paper, ...]] = ("a4", "letter")

# Text, figures and the letters of the mathematics share the STIX face that comes with
# matplotlib. It has no OpenType MATH table: brackets, roots and operators, which grow,
# are those of the face that Typst brings along. Both papers leave 175 mm for figures.
PREAMBLE: Final = r"""
#let ink = rgb("#1a1a1a")
#let pale = rgb("#5a5a5a")
#let accent = rgb("#0b3c5d")

#let foot = 19mm
#let face = (
  (name: "STIXGeneral", covers: regex(
    "[0-9a-zA-Z\u{391}-\u{3f5}\u{210e}\u{1d434}-\u{1d467}\u{1d6e2}-\u{1d71b}]")),
  "New Computer Modern Math",
)

#let report(sheet: "a4", title: "", subtitle: "", running: "", body) = {
  set document(title: title, author: ())
  set page(
    paper: if sheet == "letter" { "us-letter" } else { sheet },
    margin: (x: if sheet == "letter" { 20.45mm } else { 17.5mm }, top: 21mm,
      bottom: foot),
    header: context {
      if counter(page).get().first() > 1 {
        set text(size: 8pt, fill: pale)
        stack(spacing: 3pt, grid(columns: (1fr, auto), running, title),
          line(length: 100%, stroke: 0.4pt + pale))
      }
    },
    footer: context {
      set text(size: 8pt, fill: pale)
      align(center)[#counter(page).display() / #counter(page).final().first()]
    },
  )
  set text(font: "STIXGeneral", size: 10pt, fill: ink, lang: "en", hyphenate: true)
  set par(justify: true, leading: 0.62em, spacing: 0.95em)
  show math.equation: set text(font: face)
  show raw: set text(font: "DejaVu Sans Mono", size: 0.86em)
  show raw.where(block: true): it => block(
    width: 100%, inset: 7pt, radius: 2pt, fill: rgb("#f4f4f2"),
    { set par(justify: false); it })
  show link: set text(fill: accent)
  set heading(numbering: "1.1")
  show heading: set text(fill: accent)
  show heading: set par(justify: false)
  show heading.where(level: 1): set text(size: 13pt)
  show heading.where(level: 1): set block(above: 1.6em, below: 0.8em, sticky: true)
  show heading.where(level: 2): set text(size: 10.5pt)
  show heading.where(level: 2): set block(above: 1.3em, below: 0.7em, sticky: true)
  set list(indent: 0.6em, body-indent: 0.5em, spacing: 0.65em)
  show figure.where(kind: table): set figure.caption(position: top)
  show figure.caption: it => block(width: 100%, sticky: true, {
    set text(size: 0.85em)
    set par(justify: true, leading: 0.5em)
    set align(left)
    strong[#it.supplement~#context it.counter.display(it.numbering).]
    [ ]
    it.body
  })
  set figure(gap: 0.6em)
  show figure: set block(above: 1.4em, below: 1.4em)
  set super(size: 0.72em, baseline: -0.38em, typographic: false)
  set table(stroke: none, inset: (x: 3.5pt, y: 3pt))

  block(below: 0.5em, {
    set par(justify: false)
    text(size: 18pt, weight: "bold", fill: accent, title)
  })
  if subtitle != "" {
    block(below: 0.8em, {
      set par(justify: false)
      text(size: 11pt, style: "italic", subtitle)
    })
  }
  line(length: 100%, stroke: 0.8pt + accent)
  body
}

// What must stand on one page is set smaller by steps until it does.
#let one-page(body) = layout(size => {
  let room = page.height - foot - here().position().y - 3mm
  let at(step) = { set text(size: 10pt * step); body }
  let steps = (1, 0.96, 0.92, 0.88, 0.85)
  let fits = s => measure(at(s), width: size.width).height <= room
  let found = steps.find(fits)
  at(if found == none { steps.last() } else { found })
})

#let appendix(body) = {
  pagebreak(weak: true)
  counter(heading).update(0)
  set heading(numbering: (..n) => if n.pos().len() == 1 {
    "Appendix " + numbering("A", ..n)
  } else { numbering("A.1", ..n) })
  body
}

// A heading and the line below it stay with the figure that they announce.
#let lead(body) = block(sticky: true, body)

// Mathematics with the words that a reader who does not see it is given.
#let said(words, body) = { set math.equation(alt: words); body }

#let unit(body) = text(fill: pale, weight: "regular")[(#body)]

#let group(n, body) = table.header(level: 2, table.cell(
  colspan: n, align: left, inset: (x: 3.5pt, top: 5.5pt, bottom: 3pt),
  text(style: "italic", fill: accent, body)))

// Columns share the page's width only where their contents do not fit side by side.
#let sheet(
  long: false, small: false, roomy: false, widths: (), aligns: (), caption: [],
  heads: (), name: none, ..cells,
) = {
  show figure: set block(breakable: long)
  let made(columns, gutter) = {
    set text(size: if small { 0.78em } else { 0.85em })
    set par(justify: false, leading: 0.45em)
    show math.frac: it => math.display(it)
    table(
      columns: columns, align: aligns.map(a => a + horizon), column-gutter: gutter,
      inset: (x: 3.5pt, y: if roomy { 5pt } else { 3pt }),
      table.hline(stroke: 0.9pt),
      table.header(
        ..heads.enumerate().map(((i, h)) => table.cell(
          align: aligns.at(i) + bottom, strong(h))),
        table.hline(stroke: 0.5pt)),
      ..cells.pos(),
      table.hline(stroke: 0.9pt),
    )
  }
  [#figure(kind: table, caption: caption, align(left, layout(size => {
    let natural = measure(made(widths.map(w => auto), 0pt)).width
    let gaps = calc.max(widths.len() - 1, 1)
    if natural <= size.width {
      made(widths.map(w => auto), calc.min((size.width - natural) / gaps, 14pt))
    } else {
      made(widths, 0pt)
    }
  }))) #name]
}

#let drawing(file, width, alt, name, caption) = [#figure(
  image(file, width: width, alt: alt), caption: caption) #name]

#let pair(left, right) = grid(columns: (85mm, 85mm), column-gutter: 5mm, left, right)

#let note(title, body) = block(
  width: 100%, inset: (x: 9pt, y: 7pt), stroke: (left: 2pt + accent),
  fill: rgb("#f2f5f8"),
  { strong[#title.]; [ ]; body })

// One line if it fits, else one line a term; what is wider still is scaled down.
#let formula(
  number, words, one, many, name: none,
) = [#block(width: 100%, layout(size => {
  set math.equation(alt: words)
  let numbered = if number == none { none } else { _ => [(#number)] }
  let room = size.width - if number == none { 0mm } else { 14mm }
  let shown = if measure(one).width <= room { one } else { many }
  let wide = measure(shown).width
  if wide > room {
    let factor = room / wide
    grid(columns: (1fr, auto), align: (center + horizon, right + horizon),
      scale(factor * 100%, reflow: true, shown),
      if number != none [(#number)])
  } else {
    set math.equation(numbering: numbered)
    shown
  }
})) #name]
"""
