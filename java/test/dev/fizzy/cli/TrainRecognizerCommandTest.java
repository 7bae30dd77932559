package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.identity.Contexts;
import dev.fizzy.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recognizer from a folder of identities to a verified accuracy, killed, resumed, refused. */
class TrainRecognizerCommandTest {
  private static final int PEOPLE = 28;
  private static final int IMAGES = 4;

  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path data;

  @BeforeAll
  static void faces() throws IOException {
    data = People.write(shared.resolve("data"), PEOPLE, IMAGES);
    People.network(shared.resolve("tiny.json"));
  }

  private static Object[] command(Path out, Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "train",
                "recognizer",
                "--data",
                data,
                "--out",
                out,
                "--config",
                shared.resolve("tiny.json"),
                "--batch",
                8,
                "--steps",
                6,
                "--checkpoint-every",
                5,
                "--validation",
                20,
                "--validate-every",
                2,
                "--augment",
                "1,8"));
    for (int i = 0; i < more.length; i++) {
      int there = args.indexOf(more[i]);
      if (there >= 0 && String.valueOf(more[i]).startsWith("--")) {
        args.set(there + 1, more[++i]);
      } else {
        args.add(more[i]);
      }
    }
    return args.toArray();
  }

  private static Map<String, String> metadata(Path out) {
    try (Safetensors file = Safetensors.open(out.resolve("checkpoint.safetensors"))) {
      return file.metadata();
    }
  }

  private static List<JsonNode> metrics(Path out) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private static void same(Path whole, Path cut) throws IOException {
    assertEquals(metadata(whole), metadata(cut));
    for (String name : List.of("recognizer.safetensors", "last.safetensors")) {
      assertEquals(-1, Files.mismatch(whole.resolve(name), cut.resolve(name)), name);
    }
    List<JsonNode> one = metrics(whole);
    List<JsonNode> two = metrics(cut);
    assertEquals(one.size(), two.size());
    for (int i = 0; i < one.size(); i++) {
      for (String name : List.of("step", "loss", "lr", "gradient_norm", "validation_accuracy")) {
        assertEquals(one.get(i).get(name), two.get(i).get(name), name + " of line " + i);
      }
    }
  }

  @Test
  void aKilledRunGoesOnBitByBit() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    Path cut = folder.resolve("cut");
    Path checkpoint = cut.resolve("checkpoint.safetensors");
    Object[] endless = command(cut, "--steps", 1_000_000);
    Cli.startUntil(() -> Files.exists(checkpoint), folder, Map.of(), endless)
        .destroyForcibly()
        .waitFor();
    long end = Long.parseLong(metadata(cut).get("step")) + 5;
    Cli.run(command(whole, "--steps", end)).ok();
    Cli.run(command(cut, "--steps", end, "--resume", "--workers", 3)).ok();
    same(whole, cut);
  }

  @Test
  void everyHeadLearnsAndResumes() throws IOException {
    for (String head : List.of("cosface", "arcface", "elasticface", "adaface")) {
      Path whole = folder.resolve(head + "-whole");
      Path cut = folder.resolve(head + "-cut");
      Object[] recipe = {"--head", head, "--lr", .02, "--scale", 8, "--validation", 0};
      Object[] longer = Arrays.copyOf(recipe, recipe.length + 6);
      System.arraycopy(
          new Object[] {"--steps", 40, "--schedule", "steps", "--milestones", "1,2"},
          0,
          longer,
          recipe.length,
          6);
      Cli.run(command(whole, longer)).ok();
      List<JsonNode> lines = metrics(whole);
      double first = lines.get(0).get("loss").asDouble();
      double last = lines.get(39).get("loss").asDouble();
      assertTrue(last < first, head + ": " + first + " to " + last);
      Object[] half = longer.clone();
      half[recipe.length + 1] = 20;
      Cli.run(command(cut, half)).ok();
      Object[] rest = Arrays.copyOf(longer, longer.length + 1);
      rest[longer.length] = "--resume";
      Cli.run(command(cut, rest)).ok();
      same(whole, cut);
    }
  }

  @Test
  void theRateFallsWhereValidationStallsAndTheCheckpointKnows() throws IOException {
    Path out = folder.resolve("run");
    JsonNode result =
        Cli.run(command(out, "--lr", 1e-12, "--validate-every", 1, "--steps", 12, "--json"))
            .ok()
            .json();
    List<JsonNode> lines = metrics(out);
    assertTrue(lines.get(0).get("validation_accuracy").asDouble() >= .4);
    String[] words = metadata(out).get("validation").split(" ");
    assertEquals(result.get("best_step").asText(), words[1]);
    double highest = lines.get(0).get("lr").asDouble();
    double falls = Integer.parseInt(words[3]);
    double now = metricsAfterOneMoreStep(out);
    assertEquals(highest * Math.pow(.1, falls), now, 1e-20);
    assertEquals(20, result.get("validation_identities").asInt());
    assertEquals("the validation identities", result.get("selected_by").asText());
  }

  private double metricsAfterOneMoreStep(Path out) throws IOException {
    Cli.run(command(out, "--lr", 1e-12, "--validate-every", 1, "--steps", 13, "--resume")).ok();
    return metrics(out).get(12).get("lr").asDouble();
  }

  /** Two folds, each of 14 people: their first two images, and each one's first with the next's. */
  private Path pairs() throws IOException {
    StringBuilder text = new StringBuilder("2\t14\n");
    for (int fold = 0; fold < 2; fold++) {
      for (int i = 14 * fold; i < 14 * fold + 14; i++) {
        text.append(String.format("p%02d\t0\t1%n", i));
      }
      for (int i = 14 * fold; i < 14 * fold + 14; i++) {
        text.append(String.format("p%02d\t0\tp%02d\t1%n", i, 14 * fold + (i + 1) % 14));
      }
    }
    Path file = folder.resolve("pairs.txt");
    Files.writeString(file, text.toString());
    return file;
  }

  @Test
  void theRecognizerEmbedsAndVerifies() throws IOException {
    Path out = folder.resolve("run");
    Cli.run(command(out, "--steps", 30, "--lr", .02, "--scale", 8, "--validate-every", 10)).ok();
    Path model = out.resolve("recognizer.safetensors");
    Path[] vectors = {folder.resolve("one.npy"), folder.resolve("three.npy")};
    for (int i = 0; i < 2; i++) {
      JsonNode embedded =
          Cli.run(
                  "embed",
                  "--faces",
                  data,
                  "--embedder",
                  model,
                  "--out",
                  vectors[i],
                  "--threads",
                  1 + 2 * i,
                  "--json")
              .ok()
              .json();
      assertEquals(PEOPLE * IMAGES, embedded.get("contexts").asInt());
      assertEquals(16, embedded.get("width").asInt());
    }
    Contexts one = Contexts.read(vectors[0]);
    Contexts three = Contexts.read(vectors[1]);
    for (int i = 0; i < one.size(); i++) {
      assertArrayEquals(one.vector(i), three.vector(i), one.name(i));
    }
    JsonNode verified =
        Cli.run(
                "evaluate",
                "verification",
                "--embedder",
                model,
                "--pairs",
                pairs(),
                "--images",
                data,
                "--json")
            .ok()
            .json();
    assertTrue(verified.get("accuracy").asDouble() > .6, verified.toString());
    for (String field : List.of("deviation", "auc", "roc", "eer")) {
      assertTrue(verified.has(field), field);
    }
    JsonNode separated =
        Cli.run(
                "evaluate",
                "separability",
                "--embedder",
                model,
                "--data",
                data,
                "--impostors",
                2000,
                "--json")
            .ok()
            .json();
    assertEquals(PEOPLE, separated.get("identities").asInt());
    refused(
        Cli.run(
            "embed",
            "--faces",
            data,
            "--embedder",
            out.resolve("checkpoint.safetensors"),
            "--out",
            folder.resolve("none.npy")),
        "is not a Fizzy recognizer");
  }

  @Test
  void thePublishedProtocolSaysThatItIsOptimistic() throws IOException {
    Path out = folder.resolve("run");
    Object[] args =
        command(
            out,
            "--validation",
            0,
            "--validate-every",
            3,
            "--paper-protocol",
            "--pairs",
            pairs(),
            "--images",
            data,
            "--json");
    JsonNode result = Cli.run(args).ok().json();
    assertTrue(result.get("selected_by").asText().contains("optimistic"), result.toString());
    assertTrue(metrics(out).get(2).has("selection_test_accuracy"));
    assertFalse(metrics(out).get(2).has("validation_accuracy"));
    assertFalse(result.has("validation_accuracy"));
    JsonNode kept = new ObjectMapper().readTree(out.resolve("result.json").toFile());
    assertEquals("recognizer", kept.get("kind").asText());
    assertEquals(result.get("selected_by"), kept.get("result").get("selected_by"));
    Cli.run(command(folder.resolve("other"), "--pairs", pairs(), "--images", data))
        .misused("--paper-protocol");
  }

  private static void refused(Cli.Result result, String... parts) {
    assertEquals(1, result.code(), result.err());
    assertEquals(1, result.err().strip().lines().count(), result.err());
    for (String part : parts) {
      assertTrue(result.err().contains(part), result.err());
    }
  }

  @Test
  void badImagesAreCountedAndNamed() throws IOException {
    Path mixed = folder.resolve("mixed");
    for (int person = 0; person < 3; person++) {
      for (int image = 0; image < 3; image++) {
        Pictures.png(mixed.resolve("p" + person + "/" + image + ".png"), People.SIZE, person);
      }
    }
    byte[] whole = Files.readAllBytes(mixed.resolve("p0/0.png"));
    Files.write(mixed.resolve("p0/0.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.delete(mixed.resolve("p1/1.png"));
    Files.delete(mixed.resolve("p1/2.png"));
    Files.createDirectories(mixed.resolve("p9"));
    JsonNode result =
        Cli.run(
                command(
                    folder.resolve("run"),
                    "--data",
                    mixed,
                    "--validation",
                    0,
                    "--batch",
                    4,
                    "--steps",
                    2,
                    "--json"))
            .ok()
            .json();
    assertEquals(5, result.get("faces").asInt());
    assertEquals(2, result.get("identities").asInt());
    assertEquals("[\"p1\"]", result.get("identities_skipped").toString());
    assertEquals(2, result.get("skipped").size());
    assertTrue(result.get("selected_by").asText().contains("last"));
  }

  @Test
  void whatCannotBeIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path out = folder.resolve("run");
    refused(Cli.run(command(out, "--validation", 5)), "of 28 identities 5 cannot be held out");
    refused(
        Cli.run(command(out, "--min-images", 99)), "0 identities with at least 99 images; two are");
    refused(Cli.run(command(out, "--validation", 27)), "27 cannot be held out");
    Cli.run(command(out, "--head", "softmax")).misused("no margin head softmax");
    Cli.run(command(out, "--margin", 4)).misused("margin 4.0");
    Cli.run(command(out, "--augment", "4")).misused("--augment");
    Cli.run(command(out, "--augment", "4,31")).misused("magnitude 31");
    Cli.run(command(out, "--batch", 1)).misused("--batch must be at least 2");
    Cli.run(command(out, "--clip", "NaN")).misused("--clip");
    Cli.run(command(out, "--size", 20)).misused("multiple of 16");
    Cli.run(command(out, "--config", "none")).misused("no configuration none");
    Cli.run(command(out, "--config", "iresnet-50")).misused("did you mean iresnet50?");
    refused(Cli.run(command(out, "--data", folder.resolve("none"))), "none", "does not exist");
    Cli.run(command(out, "--validation", 0, "--schedule", "plateau"))
        .misused("plateau needs validation");
    refused(Cli.run(command(out, "--resume")), "no checkpoint to resume");
    assertFalse(Files.exists(out));
  }

  @Test
  void anotherRunsCheckpointIsRefusedAndALossThatIsNotANumberStops() throws IOException {
    Path out = folder.resolve("run");
    Object[] wild = {"--lr", 1e30, "--clip", 0, "--validation", 0, "--checkpoint-every", 1};
    Object[] longer = Arrays.copyOf(wild, wild.length + 2);
    System.arraycopy(new Object[] {"--steps", 200}, 0, longer, wild.length, 2);
    refused(Cli.run(command(out, longer)), "became", " at step ", "the last good checkpoint is ");
    long kept = Long.parseLong(metadata(out).get("step"));
    assertEquals(kept, metrics(out).size());
    refused(Cli.run(command(out)), "already contains a run");
    refused(
        Cli.run(command(out, "--resume", "--validation", 0, "--head", "arcface")),
        "its head is",
        "COSFACE",
        "ARCFACE");
    refused(Cli.run(command(out, "--resume", "--validation", 20)), "its faces is", "now");
  }

  @Test
  void startsFromTheWeightsOfARecognizer() throws IOException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    Cli.run(command(first)).ok();
    Path model = first.resolve("last.safetensors");
    refused(
        Cli.run(command(second, "--from", model, "--config", "iresnet18-64")), "and --config is");
    Cli.run(command(second, "--from", model, "--lr", 1e-12, "--weight-decay", 0, "--steps", 1))
        .ok();
    try (Safetensors was = Safetensors.open(model);
        Safetensors is = Safetensors.open(second.resolve("last.safetensors"))) {
      for (String tensor : was.names()) {
        if (tensor.endsWith("weight")) {
          assertArrayEquals(was.floats(tensor), is.floats(tensor), 1e-7f, tensor);
        }
      }
    }
  }
}
