"use strict";
// Draws the page from the JSON in it. Names come from files: they are set as text, never as HTML.
const report = JSON.parse(document.getElementById("data").textContent);
const datasets = JSON.parse(document.getElementById("datasets").textContent);
const page = document.getElementById("report");
const charts = [];

// ---- elements -------------------------------------------------------------------------------------------------

function element(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) e.setAttribute(key, value);
  e.append(...children.filter(c => c !== null && c !== undefined));
  return e;
}

function section(id, title, about) {
  page.append(element("h2", { id }, title), element("p", { class: "soft" }, about));
  document.querySelector("nav").append(element("a", { href: "#" + id }, title));
}

/** Columns are [title, value of a row, "number" or a class]. */
function table(columns, rows) {
  const cell = (tag, text, kind) => element(tag, kind ? { class: kind } : {}, text);
  return element("div", { class: "scroll" }, element("table", {},
    element("thead", {}, element("tr", {}, ...columns.map(c => cell("th", c[0], c[2])))),
    element("tbody", {}, ...rows.map(row =>
      element("tr", {}, ...columns.map(c => cell("td", c[1](row) ?? "", c[2])))))));
}

function list(entries) {
  return element("dl", {}, ...entries.filter(e => e[1] !== undefined && e[1] !== null && e[1] !== "")
    .flatMap(([key, value]) => [element("dt", {}, key), element("dd", {}, String(value))]));
}

const card = (...children) => element("div", { class: "card" }, ...children);
const known = x => typeof x === "number" && isFinite(x);
const percent = (x, digits = 2) => known(x) ? (100 * x).toFixed(digits) + " %" : "";
const decimal = (x, digits = 3) => known(x) ? x.toFixed(digits) : "";
const spread = (mean, deviation, digits = 3) =>
  known(mean) ? mean.toFixed(digits) + " ± " + deviation.toFixed(digits) : "";
const count = x => known(x) ? x.toLocaleString("en") : "";
const day = iso => (iso || "").slice(0, 16).replace("T", " ");
const stem = file => file.replace(/\.json$/, "");
const duration = s => s < 90 ? s.toFixed(1) + " s" : s < 5400 ? (s / 60).toFixed(1) + " min" : (s / 3600).toFixed(1) + " h";
const significant = x => known(x) ? Number(x.toPrecision(4)).toString() : "";

// ---- charts ---------------------------------------------------------------------------------------------------

const color = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

/** A chart as wide as its card. Colors are read at every drawing, so that they follow the theme. */
function chart(options, data) {
  const holder = element("div", { class: "chart" });
  charts.push(() => {
    const axis = {
      stroke: () => color("soft"),
      grid: { stroke: () => color("grid"), width: 1 },
      ticks: { stroke: () => color("line"), width: 1, size: 5 },
      font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif", labelSize: 22,
    };
    const plot = new uPlot({
      width: holder.clientWidth, height: 270,
      cursor: { points: { size: 6 } },
      ...options,
      axes: options.axes.map((a, i) => ({ ...axis, size: i ? 50 : 30, ...a })),
    }, data, holder);
    return { plot, holder };
  });
  return holder;
}

function series(label, index, options) {
  const name = "c" + index % 6;
  return { label, stroke: () => color(name), width: 2, points: { show: false }, ...options };
}

/** Histograms over [-1, 1] with equal bins, each as shares of its own total. */
function histograms(label, of) {
  const bins = of[0].counts.length;
  const used = of.flatMap(h => h.counts.map((c, i) => c > 0 ? i : -1)).filter(i => i >= 0);
  const from = Math.max(0, Math.min(...used) - 1), to = Math.min(bins, Math.max(...used) + 2);
  const x = [];
  for (let i = from; i <= to; i++) x.push(-1 + 2 * i / bins);
  const ys = of.map(h => {
    const total = h.counts.reduce((a, b) => a + b, 0);
    return x.map((_, i) => 100 * (h.counts[from + i] || 0) / total);
  });
  return chart({
    scales: { x: { time: false } },
    axes: [{ label }, { label: "share of the scores, %" }],
    series: [{ label: "cosine", value: (u, v) => known(v) ? v.toFixed(2) : "–" }, ...of.map((h, i) =>
      series(h.label, h.color ?? i, {
        fill: () => color("c" + (h.color ?? i) % 6) + "30",
        paths: uPlot.paths.stepped({ align: 1 }),
        value: (u, v) => known(v) ? v.toFixed(2) + " %" : "–",
      }))],
  }, [x, ...ys]);
}

