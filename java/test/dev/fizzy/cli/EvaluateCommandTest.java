package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.weights.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets and pair lists of pictures that an embedder tells apart by their pixels. */
class EvaluateCommandTest {
  private static final int PEOPLE = 8;

  @TempDir Path folder;
  private Path embedder;
  private Path data;

  /** Three pictures each of eight people; the second and third of a person are the first again. */
  @BeforeEach
  void pictures() throws IOException {
    embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 8, 8);
    data = folder.resolve("data");
    for (int person = 0; person < PEOPLE; person++) {
      for (int i = 1; i <= 3; i++) {
        String name = "Person_" + (char) ('A' + person);
        Pictures.blob(data.resolve(name).resolve(name + "_000" + i + ".png"), 24, person);
      }
    }
  }

  private Path pairs(String missing) throws IOException {
    List<String> lines = new ArrayList<>(List.of("2\t2"));
    for (int fold = 0; fold < 2; fold++) {
      char a = (char) ('A' + 4 * fold);
      lines.add("Person_" + a + "\t1\t2");
      lines.add("Person_" + (char) (a + 1) + missing + "\t1\t3");
      lines.add("Person_" + a + "\t1\tPerson_" + (char) (a + 2) + "\t1");
      lines.add("Person_" + (char) (a + 1) + "\t2\tPerson_" + (char) (a + 3) + "\t1");
    }
    return Files.write(folder.resolve("pairs" + missing + ".txt"), lines);
  }

  private Cli.Result verify(Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "evaluate", "verification", "--embedder", embedder, "--images", data, "--json"));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  @Test
  void verificationTellsEqualPicturesFromOthers() throws IOException {
    for (String[] flip : new String[][] {{}, {"--no-flip"}}) {
      List<Object> more = new ArrayList<>(List.of("--pairs", pairs("")));
      more.addAll(List.of(flip));
      JsonNode result = verify(more.toArray()).ok().json();
      assertEquals(1, result.get("accuracy").asDouble());
      assertEquals(0, result.get("deviation").asDouble());
      assertEquals(0, result.get("tar").size(), "4 impostor pairs measure no rate");
      assertEquals(8, result.get("pairs").asInt());
      assertEquals(0, result.get("eer").asDouble());
      assertEquals(1, result.get("genuine_mean").asDouble(), 1e-6);
    }
  }

  /** Every command reads every format: the figures are those of the folder. */
  @Test
  void packedSetsAreEmbeddedAndMeasuredAsFolders() throws IOException {
    Path rec = folder.resolve("rec");
    Path tar = folder.resolve("tar");
    Path manifest = data.resolve("manifest.parquet");
    Cli.run("export", data, "--format", "recordio", "--out", rec).ok();
    Cli.run("export", data, "--format", "webdataset", "--per-tar", 5, "--out", tar).ok();
    Cli.run("make", "manifest", data, "--out", manifest).ok();
    JsonNode[] wanted = {separability(data), leakage(data)};
    for (Path set : List.of(rec, rec.resolve("train.rec"), tar, manifest)) {
      JsonNode separated = separability(set);
      for (String figure : List.of("identities", "images", "eer", "genuine_mean", "fdr")) {
        assertEquals(wanted[0].get(figure), separated.get(figure), set + " " + figure);
      }
      JsonNode leaks = leakage(set);
      for (String figure : List.of("identities", "training_faces", "above_identities")) {
        assertEquals(wanted[1].get(figure), leaks.get(figure), set + " " + figure);
      }
      Path contexts = folder.resolve("c.npy");
      Cli.run("embed", "--data", set, "--embedder", embedder, "--out", contexts).ok();
      List<String> names = dev.fizzy.identity.Contexts.read(contexts).names();
      assertEquals(3 * PEOPLE, names.size());
      names.forEach(name -> assertTrue(name.contains("/"), name));
    }
  }

  private JsonNode separability(Path set) throws IOException {
    return Cli.run("evaluate", "separability", "--data", set, "--embedder", embedder, "--json")
        .ok()
        .json();
  }

  private JsonNode leakage(Path set) throws IOException {
    Object[] args = {
      "evaluate", "leakage", "--data", set, "--training", set, "--embedder", embedder, "--json"
    };
    return Cli.run(args).ok().json();
  }

  @Test
  void aFlatFolderIsRefusedBeforeAnythingIsEmbedded() throws IOException {
    Path flat = folder.resolve("flat");
    Pictures.blob(flat.resolve("a.png"), 24, 1);
    Cli.Result refused =
        Cli.run("evaluate", "separability", "--data", flat, "--embedder", embedder);
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("a.png"), refused.err());
    assertFalse(refused.err().contains("faces/s"), refused.err());
  }

  /** What cannot be written or cannot fit is said before faces are read. */
  @Test
  void outputsAndWidthsAreCheckedBeforeTheWork() throws IOException {
    Path wrong = folder.resolve("out.csv");
    Path narrow = folder.resolve("narrow.npy");
    Cli.run("contexts", "uniform", "--count", 2, "--width", 3, "--out", narrow).ok();
    Object[][] commands = {
      {"embed", "--data", data, "--embedder", embedder, "--out", wrong},
      {
        "evaluate",
        "separability",
        "--data",
        data,
        "--embedder",
        embedder,
        "--save-embeddings",
        wrong
      },
      {"train", "diffusion", "--faces", data, "--contexts", narrow, "--out", folder.resolve("m")}
    };
    for (Object[] command : commands) {
      Cli.Result refused = Cli.run(command);
      boolean ending = refused.err().contains("out.csv is neither");
      assertEquals(ending ? 2 : 1, refused.code(), refused.err());
      assertTrue(ending || refused.err().contains("width 3"), refused.err());
      assertFalse(refused.err().contains("faces/s"), refused.err());
    }
  }

  @Test
  void missingImagesAreCountedAndRefusedAboveAShare() throws IOException {
    Path list = pairs("x");
    Cli.Result refused = verify("--pairs", list);
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("2 of 8 pairs"), refused.err());
    assertTrue(refused.err().contains("Person_Bx_0001"), refused.err());
    JsonNode result = verify("--pairs", list, "--missing", "0.5").ok().json();
    assertEquals(2, result.get("pairs_skipped").asInt());
    assertEquals(4, result.get("unusable").size());
  }

  @Test
  void aListThatIsNoneIsRefused() throws IOException {
    Path list = Files.writeString(folder.resolve("p.txt"), "hello\n");
    Cli.Result result = verify("--pairs", list);
    assertEquals(1, result.code());
    assertTrue(result.err().contains("10 300"), result.err());
    Files.writeString(list, "10\t300\na\t1\t2\n");
    assertTrue(verify("--pairs", list).err().contains("has 1 lines"));
  }

  @Test
  void separabilityOfADataSetMadeOfCopies() throws IOException {
    Path contexts = folder.resolve("c.npy");
    Path first = folder.resolve("first");
    for (int person = 0; person < PEOPLE; person++) {
      Pictures.blob(first.resolve("Person_" + (char) ('A' + person)), 24, person);
    }
    Cli.run("embed", "--faces", first, "--embedder", embedder, "--out", contexts).ok();
    JsonNode result =
        Cli.run(
                "evaluate",
                "separability",
                "--data",
                data,
                "--embedder",
                embedder,
                "--contexts",
                contexts,
                "--impostors",
                500,
                "--json")
            .ok()
            .json();
    assertEquals(PEOPLE, result.get("identities").asInt());
    assertEquals(3 * PEOPLE, result.get("genuine_pairs").asInt());
    assertEquals(252, result.get("impostor_pairs").asInt());
    assertEquals(0, result.get("eer").asDouble());
    assertEquals(1, result.get("adherence_mean").asDouble(), 1e-6);
    assertEquals(0, result.get("intra_identity_variation").asDouble(), 1e-6);
    Path narrow = folder.resolve("narrow.npy");
    Cli.run("contexts", "uniform", "--count", 8, "--out", narrow).ok();
    Cli.Result refused =
        Cli.run(
            "evaluate",
            "separability",
            "--data",
            data,
            "--embedder",
            embedder,
            "--contexts",
            narrow);
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("512") && refused.err().contains("192"), refused.err());
    assertTrue(
        Cli.run("evaluate", "separability", "--data", first, "--embedder", embedder)
            .err()
            .contains("identity/image"));
  }

  private Cli.Result separability(Object... more) {
    List<Object> args =
        new ArrayList<>(List.of("evaluate", "separability", "--impostors", 500, "--json"));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  @Test
  void storedEmbeddingsGiveTheSameAndTheResultIsKept() throws IOException {
    Path vectors = folder.resolve("faces.npy");
    Path kept = folder.resolve("results/separability.json");
    JsonNode first =
        separability("--data", data, "--embedder", embedder, "--save-embeddings", vectors)
            .ok()
            .json();
    JsonNode again = separability("--embeddings", vectors, "--out", kept).ok().json();
    JsonNode stored = new ObjectMapper().readTree(kept.toFile());
    assertEquals("separability", stored.get("kind").asText());
    assertEquals(again, stored.get("result"));
    assertEquals(data.toString(), ((ObjectNode) first).remove("data").asText());
    assertEquals("e.onnx", ((ObjectNode) first).remove("embedder").asText());
    assertEquals(vectors.toString(), ((ObjectNode) again).remove("embeddings").asText());
    assertEquals(first, again);
    assertTrue(stored.get("command").asText().startsWith("fizzy evaluate separability"));
    assertTrue(stored.get("hardware").asText().contains("threads"));
    Path without = Files.writeString(folder.resolve("without.txt"), "# leaks\nPerson_A\n");
    JsonNode fewer = separability("--embeddings", vectors, "--exclude", without).ok().json();
    assertEquals(PEOPLE - 1, fewer.get("identities").asInt());
  }

  @Test
  void embeddingsThatCannotBeMeasuredAreRefused() {
    assertEquals(2, separability().code());
    assertEquals(2, separability("--data", data).code());
    Path none = folder.resolve("none.npy");
    assertTrue(separability("--embeddings", none).err().contains("no such file"));
    new Npy(new int[] {2, 2}, new float[] {1, 2, Float.NaN, 4}).write(none);
    Cli.Result result = separability("--embeddings", none, "--out", folder.resolve("r.json"));
    assertEquals(1, result.code());
    assertTrue(result.err().contains("NaN at element 0"), result.err());
    assertFalse(Files.exists(folder.resolve("r.json")));
    new Npy(new int[] {2, 2}, new float[] {1, 2, 3, 4}).write(none);
    assertTrue(separability("--embeddings", none).err().contains("identity/image"));
  }
}
