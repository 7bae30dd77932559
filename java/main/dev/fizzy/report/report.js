"use strict";
// Draws the page from the JSON in it. Names come from files: they are set as text, never as HTML.
const report = JSON.parse(document.getElementById("data").textContent);
const datasets = JSON.parse(document.getElementById("datasets").textContent);
const pictures = JSON.parse(document.getElementById("pictures").textContent);
const curve = JSON.parse(document.getElementById("curve").textContent);
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

/** Columns are [title, value of a row, "number" or a class]; those without a value in any row are left out. */
function table(columns, rows) {
  const cell = (tag, title, text, kind) => element(tag, { "data-title": title, ...(kind ? { class: kind } : {}) }, text);
  const cells = columns.map(([title, value, kind]) => ({ title, kind, values: rows.map(row => value(row) ?? "") }))
    .filter(column => column.values.some(v => v !== ""));
  return element("div", { class: "scroll" }, element("table", {},
    element("thead", {}, element("tr", {}, ...cells.map(c => cell("th", "", c.title, c.kind)))),
    element("tbody", {}, ...rows.map((row, i) =>
      element("tr", {}, ...cells.map(c => cell("td", c.title, c.values[i], c.kind)))))));
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

/** Text for a cell of a CSV file, RFC 4180. */
const quoted = value => /[",\n\r]/.test(value) ? '"' + value.replaceAll('"', '""') + '"' : value;

/** A link that saves the figures of a chart: a column for the horizontal axis and one for each series. */
function csv(name, labels, data) {
  const lines = [labels, ...data[0].map((_, i) => data.map(column => column[i] ?? ""))];
  const text = lines.map(line => line.map(value => quoted(String(value))).join(",")).join("\n") + "\n";
  return element("a", {
    class: "csv", download: name.replace(/[^\w.-]+/g, "-") + ".csv", href: "data:text/csv;charset=utf-8," + encodeURIComponent(text),
  }, "CSV");
}

/**
 * A chart as wide as its card, with its figures to download. Colors are read at every drawing, so that they follow the theme.
 *
 * @param name of the downloaded file
 */
function chart(name, options, data) {
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
  return element("div", {}, holder, csv(name, options.series.map(s => s.label), data));
}

function series(label, index, options) {
  const name = "c" + index % 6;
  return { label, stroke: () => color(name), width: 2, points: { show: false }, ...options };
}

/** Histograms over [-1, 1] with equal bins, each as shares of its own total. */
function histograms(name, label, of) {
  const bins = of[0].counts.length;
  const used = of.flatMap(h => h.counts.map((c, i) => c > 0 ? i : -1)).filter(i => i >= 0);
  const from = Math.max(0, Math.min(...used) - 1), to = Math.min(bins, Math.max(...used) + 2);
  const x = [];
  for (let i = from; i <= to; i++) x.push(-1 + 2 * i / bins);
  const ys = of.map(h => {
    const total = h.counts.reduce((a, b) => a + b, 0);
    return x.map((_, i) => 100 * (h.counts[from + i] || 0) / total);
  });
  return chart(name, {
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

/** ROC curves of results; the operating points in their {@code tar} are marked. */
function roc(results) {
  const data = uPlot.join(results.map(r => [r.roc.map(p => p[0]), r.roc.map(p => p[1])]));
  const marked = r => data[0].flatMap((x, i) => Object.keys(r.tar || {}).some(rate => Math.abs(x / rate - 1) < 1e-6) ? [i] : []);
  return chart("roc", {
    height: 320,
    scales: { x: { time: false, distr: 3 }, y: { range: (u, min) => [Math.max(0, Math.floor(min * 10 - 0.01) / 10), 1] } },
    axes: [
      { label: "false match rate", values: (u, ticks) => ticks.map(t => t === null ? "" : significantRate(t)) },
      { label: "true match rate" },
    ],
    series: [{ label: "FMR", value: (u, v) => known(v) ? v.toExponential(1) : "–" },
      ...results.map((r, i) => series(r.file, i, {
        spanGaps: true, value: (u, v) => percent(v) || "–", points: { show: true, size: 8, filter: () => marked(r) },
      }))],
  }, data);
}

const significantRate = t => t >= 0.01 ? String(Number(t.toPrecision(2))) : t.toExponential(0);

/**
 * Curves over steps. Positive ones with a large range get a logarithmic axis.
 *
 * @param of a label and the steps and values of each
 */
function curves(name, of) {
  const all = of.map(c => [c.steps, c.values]);
  const data = all.length > 1 ? uPlot.join(all) : all[0];
  const values = all.flatMap(a => a[1]);
  const log = Math.min(...values) > 0 && Math.max(...values) > 10 * Math.min(...values);
  return chart(name, {
    scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
    axes: [
      { label: "step" },
      { size: 58, values: (u, ticks) => ticks.map(t => t === null ? "" : significant(t)) },
    ],
    series: [{ label: "step", value: (u, v) => known(v) ? Math.round(v).toLocaleString("en") : "–" }, ...of.map((c, i) =>
      series(c.label, i, { spanGaps: true, value: (u, v) => significant(v) || "–" }))],
  }, data);
}

// ---- sections -------------------------------------------------------------------------------------------------

const of = kind => report.results.filter(r => r.stored.kind === kind)
  .map(r => ({ ...r.stored.result, file: stem(r.file), stored: r.stored }));
/** Several sets tested at once become one result each. */
const sets = of("verification sets").flatMap(r => Object.entries(r.sets)
  .map(([name, set]) => ({ ...set, embedder: r.embedder, embedder_sha256: r.embedder_sha256, file: r.file + ", " + name, stored: r.stored })));
const verification = [...of("verification"), ...sets], separability = of("separability"), leakage = of("leakage");
const training = of("recognizer"), templates = of("templates");
/** One row for each embedder that judged. */
const judged = kind => of(kind).flatMap(r => r.embedders.map(judge => ({ ...r, judge })));
const quality = judged("quality"), roundTrips = judged("autoencoder quality");

/** A command; a line breaks between its words. */
const commandLine = text => text ? element("pre", { class: "command" },
  element("code", {}, ...text.split(" ").flatMap(word => [element("span", {}, word), " "]))) : null;

/** The commands whose results lie in a folder: those that made what is in it. */
const madeIn = folder => report.results
  .filter(r => r.file.slice(0, r.file.lastIndexOf("/") + 1) === (folder === report.root ? "" : folder + "/")
    && ["data set", "recognizer", "autoencoder", "diffusion", "autoregressive"].includes(r.stored.kind))
  .map(r => commandLine(r.stored.command));

/** A picture of a face that a result names, if there is one. */
function face(result, set, name) {
  const named = pictures.find(p => stem(p.file) === result.file);
  const uri = named && named[set][name];
  return uri ? element("img", { src: uri, alt: name, title: name }) : null;
}

/** Rows of faces, each with its text below; those without a picture are left out. */
function faces(rows) {
  const shown = rows.filter(row => row.faces.some(f => f));
  return shown.length ? element("div", { class: "gallery" }, ...shown.map(row => element("figure", {},
    element("div", {}, ...row.faces), element("figcaption", {}, element("b", {}, row.title), " ", row.text)))) : null;
}

function showHead() {
  document.title = report.title + " – Fizzy report";
  const tiles = [];
  const tile = (value, text) => tiles.push(element("div", { class: "tile" }, element("b", {}, value), element("span", {}, text)));
  for (const v of verification.slice(0, 2)) tile(percent(v.accuracy), "verification accuracy, " + v.file);
  for (const s of separability.filter(s => known(s.verification_accuracy)).slice(0, 1)) tile(percent(s.verification_accuracy), "verification among its own identities, " + s.file);
  for (const s of separability.slice(0, 2)) tile(percent(s.eer), "equal error rate, " + s.file);
  for (const s of separability.filter(s => known(s.adherence_mean)).slice(0, 1)) tile(decimal(s.adherence_mean), "adherence to the contexts, " + s.file);
  for (const l of leakage.slice(0, 1)) tile(count(l.above_identities), "of " + count(l.identities) + " identities above " + l.above_rule + ", " + l.file);
  for (const d of datasets.filter(d => d.run.identities).slice(0, 1)) tile(count(d.run.identities), "identities, " + count(d.run.identities * d.run.imagesPerIdentity) + " images, " + d.name);
  document.getElementById("top").append(
    element("h1", {}, report.title),
    element("div", { class: "soft" }, "Fizzy " + report.version + " · " + day(report.made) + " UTC"),
    element("nav", {}), element("div", { class: "tiles" }, ...tiles));
}

function showDatasets() {
  if (!datasets.length) return;
  section("identities", "Identities", "One row per identity.");
  for (const d of datasets) {
    const run = { ...d.run.made, ...d.run };
    page.append(card(element("h3", {}, d.name), element("div", { class: "faces" },
      element("img", { src: d.picture, alt: "Rows of faces: " + d.rows.join(", ") }),
      list([
        ["identities", count(run.identities ?? run.classes)],
        ["images each", count(run.imagesPerIdentity)],
        ["images", run.imagesPerIdentity ? "" : count(run.images)],
        ["size", run.imageSize ? run.imageSize + " × " + run.imageSize + ", " + run.imageFormat : ""],
        ["origin", run.origin],
        ["stored as", run.container],
        ["source", run.source],
        ["sampler", run.sampler ? run.sampler + ", " + run.steps + " steps" : ""],
        ["guidance", run.guidance],
        ["seed", run.seed],
        ["model", (run.model || "").slice(0, 16)],
        ["contexts", (run.contexts || "").slice(0, 16)],
        ["rows", d.rows.join(", ")],
      ])), ...madeIn(d.name)));
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
  ], verification), ...commands(verification)));
}

/** The commands behind results, each once. */
const commands = results => [...new Set(results.map(r => r.stored.command))].map(commandLine);

function showTemplates() {
  if (!templates.length) return;
  section("templates", "Templates", "Verification of templates of several images, as IJB-B and IJB-C do.");
  page.append(card(table([
    ["result", t => t.file, "name"],
    ...ratesOf(templates).map(rate => ["TAR at " + rate, t => percent(t.tar[rate]), "number"]),
    ["EER", t => percent(t.eer), "number"],
    ["AUC", t => decimal(t.auc, 4), "number"],
    ["templates", t => count(t.templates), "number"],
    ["pairs", t => count(t.pairs), "number"],
    ["embedder", t => t.embedder],
  ], templates), ...commands(templates)));
}

/** The false match rates of the operating points of some results, from the lowest. */
const ratesOf = results => [...new Set(results.flatMap(r => Object.keys(r.tar || {})))].sort((a, b) => a - b);

function showSeparability() {
  if (!separability.length) return;
  section("separability", "Separability",
    "How well the identities of a data set are separated: pairs of images of one identity (genuine) and of two (impostor).");
  const likeness = separability.filter(s => known(s.adherence_mean) || s.real);
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
    ["verification", s => known(s.verification_accuracy) ? percent(s.verification_accuracy) + " ± " + (100 * s.verification_deviation).toFixed(2) : "", "number"],
  ], separability), ...(likeness.length ? [element("h3", {}, "Beside their contexts and real people"), table([
    ["result", s => s.file, "name"],
    ["adherence", s => spread(s.adherence_mean, s.adherence_deviation), "number"],
    ["own context at rank 1", s => s.retrieval ? percent(s.retrieval.images.rank1, 1) + " of " + count(s.retrieval.candidates) : "", "number"],
    ["variation", s => decimal(s.intra_identity_variation), "number"],
    ["of real people", s => s.real ? decimal(s.real.intra_identity_variation) : "", "number"],
    ["way to other photos", s => s.other_photos ? percent(s.other_photos.fraction, 1) : "", "number"],
  ], likeness)] : []), ...commands(separability)));
  const cards = separability.map(s => card(element("h3", {}, s.file), histograms(s.file, "cosine of a pair", [
    { label: "impostor", counts: s.impostor_histogram, color: 1 },
    { label: "genuine", counts: s.genuine_histogram, color: 0 },
    ...(s.real ? [{ label: "genuine, real people", counts: s.real.genuine_histogram, color: 3 }] : []),
    ...(s.adherence_histogram ? [{ label: "image and its context", counts: s.adherence_histogram, color: 2 }] : []),
  ])));
  if (separability.length > 1) cards.push(card(element("h3", {}, "Genuine pairs of all"), histograms("genuine-pairs", "cosine of a pair",
    separability.map((s, i) => ({ label: s.file, counts: s.genuine_histogram, color: i })))));
  page.append(element("div", { class: "pair" }, ...cards));
  for (const s of separability.filter(s => s.worst && s.worst.length)) {
    page.append(card(element("h3", {}, s.file + ": the identities whose images are least alike"), faces(s.worst.map(w => ({
      faces: w.images.map(image => face(s, "data", image)),
      title: w.identity,
      text: "mean cosine " + decimal(w.mean) + ", of these two " + decimal(w.lowest),
    }))) ?? table([
      ["identity", w => w.identity, "name"],
      ["mean cosine", w => decimal(w.mean), "number"],
      ["lowest cosine", w => decimal(w.lowest), "number"],
      ["of", w => w.images.join(", ")],
    ], s.worst)));
  }
}

