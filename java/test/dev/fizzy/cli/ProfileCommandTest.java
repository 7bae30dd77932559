package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.profile.Counters;
import dev.fizzy.engine.profile.Load;
import dev.fizzy.engine.profile.Peak;
import dev.fizzy.engine.profile.Trace;
import dev.fizzy.engine.profile.TraceSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileCommandTest {
  private static final String PEAK = "f32=10,bf16=20,memory=5";

  @TempDir Path folder;

  private static Cli.Result profile(Object... options) {
    List<Object> args = new ArrayList<>(List.of("profile"));
    args.addAll(List.of(options));
    if (!args.contains("--runs")) {
      args.addAll(List.of("--runs", 2));
    }
    if (!args.contains("--peak")) {
      args.addAll(List.of("--peak", PEAK));
    }
    if (!args.contains("--model")) {
      args.addAll(List.of("--config", "tiny"));
    }
    return Cli.run(args.toArray());
  }

  @Test
  void everyNetworkOfAModelIsTimedByLayerOperationAndKind() throws IOException {
    JsonNode json = profile("--json").ok().json();
    assertEquals(10e9, json.at("/peak/f32_flops").asDouble());
    assertEquals(5e9, json.at("/peak/bandwidth").asDouble());
    assertEquals(2, json.get("runs").asInt());
    double wall = json.get("wall_seconds").asDouble();
    double sum = json.get("seconds").asDouble();
    double interrupted = json.get("interrupted_seconds").asDouble();
    assertEquals(wall - sum - interrupted, json.get("remainder_seconds").asDouble(), 1e-12);
    for (String grouping : List.of("rows", "layers", "operations")) {
      double seconds = 0;
      for (JsonNode row : json.get(grouping)) {
        seconds += row.get("seconds").asDouble();
        assertTrue(row.get("implementations").size() > 0, row.toString());
      }
      assertEquals(sum, seconds, 1e-9, grouping);
    }
    List<String> layers = json.get("layers").findValuesAsText("layer");
    assertTrue(layers.stream().anyMatch(l -> l.startsWith("down.")), layers.toString());
    for (String network : List.of("encoder", "decoder", "autoencoder")) {
      profile("--network", network, "--type", "bf16").ok();
    }
    JsonNode own =
        profile("--model", TinyModel.model(), "--network", "decoder", "--json").ok().json();
    assertEquals("decoder", own.get("network").asText());
  }

  @Test
  void trainingIsTheWholeStep() throws IOException {
    JsonNode step = profile("--training", "--batch", 2, "--json").ok().json();
    List<String> kinds = step.get("operations").findValuesAsText("operation");
    assertTrue(
        kinds.containsAll(List.of("q_sample", "adam", "convolution_backward_weights")),
        kinds.toString());
    List<String> layers = step.get("layers").findValuesAsText("layer");
    assertTrue(layers.stream().anyMatch(l -> l.startsWith("backward.down.")), layers.toString());
    profile("--training", "--network", "autoencoder", "--batch", 2).ok();
  }

  @Test
  void rowsAreChosenOrderedAndWrittenAsCsv() {
    String csv = profile("--by", "operation", "--filter", "group_norm", "--csv").ok().out();
    List<String> lines = csv.lines().toList();
    assertEquals(17, lines.get(0).split(",").length, lines.get(0));
    assertTrue(lines.size() > 3);
    assertTrue(lines.stream().skip(1).allMatch(l -> l.contains(",group_norm,")), csv);
    String two = profile("--by", "operation", "--sort", "lost", "--top", 2, "--csv").ok().out();
    assertEquals(3, two.lines().count(), two);
    String table = profile("--by", "layer", "--top", 1).ok().out();
    assertTrue(table.contains("more rows"), table);
    assertTrue(table.contains("between operations"), table);
    profile("--filter", "no such").misused("--filter no such matches none of the ");
    profile("--filter", "(").misused("--filter ( is no regular expression");
  }

  @Test
  void eachOperationIsCountedAsFarAsTheSystemGrantsIt() throws IOException {
    boolean granted;
    try (Device device = Devices.cpu();
        Counters counters = device.counters()) {
      granted = counters.refusal() == null;
    }
    for (JsonNode row : profile("--counters", "--json").ok().json().get("rows")) {
      assertTrue(row.get("preemptions").asDouble() >= 0, row.toString());
      assertEquals(granted, row.get("cycles").asDouble() > 0, row.toString());
      assertEquals(granted, row.get("instructions").isNumber(), row.toString());
    }
    assertTrue(profile("--counters").ok().out().contains("preempted"));
    assertTrue(profile("--json").ok().json().at("/rows/0/preemptions").isNull());
  }

  @Test
  void aTraceIsWrittenBesideTheTable() throws IOException {
    Path file = folder.resolve("new/trace.json");
    profile("--trace", file).ok();
    JsonNode trace = new ObjectMapper().readTree(file.toFile());
    TraceSchema.check(trace);
    assertTrue(TraceSchema.events(trace, "X").size() > 100);
    assertTrue(trace.at("/otherData/command").asText().startsWith("fizzy profile "));
    Path roofline = folder.resolve("roofline.html");
    profile("--roofline", roofline).ok();
    assertTrue(Files.readString(roofline).contains("\"kind\" : \"profile\""));
    profile("--trace", folder).refused("is a folder; name a file to write");
  }

  @Test
  void aGenerationIsTracedWithItsWriters() throws IOException {
    Path contexts = folder.resolve("c.npy");
    Path traced = folder.resolve("trace");
    Cli.run("contexts", "uniform", "--count", 2, "--seed", 5, "--out", contexts).ok();
    List<Object> generate =
        List.of("generate", "--model", TinyModel.model(), "--contexts", contexts, "--images", 3);
    List<Object> args = new ArrayList<>(generate);
    args.addAll(List.of("--steps", 2, "--out", folder.resolve("faces"), "--profile", traced));
    Cli.run(args.toArray()).ok();
    JsonNode trace = new ObjectMapper().readTree(traced.resolve("trace.json").toFile());
    TraceSchema.check(trace);
    List<JsonNode> spans = TraceSchema.events(trace, "X");
    long encoded = spans.stream().filter(e -> e.get("name").asText().equals("encode")).count();
    assertEquals(6, encoded);
    assertTrue(
        TraceSchema.events(trace, "M").stream()
            .anyMatch(e -> e.at("/args/name").asText().startsWith("dataset-writer-")));
    JsonNode shares = new ObjectMapper().readTree(traced.resolve("shares.json").toFile());
    double sum = 0;
    for (JsonNode share : shares.get("shares")) {
      sum += share.asDouble();
    }
    assertTrue(sum <= 1.0001, shares.toString());
    for (String share : List.of("operation", "copy")) {
      assertTrue(shares.get("shares").get(share).asDouble() > 0, shares.toString());
    }
  }

  @Test
  void aTraceBeyondItsLimitSaysWhatIsMissing() {
    try (Trace trace = Trace.start(2)) {
      for (int i = 0; i < 5; i++) {
        Trace.span(Trace.Category.WAIT, "w").close();
      }
      assertEquals(
          "t.json holds the first 2 spans; 3 later ones are missing: record fewer steps",
          TraceFile.incomplete(trace, Path.of("t.json")));
    }
  }

  @Test
  void someStepsOfATrainingAreTraced() throws IOException {
    Path traced = folder.resolve("trace");
    Object[] train = {
      "train",
      "autoencoder",
      "--faces",
      TinyModel.faces(),
      "--config",
      "tiny",
      "--batch",
      2,
      "--steps",
      4,
      "--out",
      folder.resolve("ae"),
      "--profile",
      traced,
      "--profile-steps"
    };
    List<Object> args = new ArrayList<>(List.of(train));
    args.add("2:3");
    Cli.run(args.toArray()).ok();
    JsonNode trace = new ObjectMapper().readTree(traced.resolve("trace.json").toFile());
    TraceSchema.check(trace);
    long steps =
        TraceSchema.events(trace, "X").stream()
            .filter(e -> e.get("name").asText().equals("adam"))
            .count();
    assertEquals(2, steps);
    for (String wrong : List.of("3", "0:2", "3:2", "a:b")) {
      args.set(args.size() - 1, wrong);
      Cli.run(args.toArray()).misused("--profile-steps", wrong);
    }
  }

  @Test
  void peaksAreGivenOrKept() throws IOException {
    for (String wrong : List.of("", "f32", "f32=0", "f32=x", "fp8=1", "memory=-1", "f32=1=2")) {
      profile("--peak", wrong).misused("--peak is `measure`, or f32=GFLOPS");
    }
    Path file = folder.resolve("peaks.json");
    StoredPeaks stored = new StoredPeaks(file);
    assertNull(stored.find("a"));
    Peak a = new Peak("a", 1, 2, 3, Map.of("l1", 9.), "2026-01-01T00:00:00Z", new Load(.01, 0, .5));
    stored.keep(a);
    stored.keep(new Peak("b", 4, 5, 6, Map.of(), "2026-01-01T00:00:00Z", null));
    assertEquals(a, new StoredPeaks(file).find("a"));
    assertEquals(6, new StoredPeaks(file).find("b").bandwidth());
    ObjectMapper mapper = new ObjectMapper();
    JsonNode older = mapper.readTree(file.toFile());
    ((ObjectNode) older.get("a")).remove("caches");
    mapper.writeValue(file.toFile(), older);
    assertNull(new StoredPeaks(file).find("a"));
    assertEquals(6, new StoredPeaks(file).find("b").bandwidth());
    JsonNode given = profile("--peak", PEAK + ",l1=400,l3=60", "--json").ok().json().get("peak");
    assertEquals(mapper.readTree("{\"l1\":400e9,\"l3\":60e9}"), given.get("caches"));
  }

  @Test
  void aDamagedFileOfPeaksIsReplaced() throws IOException {
    Path file = Files.writeString(folder.resolve("peaks.json"), "{\"a\": 1");
    StoredPeaks stored = new StoredPeaks(file);
    assertNull(stored.find("a"));
    stored.keep(new Peak("a", 1, 2, 3, Map.of(), "", null));
    assertEquals(1, stored.find("a").f32());
  }

  /** Slower means beyond the threshold and beyond two standard errors. */
  @Test
  void slowerIsBeyondTheThresholdAndTheUncertainty() throws IOException {
    assertTrue(compared(1.1, .01).slowerThan(.05));
    assertFalse(compared(1.1, .01).slowerThan(.15));
    assertFalse(compared(1.1, 2).slowerThan(.05));
    assertFalse(compared(.5, .01).slowerThan(0));
  }

  /** Two profiles of 100 runs: 1 s before, then other seconds with an interquartile range. */
  private ProfileComparison compared(double seconds, double range) throws IOException {
    Path before = folder.resolve("one.json");
    new ObjectMapper().writeValue(before.toFile(), whole(1, 0));
    return ProfileComparison.of(before, whole(seconds, range), false);
  }

  private static Map<String, Object> whole(double seconds, double range) {
    return Map.of(
        "wall_seconds", seconds, "wall_range_seconds", range, "runs", 100, "rows", List.of());
  }

  @Test
  void aSlowerProfileEndsWithCode3() throws IOException {
    Path before = folder.resolve("before.json");
    profile("--out", before).ok();
    ObjectMapper mapper = new ObjectMapper();
    JsonNode stored = mapper.readTree(before.toFile());
    ObjectNode result = (ObjectNode) stored.get("result");
    double wall = result.get("wall_seconds").asDouble();
    result.put("wall_seconds", wall / 1e3).put("wall_range_seconds", 0);
    ObjectNode first = (ObjectNode) result.get("rows").get(0);
    first.put("seconds", 1e-9).put("range_seconds", 0);
    first.putObject("implementations").put("another", 1);
    Path fast = folder.resolve("fast.json");
    mapper.writeValue(fast.toFile(), stored);
    Cli.Result slower = profile("--against", fast, "--threshold", 0, "--json");
    assertEquals(slower.json().at("/against/exceeded").asBoolean() ? 3 : 0, slower.code());
    assertTrue(profile("--against", fast).out().contains(": another -> "));
    JsonNode json = profile("--against", fast, "--threshold", 1e9, "--json").ok().json();
    assertEquals("another", json.at("/against/implementations/0/implementation_before").asText());
    assertEquals(0, json.at("/against/unmatched").asInt());

    profile("--against", before, "--batch", 2)
        .refused("is a profile of another network: its batch is 1, now 2; --force compares them");
    profile("--against", before, "--batch", 2, "--threshold", 1e9, "--force").ok();
    result.put("device", "cpu of old, 2 threads, /x");
    mapper.writeValue(fast.toFile(), result);
    profile("--against", fast).refused("another machine or setting: cpu of old, 2 threads, now ");
    Path other = Files.writeString(folder.resolve("other.json"), "{}");
    profile("--against", other).refused("is no profile");
    profile("--against", folder.resolve("none.json")).refused("none.json");
  }
}
