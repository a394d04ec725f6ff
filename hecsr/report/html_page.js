"use strict";
(() => {
  const contents = document.querySelector(".contents details");
  if (contents && window.matchMedia("(max-width: 73.99rem)").matches) contents.open = false;

  // ---- tables: a press on a head sorts, a third one restores the order
  const MISSING = new Set(["", "–", "—"]);
  const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const NUMBER = /^[\s<>≤≥±≈~[(]*([+-]?\d+(?:\.\d+)?)(?:\s*×\s*10(⁻?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/;
  const collator = new Intl.Collator("en", { numeric: true });

  const shown = (cell) => cell.textContent.trim();
  const value = (text) => {
    const found = NUMBER.exec(text.replaceAll("−", "-").replaceAll("\u202f", ""));
    if (!found) return NaN;
    const digits = [...(found[3] || "")].map((c) => RAISED.indexOf(c)).join("");
    return Number(found[1]) * 10 ** (digits ? Number(digits) * (found[2] ? -1 : 1) : 0);
  };

  const sorted = (rows, column, down) => {
    const texts = rows.map((row) => shown(row.cells[column]));
    const known = texts.filter((text) => !MISSING.has(text));
    const numeric = known.every((text) => !Number.isNaN(value(text)));
    const order = rows.map((_, i) => i).sort((a, b) => {
      const gone = MISSING.has(texts[a]) - MISSING.has(texts[b]);
      if (gone || MISSING.has(texts[a])) return gone || a - b;
      const by = numeric
        ? value(texts[a]) - value(texts[b])
        : collator.compare(texts[a], texts[b]);
      return (down ? -by : by) || a - b;
    });
    return order.map((i) => rows[i]);
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    const bodies = [...table.tBodies].map((body) => ({
      body,
      rows: [...body.rows].filter((row) => !row.classList.contains("group")),
    }));
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = "Sort by this column";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "" };
        const was = head.getAttribute("aria-sort") || "";
        const to = was in next ? next[was] : "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        if (to) head.setAttribute("aria-sort", to);
        for (const { body, rows } of bodies) {
          body.append(...(to ? sorted(rows, column, to === "descending") : rows));
        }
      });
    });
  }

  // ---- figures: on a phone at first as wide as the page, then as large as drawn
  for (const drawing of document.querySelectorAll(".wide .drawing")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "enlarge";
    const tell = (large) => {
      button.setAttribute("aria-pressed", String(large));
      button.textContent = large ? "Fit to page" : "Enlarge figure";
    };
    tell(false);
    button.addEventListener("click", () => tell(drawing.classList.toggle("large")));
    drawing.after(button);
  }

  // ---- figures: the sample under the pointer, finger or arrow key
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  document.body.append(tip);
  const SVG = "http://www.w3.org/2000/svg";
  let active = null;

  const hide = () => {
    tip.textContent = "";
    if (active) active.rings.replaceChildren();
    active = null;
  };
  const show = (figure, dot) => {
    if (active && active !== figure) hide();
    active = figure;
    figure.current = dot;
    // the same composition, in every panel
    figure.rings.replaceChildren(...figure.dots.filter((d) => d.sample === dot.sample).map((d) => {
      const ring = document.createElementNS(SVG, "circle");
      ring.setAttribute("class", "ring");
      ring.setAttribute("cx", d.x);
      ring.setAttribute("cy", d.y);
      ring.setAttribute("r", d === dot ? 4.5 : 3);
      return ring;
    }));
    tip.textContent = dot.places.map((place) => told[place]).join("\n");
    const at = new DOMPoint(dot.x, dot.y).matrixTransform(figure.svg.getScreenCTM());
    const box = tip.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(at.x + 12, wide - box.width - 8));
    const top = at.y - box.height - 12;
    tip.style.left = `${left}px`;
    tip.style.top = `${top < 8 ? at.y + 14 : top}px`;
  };

  // what points say, each line once: a point names its lines by their places
  const told = document.querySelector("#lines")?.content.textContent.split("\n") || [];
  const hint = document.querySelector(".hint");
  if (hint) hint.hidden = false;

  for (const svg of document.querySelectorAll("svg.points")) {
    const dots = [...svg.querySelectorAll("use[data-w]")].map((use) => {
      const places = use.dataset.w.split(" ");
      return {
        x: Number(use.getAttribute("x")), y: Number(use.getAttribute("y")),
        places, sample: places[0], panel: use.closest("g[id]"),
      };
    });
    const panels = [...new Set(dots.map((dot) => dot.panel))];
    const walk = [...dots].sort(
      (a, b) => panels.indexOf(a.panel) - panels.indexOf(b.panel) || a.x - b.x || a.y - b.y,
    );
    const rings = document.createElementNS(SVG, "g");
    svg.append(rings);
    const figure = { svg, dots, rings, current: null };
    const pointed = (event) => {
      const matrix = svg.getScreenCTM();
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      const reach = (event.pointerType === "mouse" ? 9 : 24) / matrix.a;
      let nearest = null;
      let least = reach * reach;
      for (const dot of dots) {
        const away = (dot.x - at.x) ** 2 + (dot.y - at.y) ** 2;
        if (away < least) [nearest, least] = [dot, away];
      }
      if (nearest) show(figure, nearest);
      else hide();
    };
    svg.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") pointed(event);
    });
    svg.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") hide();
    });
    svg.addEventListener("click", pointed);
    svg.addEventListener("focus", () => {
      if (svg.matches(":focus-visible")) show(figure, figure.current || walk[0]);
    });
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      const at = walk.indexOf(figure.current);
      const last = walk.length - 1;
      const to = {
        ArrowRight: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0), Home: 0, End: last,
      }[event.key];
      if (event.key === "Escape") hide();
      if (to === undefined) return;
      event.preventDefault();
      show(figure, walk[to]);
    });
  }
  document.addEventListener("pointerdown", (event) => {
    if (active && !active.svg.contains(event.target)) hide();
  });
  document.addEventListener("scroll", hide, { passive: true });
})();