/** A figure of a set, and in parentheses that of two parts of the real set. */
const beside = (x, real, digits = 3) => decimal(x, digits) + " (" + decimal(real, digits) + ")";

function showQuality() {
  if (!quality.length) return;
  section("quality", "Quality",
    "Distance and overlap of the images and real ones in an embedder's space; in parentheses those of two parts of the real set, "
    + "which share no image. Sharpness is the median variance of the Laplacian.");
  page.append(card(table([
    ["result", q => q.file, "name"],
    ["embedder", q => q.judge.embedder],
    ["samples", q => count(q.judge.samples), "number"],
    ["Frechet distance", q => beside(q.judge.frechet, q.judge.frechet_floor, 4), "number"],
    ["precision", q => beside(q.judge.precision, q.judge.real_precision), "number"],
    ["recall", q => beside(q.judge.recall, q.judge.real_recall), "number"],
    ["density", q => beside(q.judge.density, q.judge.real_density), "number"],
    ["coverage", q => beside(q.judge.coverage, q.judge.real_coverage), "number"],
  ], quality), element("h3", {}, "Sharpness and clipping"), table([
    ["result", q => q.file, "name"],
    ["pixels", q => count(q.pixels.size), "number"],
    ["sharpness", q => range(q.pixels.data.laplacian), "number"],
    ["real", q => range(q.pixels.real.laplacian), "number"],
    ["ratio", q => decimal(q.pixels.sharpness_ratio), "number"],
    ["clipped values", q => percent(q.pixels.data.clipped), "number"],
    ["real", q => percent(q.pixels.real.clipped), "number"],
  ], of("quality")), ...commands(quality)));
}

