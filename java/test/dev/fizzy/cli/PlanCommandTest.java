package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
  @TempDir Path folder;

  private static JsonNode plan(Object... options) throws IOException {
    List<Object> args = new ArrayList<>(List.of("plan", "--config", "tiny", "--json"));
    args.addAll(Arrays.asList(options));
    return Cli.run(args.toArray()).ok().json();
  }

  @Test
  void aTrainingStepHoldsEveryRegionOfTheOptimizer() throws IOException {
    JsonNode memory = plan("--training").get("memory");
    long values = memory.get("values").asLong();
    for (String region : List.of("gradients", "first_moment", "second_moment", "average")) {
      assertEquals(values, memory.get(region).asLong(), region);
    }
    JsonNode recognizer =
        Cli.run("plan", "--config", "iresnet18-64", "--training", "--batch", 2, "--json")
            .ok()
            .json();
    assertTrue(recognizer.at("/memory/first_moment").asLong() > 0);
    assertTrue(recognizer.at("/memory/average").isMissingNode()); // SGD has none
    JsonNode inference = plan();
    assertEquals(3, inference.get("memory").size(), inference.get("memory").toString());
    long sum = 0;
    for (JsonNode part : inference.get("memory")) {
      sum += part.asLong();
    }
    assertEquals(sum, inference.get("memory_bytes").asLong());
  }

  @Test
  void samplingHoldsTheUNetAndTheDecoder() throws IOException {
    JsonNode once = plan("--sampling", "--batch", 4, "--threads", 1);
    JsonNode guided = plan("--sampling", "--batch", 4, "--guidance", 3, "--threads", 1);
    assertEquals(
        once.at("/memory/decoder arena").asLong(), guided.at("/memory/decoder arena").asLong());
    assertEquals(
        plan("--batch", 8, "--threads", 1).at("/memory/arena").asLong(),
        guided.at("/memory/unet arena").asLong());
    JsonNode three = plan("--sampling", "--batch", 4, "--threads", 3);
    assertEquals(3, three.get("workers").asInt());
    long others = three.at("/memory/other workers").asLong();
    long arenas =
        once.at("/memory/unet arena").asLong() + once.at("/memory/decoder arena").asLong();
    assertEquals(arenas, once.get("arena_bytes").asLong());
    assertEquals(arenas, three.get("arena_bytes").asLong());
    assertTrue(others > 0 && others < 2 * arenas, others + " of " + arenas); // weights are shared
    Cli.run("plan", "--sampling", "--training").misused("leave out --training and --network");
  }

  @Test
  void theLargestBatchFitsAndTheNextDoesNot() throws IOException {
    // In many steps of the arena, since the process around it grows while the test runs.
    long one = plan("--batch", 1).get("memory_bytes").asLong();
    long room =
        one
            + 2000
                * (plan("--batch", 9).at("/memory/arena").asLong()
                    - plan("--batch", 8).at("/memory/arena").asLong());
    JsonNode fitted = plan("--fit", room / 1000 + "KB");
    int batch = fitted.get("batch").asInt();
    assertTrue(batch > 1, fitted.get("memory").toString());
    assertTrue(fitted.at("/memory/arena").asLong() < room);
    Cli.run("plan", "--config", "tiny", "--fit", "1MB")
        .refused("even a batch of 1 needs ", "more than the 1.0 MB of --fit");
    Cli.run("plan", "--fit", "24").misused("an amount of memory is a number with KB, MB, GB");
    assertEquals(24_000_000_000L, MemorySize.parse("24GB").bytes());
    assertEquals(3L << 29, MemorySize.parse("1.5 GiB").bytes());
    assertThrows(EngineException.class, () -> MemorySize.parse("GB"));
  }

  @Test
  void theLastProfileOfANetworkIsRemembered() throws IOException, InterruptedException {
    Map<String, String> cache = Map.of("FIZZY_CACHE", folder.resolve("cache").toString());
    String peak = "f32=10,bf16=20,memory=5";
    Object[] profile = {
      "profile", "--config", "tiny", "--batch", 2, "--runs", 3, "--peak", peak, "--json"
    };
    JsonNode profiled = process(cache, profile);
    Object[] same = {"plan", "--config", "tiny", "--batch", 2, "--json"};
    JsonNode last = process(cache, same).get("last_profile");
    assertEquals(profiled.get("wall_seconds").asDouble(), last.get("seconds").asDouble());
    assertTrue(last.get("measured").asText().startsWith("20"), last.toString());
    Object[] other = {"plan", "--config", "tiny", "--batch", 4, "--json"};
    assertTrue(process(cache, other).get("last_profile").isNull());
  }

  private JsonNode process(Map<String, String> environment, Object... args)
      throws IOException, InterruptedException {
    Process process = Cli.start(folder, environment, args);
    assertEquals(0, process.waitFor(), Files.readString(folder.resolve("stderr")));
    return new ObjectMapper().readTree(folder.resolve("stdout").toFile());
  }

  @Test
  void aSetOnAClusterIsCounted() throws IOException {
    JsonNode plan =
        plan(
            "--cluster",
            500,
            "--images",
            12_000_000,
            "--identities",
            240_000,
            "--rate",
            2,
            "--slots",
            4,
            "--image-bytes",
            6656);
    assertEquals(12_000, plan.get("parts").asInt());
    assertEquals(12_000_000L * 8192, plan.get("bytes").asLong());
    assertEquals(500, plan.get("part_seconds").asDouble());
    assertEquals(6 * 500, plan.get("seconds").asDouble(), "12,000 parts in 2,000 slots");
    assertEquals(2000, plan.get("lost_images").asDouble(), "half of 4 parts");
    JsonNode large = plan("--cluster", 2, "--images", 1_000_000, "--rate", 1, "--per-tar", 10_000);
    assertEquals(100, large.get("parts").asInt());
    Cli.run("plan", "--cluster", 2).misused("--images N and --rate R");
    Cli.run("plan", "--images", 2).misused("need --cluster");
    Cli.run("plan", "--cluster", 2, "--images", 5, "--identities", 2, "--rate", 1)
        .misused("a multiple of the 2 identities, not 5");
  }

  @Test
  void theArenaIsDrawn() throws Exception {
    Path svg = folder.resolve("arena.svg");
    JsonNode plan = plan("--training", "--picture", svg);
    JsonNode arena = plan.at("/arenas/0");
    assertTrue(arena.get("peak_bytes").asLong() <= arena.get("bytes").asLong());
    assertEquals(arena.get("operations").size(), arena.get("live_bytes").size());
    long live = 0;
    for (JsonNode use : arena.get("at_peak")) {
      live += use.get("bytes").asLong();
    }
    assertEquals(arena.get("peak_bytes").asLong(), live);
    var drawn =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Files.newInputStream(svg));
    assertTrue(drawn.getElementsByTagName("title").getLength() > 100);
    String text = Cli.run("plan", "--config", "tiny", "--training").ok().out();
    assertTrue(text.contains("The arena of the unet is fullest, "), text);
  }

  /** In a process of its own, whose memory nothing else shares. */
  @Test
  void thePlanIsWithinFivePercentOfWhatBecomesResident() throws Exception {
    JsonNode plan =
        Cli.process(
                folder,
                Map.of(),
                "plan",
                "--config",
                "iresnet18-64",
                "--training",
                "--batch",
                48,
                "--measure",
                "--json")
            .ok()
            .json();
    double planned = plan.get("memory_bytes").asDouble();
    assertTrue(planned - plan.at("/memory/process").asDouble() > 3e8, "" + plan.get("memory"));
    assertEquals(planned, plan.get("measured_bytes").asDouble(), .05 * planned);
  }
}
