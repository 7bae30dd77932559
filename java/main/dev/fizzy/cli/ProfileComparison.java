package dev.fizzy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.profile.Samples;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Two profiles of the same network side by side, from their JSON.
 *
 * @param total times of a whole replay
 * @param changes operations whose time changed significantly, the largest loss first
 * @param implementations operations that another implementation computes now
 * @param unmatched operations that only one of the profiles has
 */
record ProfileComparison(
    Path file, Ratio total, List<Change> changes, List<Change> implementations, int unmatched) {

  private static final long LIMIT = 64 << 20;

  /** A difference below this share of the replay is not listed. */
  private static final double LISTED = .002;

  /** A difference is significant beyond this many standard errors. */
  private static final double SIGNIFICANT = 2;

  private static final List<String> SAME =
      List.of("config", "model", "network", "batch", "type", "training");

  /**
   * A time now over the time before.
   *
   * @param error standard error of the ratio
   */
  record Ratio(double before, double now, double error) {
    double value() {
      return now / before;
    }

    boolean significant() {
      return Math.abs(value() - 1) > SIGNIFICANT * error;
    }

    static Ratio of(JsonNode before, JsonNode now, int runsBefore, int runsNow, String key) {
      String range = key.equals("seconds") ? "range_seconds" : "wall_range_seconds";
      double a = before.get(key).asDouble();
      double b = now.get(key).asDouble();
      double relativeA = Samples.error(before.get(range).asDouble(), runsBefore) / a;
      double relativeB = Samples.error(now.get(range).asDouble(), runsNow) / b;
      return new Ratio(a, b, b / a * Math.hypot(relativeA, relativeB));
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%9.3f -> %9.3f ms  %.3f ± %.3f", before * 1e3, now * 1e3, value(), error);
    }
  }

  /** One operation in both profiles. */
  record Change(String name, String shape, Ratio ratio, String was, String is) {}

  /**
   * Compares a profile with an older one in a file: one that --out wrote, or the output of --json.
   *
   * @param force whether to compare other networks and machines
   */
  static ProfileComparison of(Path file, Map<String, Object> now, boolean force) {
    JsonNode before = read(file);
    JsonNode json = new ObjectMapper().valueToTree(now);
    if (!force) {
      requireSame(file, before, json);
    }
    int runsBefore = before.get("runs").asInt();
    int runsNow = json.get("runs").asInt();
    Ratio total = Ratio.of(before, json, runsBefore, runsNow, "wall_seconds");
    Map<String, JsonNode> old = byKey(before);
    Map<String, JsonNode> fresh = byKey(json);
    List<Change> changes = new ArrayList<>();
    List<Change> implementations = new ArrayList<>();
    int matched = 0;
    for (Map.Entry<String, JsonNode> row : fresh.entrySet()) {
      JsonNode was = old.get(row.getKey());
      if (was == null) {
        continue;
      }
      matched++;
      JsonNode is = row.getValue();
      Ratio ratio = Ratio.of(was, is, runsBefore, runsNow, "seconds");
      Change change =
          new Change(
              (is.get("layer").asText() + " " + is.get("operation").asText()).strip(),
              is.get("shape").asText(),
              ratio,
              implementation(was),
              implementation(is));
      if (!change.was().equals(change.is())) {
        implementations.add(change);
      }
      if (ratio.significant() && Math.abs(ratio.now - ratio.before) > LISTED * total.now) {
        changes.add(change);
      }
    }
    changes.sort(Comparator.comparingDouble(c -> c.ratio.before - c.ratio.now));
    return new ProfileComparison(
        file, total, changes, implementations, old.size() + fresh.size() - 2 * matched);
  }

  private static JsonNode read(Path file) {
    JsonNode json = Json.read(file, LIMIT);
    JsonNode profile = json.path("result").isObject() ? json.get("result") : json;
    if (!profile.path("rows").isArray()
        || !profile.path("wall_seconds").isNumber()
        || !profile.path("wall_range_seconds").isNumber()
        || !profile.path("runs").canConvertToInt()) {
      throw new FileException(file + " is no profile; `fizzy profile --out FILE.json` writes one");
    }
    return profile;
  }

  private static void requireSame(Path file, JsonNode before, JsonNode now) {
    for (String key : SAME) {
      String was = before.path(key).asText();
      String is = now.path(key).asText();
      if (!was.equals(is)) {
        throw new FileException(
            file
                + " is a profile of another network: its "
                + key
                + " is "
                + (was.isEmpty() ? "not given" : was)
                + ", now "
                + (is.isEmpty() ? "not given" : is)
                + "; --force compares them");
      }
    }
    String was = machine(before);
    String is = machine(now);
    if (!was.equals(is)) {
      throw new FileException(
          file
              + " was measured on another machine or setting: "
              + was
              + ", now "
              + is
              + "; --force compares them");
    }
  }

  /** The device without the last part, a path. */
  private static String machine(JsonNode profile) {
    return profile.path("device").asText().replaceFirst(", /[^,]*$", "");
  }

  private static Map<String, JsonNode> byKey(JsonNode profile) {
    Map<String, JsonNode> rows = new LinkedHashMap<>();
    for (JsonNode row : profile.get("rows")) {
      String key =
          String.join(
              "|",
              row.path("layer").asText(),
              row.path("operation").asText(),
              row.path("shape").asText(),
              row.path("type").asText());
      int copy = 0;
      while (rows.containsKey(key + "|" + copy)) {
        copy++;
      }
      rows.put(key + "|" + copy, row);
    }
    return rows;
  }

  private static String implementation(JsonNode row) {
    List<String> names = new ArrayList<>();
    row.path("implementations").fieldNames().forEachRemaining(names::add);
    return String.join("; ", names);
  }

  /** Whether the network became slower by more than a share, and not by chance. */
  boolean slowerThan(double share) {
    return total.value() > 1 + share && total.significant();
  }

  Map<String, Object> fields(boolean exceeded) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", file.toString());
    json.put("ratio", total.value());
    json.put("ratio_error", total.error());
    json.put("exceeded", exceeded);
    json.put("changes", changes.stream().map(ProfileComparison::fields).toList());
    json.put("implementations", implementations.stream().map(ProfileComparison::fields).toList());
    json.put("unmatched", unmatched);
    return json;
  }

  private static Map<String, Object> fields(Change change) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", change.name);
    json.put("shape", change.shape);
    json.put("seconds_before", change.ratio.before);
    json.put("seconds", change.ratio.now);
    json.put("ratio", change.ratio.value());
    json.put("ratio_error", change.ratio.error);
    json.put("implementation_before", change.was);
    json.put("implementation", change.is);
    return json;
  }

  String text() {
    StringBuilder s = new StringBuilder();
    s.append(String.format("compared with %s%nwhole replay %s%n", file, total));
    s.append(
        changes.isEmpty()
            ? String.format("no operation changed beyond its uncertainty%n")
            : String.format("%nbefore -> now, now / before ± standard error%n"));
    for (Change c : changes) {
      s.append(String.format("%s  %s  %s%n", c.ratio, c.name, c.shape));
    }
    if (!implementations.isEmpty()) {
      s.append(String.format("%nother implementations%n"));
      for (Change c : implementations) {
        s.append(String.format("%s: %s -> %s%n", c.name, c.was, c.is));
      }
    }
    if (unmatched > 0) {
      s.append(String.format("%d operations are in only one of the profiles%n", unmatched));
    }
    return s.toString().stripTrailing();
  }
}