function showCurve() {
  if (!curve) return;
  section("cost", "Quality and cost", "The figures of generated sets beside the evaluations of the network that an image takes.");
  page.append(card(element("div", { class: "scroll" }, element("img", {
    src: "data:image/svg+xml;charset=utf-8," + encodeURIComponent(curve), alt: "Quality of the sets over evaluations",
  }))));
}

/** A median with the range that leaves out 5 % on either side. */
const range = s => decimal(s.median, 1) + " (" + decimal(s.p5, 1) + " to " + decimal(s.p95, 1) + ")";

function showRoundTrips() {
  if (!roundTrips.length) return;
  section("autoencoders", "Autoencoders", "What faces keep when they are encoded and decoded: the cosine of a face and its round trip.");
  page.append(card(table([
    ["result", a => a.file, "name"],
    ["embedder", a => a.judge.embedder],
    ["cosine", a => decimal(a.judge.cosine_mean), "number"],
    ["5 % below", a => decimal(a.judge.cosine_p5), "number"],
    ["to the resized face", a => decimal(a.judge.resized_cosine_mean), "number"],
    ["L1", a => decimal(a.l1, 4), "number"],
    ["PSNR", a => decimal(a.psnr, 2) + " dB", "number"],
    ["sharpness kept", a => percent(a.sharpness_ratio, 1), "number"],
    ["codes used", a => count(a.codes_used) + " of " + count(a.codes), "number"],
    ["faces", a => count(a.faces), "number"],
  ], roundTrips), ...commands(roundTrips)));
}