/** All curves end at rate 1; those of few pairs begin later. */
function roc(curves) {
  const x = curves.map(c => c.points.map(p => p[0])).reduce((a, b) => a.length < b.length ? b : a);
  return chart({
    height: 320,
    scales: { x: { time: false, distr: 3 }, y: { range: (u, min) => [Math.max(0, Math.floor(min * 10 - 0.01) / 10), 1] } },
    axes: [
      { label: "false match rate", values: (u, ticks) => ticks.map(t => t === null ? "" : significantRate(t)) },
      { label: "true match rate" },
    ],
    series: [{ label: "FMR", value: (u, v) => known(v) ? v.toExponential(1) : "–" },
      ...curves.map((c, i) => series(c.label, i, { value: (u, v) => percent(v) || "–" }))],
  }, [x, ...curves.map(c => [...Array(x.length - c.points.length).fill(null), ...c.points.map(p => p[1])])]);
}

const significantRate = t => t >= 0.01 ? String(Number(t.toPrecision(2))) : t.toExponential(0);

/** Positive curves with a large range get a logarithmic axis. */
function curves(run, names, title) {
  const all = names.map(n => [run.series[n].steps, run.series[n].values]);
  const data = all.length > 1 ? uPlot.join(all) : all[0];
  const values = all.flatMap(a => a[1]);
  const log = Math.min(...values) > 0 && Math.max(...values) > 10 * Math.min(...values);
  return card(element("h3", {}, title), chart({
    scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
    axes: [
      { label: "step" },
      { size: 58, values: (u, ticks) => ticks.map(t => t === null ? "" : significant(t)) },
    ],
    series: [{ label: "step", value: (u, v) => known(v) ? Math.round(v).toLocaleString("en") : "–" }, ...names.map((n, i) =>
      series(n, i, { spanGaps: true, value: (u, v) => significant(v) || "–" }))],
  }, data));
}

// ---- sections -------------------------------------------------------------------------------------------------

const of = kind => report.results.filter(r => r.stored.kind === kind)
  .map(r => ({ ...r.stored.result, file: stem(r.file), stored: r.stored }));
/** Several sets tested at once become one result each. */
const sets = of("verification sets").flatMap(r => Object.entries(r.sets)
  .map(([name, set]) => ({ ...set, embedder: r.embedder, embedder_sha256: r.embedder_sha256, file: r.file + ", " + name, stored: r.stored })));
const verification = [...of("verification"), ...sets], separability = of("separability"), leakage = of("leakage");
const training = of("recognizer");

function showHead() {
  document.title = report.title + " – Fizzy report";
  const tiles = [];
  const tile = (value, text) => tiles.push(element("div", { class: "tile" }, element("b", {}, value), element("span", {}, text)));
  for (const v of verification.slice(0, 2)) tile(percent(v.accuracy), "verification accuracy, " + v.file);
  for (const s of separability.filter(s => known(s.verification_accuracy)).slice(0, 1)) tile(percent(s.verification_accuracy), "verification among its own identities, " + s.file);
  for (const s of separability.slice(0, 2)) tile(percent(s.eer), "equal error rate, " + s.file);
  for (const s of separability.filter(s => known(s.adherence_mean)).slice(0, 1)) tile(decimal(s.adherence_mean), "adherence to the contexts, " + s.file);
  for (const l of leakage.slice(0, 1)) tile(count(l.above_identities), "of " + count(l.identities) + " identities above " + l.above_rule + ", " + l.file);
  for (const d of datasets.slice(0, 1)) tile(count(d.run.identities), "identities, " + count(d.run.identities * d.run.imagesPerIdentity) + " images, " + d.name);
  document.getElementById("top").append(
    element("h1", {}, report.title),
    element("div", { class: "soft" }, "Fizzy " + report.version + " · " + day(report.made) + " UTC"),
    element("nav", {}), element("div", { class: "tiles" }, ...tiles));
}

