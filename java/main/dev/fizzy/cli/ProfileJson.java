package dev.fizzy.cli;

import dev.fizzy.engine.profile.Counters;
import dev.fizzy.engine.profile.Load;
import dev.fizzy.engine.profile.Peak;
import dev.fizzy.engine.profile.Profile;
import dev.fizzy.engine.profile.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A profile as JSON; docs/profiling.md describes the keys. */
final class ProfileJson {
  private ProfileJson() {}

  /**
   * @param about the network and its work
   */
  static Map<String, Object> fields(Map<String, Object> about, String device, Profile profile) {
    Map<String, Object> json = new LinkedHashMap<>(about);
    json.put("device", device);
    json.put("runs", profile.runs());
    json.put("seconds", profile.seconds());
    json.put("wall_seconds", profile.wallSeconds());
    json.put("wall_range_seconds", profile.wallRange());
    json.put("interrupted_seconds", profile.interruptedSeconds());
    json.put("remainder_seconds", profile.remainderSeconds());
    json.put("floor_seconds", profile.floorSeconds());
    json.put("flops", profile.flops());
    json.put("peak", peak(profile.peak()));
    json.put("load", load(profile.load()));
    json.put("operations", rows(profile.by(Profile.Grouping.KIND)));
    json.put("layers", rows(profile.by(Profile.Grouping.LAYER)));
    json.put("rows", rows(profile.rows()));
    return json;
  }

  static Map<String, Object> peak(Peak peak) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("f32_flops", peak.f32());
    json.put("bf16_flops", peak.bf16());
    json.put("bandwidth", peak.bandwidth());
    json.put("caches", peak.caches());
    json.put("measured", peak.measured());
    json.put("load", peak.load() == null ? null : load(peak.load()));
    return json;
  }

  private static Map<String, Object> load(Load load) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("others_share", known(load.others()));
    json.put("steal_share", known(load.steal()));
    json.put("average", known(load.average()));
    json.put("busy", load.busy());
    return json;
  }

  private static List<Map<String, Object>> rows(List<Row> rows) {
    return rows.stream().map(ProfileJson::row).toList();
  }

  static Map<String, Object> row(Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("layer", row.layer());
    json.put("operation", row.operation());
    json.put("shape", row.shape());
    json.put("type", row.type());
    json.put("count", row.count());
    json.put("seconds", row.seconds());
    json.put("range_seconds", row.range());
    json.put("flops", row.flops());
    json.put("bytes", row.bytes());
    json.put("floor_seconds", row.floorSeconds());
    json.put("bound", row.bound());
    json.put("threads_busy", known(row.threadsBusy()));
    counts(json, row.counts());
    json.put("implementations", row.implementations());
    return json;
  }

  private static void counts(Map<String, Object> json, Counters.Counts counts) {
    json.put("cycles", counts == null ? null : known(counts.cycles()));
    json.put("instructions", counts == null ? null : known(counts.instructions()));
    json.put("cache_misses", counts == null ? null : known(counts.misses()));
    json.put("preemptions", counts == null ? null : known(counts.preemptions()));
  }

  static Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
