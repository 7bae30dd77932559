package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.cluster.TrappedFileSystem;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.parquet.ParquetImages;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A set that Spark makes has the bytes of one machine's, whatever is killed meanwhile. */
class ClusterGenerateTest {
  private static final int IMAGES = 30;
  private static final int ALL = 4 * IMAGES;

  /** What a small set has by default: an image more than its 16th, and so 15 parts. */
  private static final int PER_TAR = 8;

  private static final int PARTS = 15;

  @TempDir Path folder;
  private Path traps;
  private Path out;

  @BeforeEach
  void folders() throws IOException {
    traps = Files.createDirectories(folder.resolve("traps"));
    out = folder.resolve("out");
  }

  private static List<Object> command(Object out) throws IOException {
    return new ArrayList<>(
        List.of(
            "generate",
            "--contexts",
            TinyModel.contexts(),
            "--model",
            TinyModel.model(),
            "--seed",
            9,
            "--steps",
            1,
            "--type",
            "f32",
            "--images",
            IMAGES,
            "--format",
            "webdataset",
            "--json",
            "--out",
            out));
  }

  private Object[] onCluster(SparkCli spark, Object out, String master, Object... more)
      throws IOException {
    List<Object> all = command(out);
    all.addAll(List.of("--cluster", master));
    all.addAll(spark.settings(traps));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  private void trap(String name, int operation) throws IOException {
    Files.writeString(traps.resolve(name), Integer.toString(operation));
  }

  private void assertAllTrapsWentOff() throws IOException {
    try (Stream<Path> left = Files.list(traps)) {
      assertEquals(List.of(), left.toList());
    }
  }

  /** Checksums of the tars, and the lines of the manifests of all parts in order. */
  private static Map<String, String> content(Path set, List<String> manifests) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(set)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".tar")).toList()) {
        content.put(file.getFileName().toString(), Sha256.of(file));
      }
    }
    StringBuilder lines = new StringBuilder();
    for (String manifest : manifests) {
      lines.append(Files.readString(set.resolve(manifest)));
    }
    content.put("lines", lines.toString());
    return content;
  }

  /** Which members the description of the command has, and what does not depend on the machines. */
  private static Map<String, Object> made(Path set) throws IOException {
    JsonNode made = new ObjectMapper().readTree(set.resolve("manifest-made.json").toFile());
    Map<String, Object> content = new TreeMap<>();
    made.fieldNames().forEachRemaining(name -> content.put(name, true));
    content.put("kind", made.get("kind"));
    content.put("version", made.get("version"));
    content.put("command", made.get("command").asText().startsWith("fizzy generate --contexts"));
    content.put("result", made.get("result").has("images_per_second"));
    content.put("evaluations", made.at("/result/evaluations"));
    return content;
  }

  private void assertLikeOneMachine() throws IOException {
    Path plain = folder.resolve("plain");
    List<Object> alone = command(plain);
    alone.addAll(List.of("--per-tar", PER_TAR));
    Cli.run(alone.toArray()).ok();
    List<String> manifests =
        IntStream.rangeClosed(1, PARTS)
            .mapToObj(part -> "manifest-" + part + "-of-" + PARTS + ".jsonl")
            .toList();
    assertEquals(content(plain, List.of("manifest.jsonl")), content(out, manifests));
    assertTrue(Files.exists(out.resolve("_SUCCESS")));
    assertFalse(Files.exists(out.resolve(".cluster/attempts")), "leftovers of attempts");
    assertEquals(made(plain), made(out));
    try (LabeledImages set = ImageSets.open(out)) {
      assertEquals(ALL, set.count());
    }
    try (LabeledImages listed = ParquetImages.open(out.resolve("manifest.parquet"))) {
      assertEquals(ALL, listed.count());
      assertEquals(4, listed.classes());
    }
  }

  @Test
  void aKilledDriverIsTakenUpByTwo() throws Exception {
    int killedAt = 9;
    trap(TrappedFileSystem.AFTER_RECEIPT, killedAt);
    try (SparkCli spark = new SparkCli(folder)) {
      Process killed = spark.fizzy("killed", Map.of(), onCluster(spark, "trap:" + out, "local[2]"));
      assertEquals(137, spark.result("killed", killed).code());
      assertFalse(Files.exists(out.resolve("_SUCCESS")));
      Process first = spark.fizzy("first", Map.of(), onCluster(spark, out, "local[1]"));
      Process second = spark.fizzy("second", Map.of(), onCluster(spark, out, "local[1]"));
      for (Cli.Result result :
          List.of(spark.result("first", first), spark.result("second", second))) {
        JsonNode json = result.ok().json();
        assertEquals(ALL, json.get("images").asInt() + json.get("images_before").asInt());
        assertTrue(json.get("parts_before").asInt() >= killedAt, json::toString);
      }
    }
    assertAllTrapsWentOff();
    assertLikeOneMachine();
  }

  @Test
  void lostExecutorsSlowTasksAndFullDisksChangeNothing() throws Exception {
    trap(TrappedFileSystem.BEFORE_RENAME, 3);
    trap(TrappedFileSystem.AFTER_RENAME, 2);
    trap(TrappedFileSystem.AFTER_RECEIPT, 2);
    trap(TrappedFileSystem.FULL, 1);
    trap(TrappedFileSystem.SLOW, 2);
    try (SparkCli spark = new SparkCli(folder)) {
      String master = spark.master();
      spark.worker("127.0.0.1", master);
      spark.worker("127.0.0.2", master);
      Process driver =
          spark.fizzy(
              "driver",
              Map.of(),
              onCluster(
                  spark,
                  "trap:" + out,
                  master,
                  "--conf",
                  "spark.task.maxFailures=8",
                  "--conf",
                  "spark.speculation=true",
                  "--conf",
                  "spark.speculation.quantile=0.2"));
      assertEquals(ALL, spark.result("driver", driver).ok().json().get("images").asInt());
    }
    assertAllTrapsWentOff();
    assertLikeOneMachine();
  }
}