function showDatasets() {
  if (!datasets.length) return;
  section("identities", "Identities", "One row per identity of a person who does not exist.");
  for (const d of datasets) {
    page.append(card(element("h3", {}, d.name), element("div", { class: "faces" },
      element("img", { src: d.picture, alt: "Rows of faces: " + d.rows.join(", ") }),
      list([
        ["identities", count(d.run.identities)],
        ["images each", count(d.run.imagesPerIdentity)],
        ["size", d.run.imageSize + " × " + d.run.imageSize + ", " + d.run.imageFormat],
        ["sampler", d.run.sampler + ", " + d.run.steps + " steps"],
        ["guidance", d.run.guidance],
        ["seed", d.run.seed],
        ["model", (d.run.model || "").slice(0, 16)],
        ["contexts", (d.run.contexts || "").slice(0, 16)],
        ["rows", d.rows.join(", ")],
      ]))));
  }
}

/** The training of the tested embedder, if it is in the folder. */
const trainingOf = v => training.find(t => t.model_sha256 && t.model_sha256 === v.embedder_sha256);

/** The options of a command, without the files that it reads and writes. */
function recipe(run) {
  const words = run.stored.command.split(" ").slice(3);
  const options = [];
  for (let i = 0; i < words.length; i++) {
    if (!words[i].startsWith("--")) continue;
    const value = i + 1 < words.length && !words[i + 1].startsWith("--") ? " " + words[i + 1] : "";
    if (!["--data", "--out", "--resume", "--threads", "--list", "--json"].includes(words[i])) options.push(words[i].slice(2) + value);
  }
  return options.join(", ");
}

const seedOf = run => (run.stored.command.match(/--seed[ =](\S+)/) || [])[1] ?? "";

function showRecognizers() {
  if (!training.length) return;
  section("recognizers", "Recognizers", "Trained on the data sets, with the options used.");
  page.append(card(table([
    ["recognizer", t => t.file.replace(/\/result$/, ""), "name"],
    ["identities", t => count(t.identities), "number"],
    ["faces", t => count(t.faces), "number"],
    ["steps", t => count(t.steps), "number"],
    ["selected by", t => t.selected_by],
    ["validation", t => percent(t.validation_accuracy ?? t.selection_test_accuracy), "number"],
    ["recipe", recipe],
    ["seed", seedOf, "number"],
    ["took", t => duration(t.stored.seconds), "number"],
    ["date, UTC", t => day(t.stored.made)],
    ["hardware", t => t.stored.hardware],
  ], training)));
}

function showVerification() {
  if (!verification.length) return;
  section("accuracy", "Verification",
    "Accuracy on a list of pairs: each fold uses the threshold that is best on the other folds.");
  page.append(card(table([
    ["result", v => v.file, "name"],
    ["accuracy", v => percent(v.accuracy) + " ± " + (100 * v.deviation).toFixed(2), "number"],
    ["TAR at FAR 1e-3", v => percent(v.tar["1e-3"]), "number"],
    ["EER", v => percent(v.eer), "number"],
    ["AUC", v => decimal(v.auc, 4), "number"],
    ["pairs", v => count(v.pairs), "number"],
    ["embedder", v => trainingOf(v) ? trainingOf(v).file.replace(/\/result$/, "") : v.embedder],
    ["recipe", v => trainingOf(v) ? recipe(trainingOf(v)) : ""],
    ["seed", v => trainingOf(v) ? seedOf(trainingOf(v)) : "", "number"],
    ["date", v => day(v.stored.made)],
    ["hardware", v => v.stored.hardware],
  ], verification)));
}

function showSeparability() {
  if (!separability.length) return;
  section("separability", "Separability",
    "How well the identities of a data set are separated: pairs of images of one identity (genuine) and of two (impostor).");
  page.append(card(table([
    ["result", s => s.file, "name"],
    ["identities", s => count(s.identities), "number"],
    ["images", s => count(s.images), "number"],
    ["EER", s => percent(s.eer), "number"],
    ["FMR100", s => percent(s.fmr100), "number"],
    ["FMR1000", s => percent(s.fmr1000), "number"],
    ["FDR", s => decimal(s.fdr, 2), "number"],
    ["genuine", s => spread(s.genuine_mean, s.genuine_deviation), "number"],
    ["impostor", s => spread(s.impostor_mean, s.impostor_deviation), "number"],
    ["variation", s => decimal(s.intra_identity_variation), "number"],
    ["adherence", s => spread(s.adherence_mean, s.adherence_deviation), "number"],
    ["verification", s => known(s.verification_accuracy) ? percent(s.verification_accuracy) + " ± " + (100 * s.verification_deviation).toFixed(2) : "", "number"],
  ], separability)));
  const cards = separability.map(s => card(element("h3", {}, s.file), histograms("cosine of a pair", [
    { label: "impostor", counts: s.impostor_histogram, color: 1 },
    { label: "genuine", counts: s.genuine_histogram, color: 0 },
    ...(s.adherence_histogram ? [{ label: "image and its context", counts: s.adherence_histogram, color: 2 }] : []),
  ])));
  page.append(element("div", { class: "pair" }, ...cards));
}

