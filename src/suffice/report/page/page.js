// Draws the charts and the case browser. All text of the study is set as text, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const percent = (share) => `${Math.round(100 * share)}%`;
  const dollars = (usd) => `$${usd.toLocaleString("en", { maximumFractionDigits: usd < 10 ? 2 : 0 })}`;
  const unique = (values) => [...new Set(values)];
  const narrow = () => document.documentElement.clientWidth < 560;
  const width = () => Math.min(940, document.querySelector("main").clientWidth - 30);
  const style = { background: "transparent", fontSize: "13px", fontFamily: "inherit" };

  function draw(id, rows, options) {
    const figure = document.getElementById(id);
    if (!figure || !rows.length) return;
    const title = figure.querySelector("figcaption").textContent;
    const chart = Plot.plot({ width: width(), style, ariaLabel: title, ...options(rows) });
    figure.querySelector(".chart").replaceChildren(chart);
    figure.hidden = false;
  }

  const colours = { correct: "#3b7dd8", format: "#c2703d", abstains: "#7a5bc0" };

  function ladder(rows) {
    const rungs = unique(rows.map((row) => row.rung));
    const measures = unique(rows.map((row) => row.measure));
    return {
      height: 60 + 34 * rungs.length * measures.length,
      marginLeft: narrow() ? 80 : 110,
      marginRight: 80,
      x: { domain: [0, 1], tickFormat: percent, grid: true, label: null },
      y: { domain: rungs, label: null },
      fy: { domain: measures, label: null },
      color: { domain: measures, range: measures.map((name) => colours[name] ?? "#3b8f83") },
      marks: [
        Plot.ruleX(unique(rows.filter((row) => row.bar !== null).map((row) => `${row.measure}|${row.bar}`))
          .map((key) => ({ measure: key.split("|")[0], bar: Number(key.split("|")[1]) })),
          { x: "bar", fy: "measure", stroke: "currentColor", strokeWidth: 2, strokeDasharray: "5,3" }),
        Plot.ruleY(rows, { y: "rung", fy: "measure", x1: "low", x2: "high", stroke: "measure", strokeWidth: 5, strokeOpacity: 0.55, strokeLinecap: "round" }),
        Plot.dot(rows, { y: "rung", fy: "measure", x: "value", fill: "measure", r: 5,
          title: (row) => `${row.rung}, ${row.measure}: ${percent(row.value)} [${percent(row.low)}, ${percent(row.high)}]${row.status ? `, ${row.status}` : ""}` }),
      ],
    };
  }

  function waterfall(rows) {
    const rungs = unique(rows.map((row) => row.rung));
    return {
      height: 60 + 38 * rungs.length,
      marginLeft: narrow() ? 80 : 110,
      x: { tickFormat: percent, grid: true, label: null },
      y: { domain: rungs, label: null },
      color: { legend: true, scheme: "Tableau10", domain: unique(rows.map((row) => row.cause)) },
      marks: [
        Plot.barX(rows, { x: "share", y: "rung", fill: "cause",
          title: (row) => `${row.rung}: ${row.count} of ${row.cause} left` }),
        Plot.ruleX([0]),
      ],
    };
  }

  function causes(rows) {
    return {
      height: 50 + 30 * rows.length,
      marginLeft: 110,
      x: { tickFormat: percent, grid: true, label: null, domain: [0, Math.max(...rows.map((row) => row.high))] },
      y: { domain: rows.map((row) => row.cause), label: null },
      marks: [
        Plot.barX(rows, { x: "share", y: "cause", fill: "#8fa3bf" }),
        Plot.ruleY(rows, { y: "cause", x1: "low", x2: "high", stroke: "currentColor", strokeWidth: 2,
          title: (row) => `${row.cause}: ${percent(row.share)} [${percent(row.low)}, ${percent(row.high)}], ${row.cases} cases` }),
        Plot.ruleX([0]),
      ],
    };
  }

  function worth(rows) {
    const best = rows.filter((row) => row.best).sort((one, other) => one.usd - other.usd);
    return {
      height: 330,
      marginLeft: 60,
      marginBottom: 45,
      x: { label: "dollars for 1,000 requests", labelOffset: 40, tickFormat: dollars, grid: true, zero: true },
      y: { label: "right", tickFormat: percent, grid: true },
      marks: [
        Plot.line(best, { x: "usd", y: "right", stroke: "currentColor", strokeDasharray: "4,3", curve: "step-after" }),
        Plot.ruleX(rows, { x: "usd", y1: "low", y2: "high", strokeOpacity: 0.6 }),
        Plot.ruleY(rows, { y: "right", x1: "usd_low", x2: "usd_high", strokeOpacity: 0.6 }),
        Plot.dot(rows, { x: "usd", y: "right", fill: (row) => (row.best ? "#1c7a46" : "#8a8f98"), r: 6,
          title: (row) => `${row.rung}: ${percent(row.right)} right, ${dollars(row.usd)} for 1,000` }),
        Plot.text(rows, { x: "usd", y: "right", text: "rung", dy: -14, fill: "currentColor" }),
      ],
    };
  }

  function growth(rows) {
    const last = rows.filter((row) => row.requests === Math.max(...rows.map((each) => each.requests)));
    return {
      height: 330,
      marginLeft: 70,
      marginBottom: 45,
      marginRight: 80,
      x: { label: "requests a month", labelOffset: 40, grid: true, ticks: narrow() ? 4 : 8, tickFormat: "~s" },
      y: { label: "dollars", tickFormat: (usd) => `$${d3.format("~s")(usd)}`, grid: true },
      color: { scheme: "Tableau10", domain: unique(rows.map((row) => row.rung)) },
      marks: [
        Plot.areaY(rows, { x: "requests", y1: "low", y2: "high", fill: "rung", fillOpacity: 0.2 }),
        Plot.lineY(rows, { x: "requests", y: (row) => (row.low + row.high) / 2, stroke: "rung", strokeWidth: 2 }),
        Plot.ruleX([data.expected], { stroke: "currentColor", strokeDasharray: "2,3" }),
        Plot.text(last, { x: "requests", y: (row) => (row.low + row.high) / 2, text: "rung", textAnchor: "start", dx: 6, fill: "currentColor" }),
      ],
    };
  }

  function times(rows) {
    const rungs = unique(rows.map((row) => row.rung));
    return {
      height: 60 + 44 * rungs.length,
      marginBottom: 45,
      marginLeft: narrow() ? 80 : 110,
      x: { label: "seconds", labelOffset: 40, grid: true, zero: true },
      y: { domain: rungs, label: null },
      marks: [
        Plot.tickX(rows, { x: "seconds", y: "rung", strokeOpacity: 0.15 }),
        Plot.boxX(rows, { x: "seconds", y: "rung", fill: "#3b7dd8", fillOpacity: 0.35, r: 0 }),
      ],
    };
  }

  function learning(rows) {
    const colour = (row) => (row.foretold ? "#8a8f98" : "#3b7dd8");
    return {
      height: 300,
      marginLeft: 60,
      marginBottom: 45,
      fx: { label: null },
      x: { label: "examples", labelOffset: 40, grid: true, zero: true },
      y: { label: "right", tickFormat: percent, grid: true, domain: [0, 1] },
      marks: [
        Plot.line(rows, { x: "examples", y: "right", fx: "rung", stroke: "#3b7dd8", strokeOpacity: 0.5 }),
        Plot.ruleX(rows, { x: "examples", y1: "low", y2: "high", fx: "rung", stroke: colour, strokeWidth: 3, strokeOpacity: 0.6 }),
        Plot.dot(rows, { x: "examples", y: "right", fx: "rung", r: 5, stroke: colour, fill: (row) => (row.foretold ? "none" : "#3b7dd8"),
          title: (row) => `${row.examples} examples: ${percent(row.right)} [${percent(row.low)}, ${percent(row.high)}]${row.foretold ? ", foretold" : ""}` }),
      ],
    };
  }

  function found(rows) {
    const measures = unique(rows.map((row) => row.measure));
    return {
      height: 60 + 34 * rows.length,
      marginLeft: narrow() ? 110 : 130,
      marginRight: 80,
      x: { domain: [0, 1], tickFormat: percent, grid: true, label: null },
      y: { domain: measures, label: null },
      fy: { domain: unique(rows.map((row) => row.rung)), label: null },
      marks: [
        Plot.ruleY(rows, { y: "measure", fy: "rung", x1: "low", x2: "high", stroke: "#3b8f83", strokeWidth: 5, strokeOpacity: 0.55, strokeLinecap: "round" }),
        Plot.dot(rows, { y: "measure", fy: "rung", x: "value", fill: "#3b8f83", r: 5,
          title: (row) => `${row.rung}, ${row.measure}: ${percent(row.value)} [${percent(row.low)}, ${percent(row.high)}]` }),
      ],
    };
  }

  function charts() {
    draw("chart-ladder", data.ladder, ladder);
    draw("chart-waterfall", data.waterfall, waterfall);
    draw("chart-causes", data.causes, causes);
    draw("chart-found", data.found, found);
    draw("chart-learning", data.learning, learning);
    draw("chart-worth", data.worth, worth);
    draw("chart-growth", data.growth, growth);
    draw("chart-times", data.times, times);
  }

  // ------------------------------------------------------------ cases

  function element(tag, options = {}, ...children) {
    const made = document.createElement(tag);
    if (options.class) made.className = options.class;
    if (options.text !== undefined) made.textContent = options.text;
    made.append(...children);
    return made;
  }

  function marked(text, wanted) {
    const found = element("p", { class: "said" });
    const low = text.toLowerCase();
    let from = 0;
    while (from < text.length) {
      let best = null;
      for (const each of wanted) {
        const at = low.indexOf(each.toLowerCase(), from);
        if (at >= 0 && (best === null || at < best.at)) best = { at, end: at + each.length };
      }
      if (best === null) break;
      found.append(text.slice(from, best.at), element("mark", { text: text.slice(best.at, best.end) }));
      from = best.end;
    }
    found.append(text.slice(from));
    return found;
  }

  function passages(answer, row) {
    const box = element("details", {}, element("summary", { text: `${answer.passages.length} passages shown` }));
    answer.passages.forEach((key, place) => {
      const passage = data.passages[key];
      if (!passage) return;
      const number = place + 1;
      const heading = element("p", { class: "dim" }, `[${number}] ${passage.place} `);
      if (passage.dated) heading.append(`(${passage.dated}) `);
      if (answer.cited.includes(number)) heading.append(element("span", { class: "chip open", text: "cited" }), " ");
      if (row.gold.includes(passage.document)) heading.append(element("span", { class: "chip good", text: "holds the answer" }));
      box.append(element("div", { class: "passage" }, heading, marked(passage.text, row.wanted)));
    });
    return box;
  }

  function outcome(answer) {
    if (answer.failed) return element("span", { class: "chip open", text: "no answer" });
    if (answer.right === null) return element("span", { class: "chip", text: "not scored" });
    return element("span", { class: `chip ${answer.right ? "good" : "bad"}`, text: answer.right ? "right" : "wrong" });
  }

  function fill(box, row) {
    for (const turn of row.asked) box.append(element("p", { class: "dim", text: turn }));
    box.append(element("h4", { text: "Expected" }), element("p", { class: "said", text: row.expected || "nothing in particular" }));
    for (const answer of row.answers) {
      box.append(element("h4", {}, `${answer.rung} `, outcome(answer)));
      box.append(element("p", { class: `said ${answer.right === null ? "" : answer.right ? "right" : "wrong"}`, text: answer.text }));
      const missed = answer.scores.filter((score) => score.value === null || score.value < 1);
      if (missed.length) {
        box.append(element("ul", { class: "dim" }, ...missed.map((score) => element("li", {
          text: `${score.metric} (${score.aspect}): ${score.value === null ? "not scored" : score.value.toFixed(2)}${score.said ? `, ${score.said}` : ""}`,
        }))));
      }
      if (answer.passages.length) box.append(passages(answer, row));
    }
  }

  function card(row) {
    const summary = element("summary", {}, element("span", { class: "question", text: row.question }));
    for (const answer of row.answers) {
      const mark = answer.failed ? "–" : answer.right === null ? "?" : answer.right ? "✓" : "✗";
      const told = answer.failed ? "no answer" : answer.right === null ? "not scored" : answer.right ? "right" : "wrong";
      summary.append(element("span", { class: `chip ${answer.right === null ? "open" : answer.right ? "good" : "bad"}` },
        `${answer.rung} `, element("span", { text: mark }), element("span", { class: "hidden", text: ` ${told}` })));
    }
    if (row.cause) summary.append(element("span", { class: "dim", text: row.cause }));
    summary.append(element("span", { class: "dim", text: row.id }));
    const made = element("details", { class: "case" }, summary);
    made.addEventListener("toggle", () => {
      if (made.open && made.children.length === 1) fill(made, row);
    });
    return made;
  }

  function browse() {
    const form = document.getElementById("filter");
    if (!form) return;
    const box = document.getElementById("browser");
    const more = document.getElementById("more");
    const choices = {
      cause: unique(data.cases.map((row) => row.cause)),
      tag: unique(data.cases.flatMap((row) => row.tags)).sort(),
      rung: unique(data.cases.flatMap((row) => row.answers.map((answer) => answer.rung))),
    };
    for (const [name, values] of Object.entries(choices)) {
      const named = values.filter(Boolean);
      form.elements[name].append(...named.map((value) => {
        const option = element("option", { text: value });
        option.value = value;
        return option;
      }));
      if (!named.length) form.elements[name].closest("label").hidden = true;
    }
    let shown = 30;
    const fits = (row) => {
      const { text, cause, tag, rung, outcome } = Object.fromEntries(new FormData(form));
      const answers = row.answers.filter((answer) => !rung || answer.rung === rung);
      const said = text.toLowerCase();
      return (!cause || row.cause === cause) && (!tag || row.tags.includes(tag)) && answers.length > 0
        && (!said || [row.id, row.question, row.expected, ...answers.map((answer) => answer.text)].some((each) => each.toLowerCase().includes(said)))
        && (!outcome || (outcome === "differs" ? new Set(row.answers.map((answer) => answer.right)).size > 1
          : answers.some((answer) => answer.right === (outcome === "right"))));
    };
    const show = () => {
      const found = data.cases.filter(fits);
      box.replaceChildren(...found.slice(0, shown).map(card));
      document.getElementById("count").textContent = `${found.length} of ${data.cases.length} cases`;
      more.hidden = found.length <= shown;
    };
    form.addEventListener("input", () => { shown = 30; show(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    more.addEventListener("click", () => { shown += 60; show(); });
    show();
  }

  charts();
  browse();
  let waiting;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(charts, 150); });
})();
