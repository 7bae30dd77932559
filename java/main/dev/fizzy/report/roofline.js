"use strict";
// Profiles on the report's page: every operation a point under the measured roofs of the machine. Loaded before report.js, whose
// functions it calls.

/** Kinds of operations with a color of their own; the others share the last one. */
const rooflineKinds = 5;

/** The rows of a profile that compute something, in the order of their intensity in FLOP/byte. */
const computing = profile => profile.rows.filter(r => r.flops > 0 && r.bytes > 0)
  .map(r => ({ ...r, intensity: r.flops / r.bytes, rate: r.flops / r.seconds / 1e9, name: (r.layer + " " + r.operation).trim() }))
  .sort((a, b) => a.intensity - b.intensity);

/** The kinds that take the most time. */
const largestKinds = profile => [...profile.operations].filter(o => o.flops > 0)
  .sort((a, b) => b.seconds - a.seconds).slice(0, rooflineKinds).map(o => o.operation);

/** The highest rate at an intensity: memory up to the ridge, then compute. */
const roof = (peak, bandwidth) => x => Math.min(peak, bandwidth * x) / 1e9;

/** Label, peak and bandwidth of each roof: two of memory, and that of each cache up to the highest peak. */
const roofs = peak => [
  ["memory, f32", peak.f32_flops, peak.bandwidth],
  ["memory, bf16", peak.bf16_flops, peak.bandwidth],
  ...Object.entries(peak.caches || {}).map(([cache, bandwidth]) =>
    [cache.toUpperCase() + " cache", Math.max(peak.f32_flops, peak.bf16_flops), bandwidth]),
];

/** Intensities of the curves: those of the rows, and of the ridges, where a roof bends. */
function intensities(rows, peak) {
  const ridges = roofs(peak).map(([, flops, bandwidth]) => flops / bandwidth);
  return [...new Set([...rows.map(r => r.intensity), ...ridges, rows[0].intensity / 2, 2 * Math.max(...ridges)])].sort((a, b) => a - b);
}

/** Writes the bandwidths along their slopes, and the peaks above their lines. */
function labelRoofs(u, peak, xs) {
  const ink = u.ctx, at = (x, y) => [u.valToPos(x, "x", true), u.valToPos(y, "y", true)];
  const scale = devicePixelRatio, lift = 4 * scale, [left, right] = [xs[0], xs[xs.length - 1]];
  ink.save();
  ink.fillStyle = color("c5");
  ink.font = 11 * scale + "px system-ui, sans-serif";
  ink.textAlign = "left";
  for (const [name, bandwidth] of [["memory", peak.bandwidth], ...Object.entries(peak.caches || {})]) {
    const below = name === "memory"; // the slope of the last cache is near above it
    const [x, y] = at(left, bandwidth * left / 1e9), [x2, y2] = at(2 * left, 2 * bandwidth * left / 1e9);
    ink.save();
    ink.translate(x, y);
    ink.rotate(Math.atan2(y2 - y, x2 - x));
    ink.textBaseline = below ? "top" : "bottom";
    ink.fillText((below ? name : name.toUpperCase()) + " " + Math.round(bandwidth / 1e9) + " GB/s", lift, below ? lift : -lift);
    ink.restore();
  }
  ink.textBaseline = "bottom";
  ink.textAlign = "right";
  for (const [name, flops] of [["f32", peak.f32_flops], ["bf16", peak.bf16_flops]]) {
    if (name === "f32" || flops !== peak.f32_flops) {
      ink.fillText(name + " " + Math.round(flops / 1e9) + " GFLOP/s", at(right, 1)[0], at(1, flops / 1e9)[1] - lift);
    }
  }
  ink.restore();
}