function showRoc() {
  const all = [...verification, ...separability].filter(r => r.roc);
  if (!all.length) return;
  section("roc", "ROC", "Share of genuine pairs accepted against share of impostor pairs accepted.");
  page.append(card(roc(all.map(r => ({ label: r.file, points: r.roc })))));
}

function showLeakage() {
  if (!leakage.length) return;
  section("leakage", "Leakage",
    "How near each identity is to a face that the model was trained on. Real people, searched for among the same faces of "
    + "others, are the baseline: among many faces everybody has a near stranger.");
  for (const l of leakage) {
    const rules = Object.entries(l.above).map(([rule, a]) => ({ rule, ...a }));
    page.append(element("div", { class: "pair" },
      card(element("h3", {}, l.file + ": nearest training face"), histograms("cosine", [
        { label: "pairs of two real people", counts: l.impostor.histogram, color: 5 },
        { label: "real person, nearest stranger", counts: l.nearest.real_mean.histogram, color: 1 },
        { label: "identity, nearest training face", counts: l.nearest.synthetic_mean.histogram, color: 0 },
      ])),
      card(element("h3", {}, "Above a threshold"), table([
        ["rule", a => a.rule, "name"],
        ["cosine", a => decimal(a.threshold), "number"],
        ["identities", a => count(a.identities) + " (" + percent(a.share, 1) + ")", "number"],
        ["real people", a => percent(a.real_share, 1), "number"],
      ], rules), element("p", { class: "soft" },
        count(l.identities) + " identities against " + count(l.training_faces) + " training faces; "
        + count(l.people_searched) + " real people, " + count(l.impostor.pairs) + " pairs."
        + (l.strangers_may_be_one_person ? " Faces without a label count as separate people: some of these pairs may be of one person." : "")))));
    page.append(card(element("h3", {}, "The closest"), table([
      ["identity", m => m.identity, "name"],
      ["nearest training face", m => m.training],
      ["cosine", m => decimal(m.cosine), "number"],
      ["its nearest image", m => m.image],
      ["to", m => m.imageTraining],
      ["cosine", m => decimal(m.imageCosine), "number"],
    ], l.closest.slice(0, 12))));
  }
}

/** Metrics that describe a step and not the quality of the model. */
const stepMetrics = ["gradient_norm", "lr", "images_per_second", "waiting_share", "epoch"];

function showRuns() {
  if (!report.runs.length) return;
  section("training", "Training", "Curves of the training runs; long ones are means over equal intervals.");
  const cards = [];
  for (const run of report.runs) {
    const names = Object.keys(run.series).filter(n => !stepMetrics.includes(n));
    const shares = names.filter(n => /accura|tar|auc|eer/.test(n));
    const losses = names.filter(n => !shares.includes(n));
    const title = run.name + ", " + count(run.steps) + " steps";
    if (losses.length) cards.push(curves(run, losses, title));
    if (shares.length) cards.push(curves(run, shares, title + ": " + shares.join(", ")));
  }
  page.append(element("div", { class: "pair" }, ...cards));
}

function showMaking() {
  if (!report.results.length && !report.skipped.length) return;
  section("made", "How it was made", "Every result with the command that repeats it.");
  page.append(card(table([
    ["result", r => stem(r.file), "name"],
    ["date, UTC", r => day(r.stored.made)],
    ["took", r => duration(r.stored.seconds), "number"],
    ["hardware", r => r.stored.hardware],
    ["command", r => element("code", {}, r.stored.command)],
  ], report.results)));
  if (report.skipped.length) {
    page.append(card(element("h3", {}, count(report.skipped.length) + " files could not be used"),
      ...report.skipped.slice(0, 50).map(s => element("div", {}, element("code", {}, s)))));
  }
}

showHead();
showDatasets();
showRecognizers();
showVerification();
showSeparability();
showRoc();
showLeakage();
showRuns();
showMaking();

const drawn = charts.map(draw => draw());
const redraw = () => drawn.forEach(({ plot, holder }) => plot.setSize({ width: holder.clientWidth, height: plot.height }));
new ResizeObserver(redraw).observe(page);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
document.documentElement.dataset.charts = drawn.length;