function showRoc() {
  const all = [...verification, ...templates, ...separability].filter(r => r.roc);
  if (!all.length) return;
  section("roc", "ROC", "Share of genuine pairs accepted against share of impostor pairs accepted. The points are the operating points of the table, with the cosine from which a pair is accepted.");
  page.append(card(roc(all), table([
    ["result", r => r.file, "name"],
    ...ratesOf(all).flatMap(rate => [
      ["TAR at FMR " + rate, r => percent((r.tar || {})[rate]), "number"],
      ["from cosine", r => decimal((r.tar_thresholds || {})[rate]), "number"],
    ]),
    ["EER", r => percent(r.eer), "number"],
    ["genuine pairs", r => count(r.genuine_pairs), "number"],
    ["impostor pairs", r => count(r.impostor_pairs), "number"],
  ], all)));
}

function showLeakage() {
  if (!leakage.length) return;
  section("leakage", "Leakage",
    "How near each identity is to a face that the model was trained on. Real people, searched for among the same faces of "
    + "others, are the baseline: among many faces everybody has a near stranger.");
  if (leakage.length > 1) page.append(card(table([
    ["result", l => l.file, "name"],
    ["identities", l => count(l.identities), "number"],
    ["training faces", l => count(l.training_faces), "number"],
    ...Object.keys(leakage[0].above).flatMap(rule => [
      ["above " + rule, l => l.above[rule] ? percent(l.above[rule].share, 1) : "", "number"],
      ["real people", l => l.above[rule] ? percent(l.above[rule].real_share, 1) : "", "number"],
    ]),
    ["nearest, mean", l => spread(l.nearest.synthetic_mean.mean, l.nearest.synthetic_mean.deviation), "number"],
  ], leakage)));
  for (const l of leakage) {
    const rules = Object.entries(l.above).map(([rule, a]) => ({ rule, ...a }));
    page.append(element("div", { class: "pair" },
      card(element("h3", {}, l.file + ": nearest training face"), histograms(l.file, "cosine", [
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
        + (l.strangers_may_be_one_person ? " Faces without a label count as separate people: some of these pairs may be of one person." : "")),
        commandLine(l.stored.command))));
    page.append(card(element("h3", {}, "The closest"), l.training && !report.realFaces
      ? element("p", { class: "soft" }, "The training faces are of real people and are not shown; `fizzy report --real-faces` shows them.") : null, faces(l.closest.map(m => ({
      faces: [face(l, "data", m.image), face(l, "training", m.imageTraining)],
      title: m.identity,
      text: "cosine " + decimal(m.imageCosine) + " to " + m.imageTraining,
    }))), table([
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
  const curvesOf = (run, names) => names.map(n => ({ label: n, ...run.series[n] }));
  for (const run of report.runs) {
    const names = qualities(run);
    const shares = names.filter(n => /accura|tar|auc|eer/.test(n));
    const losses = names.filter(n => !shares.includes(n));
    const title = run.name + ", " + count(run.steps) + " steps";
    const made = madeIn(run.name);
    if (losses.length) cards.push(card(element("h3", {}, title), curves(run.name + "-losses", curvesOf(run, losses)), ...made));
    if (shares.length) cards.push(card(element("h3", {}, title + ": " + shares.join(", ")), curves(run.name + "-shares", curvesOf(run, shares))));
  }
  for (const name of new Set(report.runs.flatMap(qualities))) {
    const having = report.runs.filter(run => run.series[name]);
    if (having.length > 1) cards.push(card(element("h3", {}, name + " of all runs"),
      curves(name + "-of-all-runs", having.map(run => ({ label: run.name, ...run.series[name] })))));
  }
  page.append(element("div", { class: "pair" }, ...cards));
}

/** The metrics of a run that tell how good the model is. */
const qualities = run => Object.keys(run.series).filter(n => !stepMetrics.includes(n));

function showMaking() {
  section("made", "How it was made", report.results.length ? "Every result with the command that repeats it."
    : "No result is stored here: `fizzy evaluate` stores one with --out FILE.json.");
  if (report.results.length) page.append(card(table([
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
showTemplates();
showSeparability();
showQuality();
showCurve();
showRoundTrips();
showRoc();
showLeakage();
showRuns();
showProfiles();
showMaking();

const drawn = charts.map(draw => draw());
const redraw = () => drawn.forEach(({ plot, holder }) => plot.setSize({ width: holder.clientWidth, height: plot.height }));
new ResizeObserver(redraw).observe(page);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
document.documentElement.dataset.charts = drawn.length;