function roofline(profile, chosen) {
  const rows = computing(profile), kinds = largestKinds(profile), peak = profile.peak;
  const xs = intensities(rows, peak);
  const kindOf = r => kinds.includes(r.operation) ? r.operation : "others";
  // Rows of one kind and one intensity need columns of their own: each point is drawn, and found, by its row.
  const groups = [...kinds, "others"].map(kind => ({ kind, rows: rows.filter(r => kindOf(r) === kind) })).filter(g => g.rows.length);
  const points = groups.map(g => [g.rows.map(r => r.intensity), g.rows.map(r => r.rate)]);
  const curves = roofs(peak).map(([, flops, bandwidth]) => xs.map(roof(flops, bandwidth)));
  const data = uPlot.join([[xs, ...curves], ...points]);
  const nearest = (u, event) => {
    const box = u.over.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let best = null, least = 24;
    for (const r of rows) {
      const d = Math.hypot(u.valToPos(r.intensity, "x") - x, u.valToPos(r.rate, "y") - y);
      if (d < least) [best, least] = [r, d];
    }
    return best;
  };
  const text = element("div", { class: "soft" }, "Point at an operation; click to find its row.");
  const describe = r => r.name + " " + r.shape + " " + r.type + ": " + significant(1e3 * r.seconds) + " ms, " + significant(r.rate) + " GFLOP/s, "
    + significant(r.intensity) + " FLOP/byte, " + percent(r.floor_seconds / r.seconds, 0) + " of its floor (" + r.bound + ")";
  const log = ticks => ticks.map(t => t === null || !/^1(e|0*$)/.test(significant(t)) && t >= 1 ? "" : significant(t));
  const plot = chart("roofline", {
    height: 380,
    scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
    axes: [
      { label: "FLOP/byte", values: (u, ticks) => log(ticks) },
      { label: "GFLOP/s", size: 58, values: (u, ticks) => log(ticks) },
    ],
    series: [
      { label: "FLOP/byte", value: (u, v) => significant(v) || "–" },
      ...roofs(peak).map(([label], i) =>
        series(label, 5, { spanGaps: true, dash: [undefined, [6, 4], [2, 3]][Math.min(i, 2)], value: (u, v) => significant(v) || "–" })),
      ...groups.map((g, i) => series(g.kind, i, {
        paths: () => null, points: { show: true, size: 7, stroke: () => color("c" + i % 6), fill: () => color("c" + i % 6) + "90" },
        value: (u, v) => significant(v) || "–",
      })),
    ],
    hooks: {
      draw: [u => labelRoofs(u, peak, xs)],
      ready: [u => {
        u.over.addEventListener("mousemove", event => {
          const r = nearest(u, event);
          if (r) text.textContent = describe(r);
        });
        u.over.addEventListener("click", event => {
          const r = nearest(u, event);
          if (r) chosen(r);
        });
      }],
    },
  }, data);
  return element("div", {}, plot, text);
}

function showProfiles() {
  const profiles = of("profile").filter(p => Array.isArray(p.rows));
  if (!profiles.length) return;
  section("profiles", "Profiles", "Every operation under what this machine can do at most: its peak, and its bandwidth times FLOP per byte."
    + " A point above the slope of memory had its data in a cache; dotted slopes are those of the caches.");
  for (const p of profiles) {
    const slowest = [...p.rows].sort((a, b) => b.seconds - a.seconds);
    const rows = table([
      ["layer", r => r.layer, "name"],
      ["operation", r => r.operation],
      ["shape", r => r.shape + " " + r.type],
      ["ms", r => significant(1e3 * r.seconds), "number"],
      ["share", r => percent(r.seconds / p.seconds, 1), "number"],
      ["GFLOP/s", r => r.flops ? significant(r.flops / r.seconds / 1e9) : "", "number"],
      ["GB/s", r => significant(r.bytes / r.seconds / 1e9), "number"],
      ["of floor", r => percent(r.floor_seconds / r.seconds, 0), "number"],
      ["bound", r => r.bound],
      ["computed by", r => Object.keys(r.implementations).join("; ")],
    ], slowest);
    const lines = rows.querySelectorAll("tbody tr");
    const details = element("details", {}, element("summary", {}, count(slowest.length) + " operations, slowest first"), rows);
    const chosen = r => {
      details.open = true;
      const i = slowest.findIndex(s => s.layer === r.layer && s.operation === r.operation && s.shape === r.shape && s.seconds === r.seconds);
      lines.forEach(line => line.classList.remove("chosen"));
      lines[i].classList.add("chosen");
      lines[i].scrollIntoView({ block: "center" });
    };
    const title = p.file + ": " + (p.model || p.config) + ", " + p.network + (p.training ? ", training step" : "") + ", batch " + p.batch + ", " + p.type;
    page.append(card(element("h3", {}, title),
      element("p", { class: "soft" }, significant(1e3 * p.wall_seconds) + " ms a replay, floor " + significant(1e3 * p.floor_seconds) + " ms; "
        + p.device.replace(/, \/[^,]*$/, "") + (p.load && p.load.busy ? "; the machine was busy" : "")
        + (p.peak.load && p.peak.load.busy ? "; its roofs were measured while it was busy" : "")),
      computing(p).length ? roofline(p, chosen) : null, details, commandLine(p.stored.command)));
  }
}
