package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.weights.Npy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeakageCommandTest {
  @TempDir Path folder;

  private Path embeddings(String name, int identities, int images, int width, long seed) {
    Random random = new Random(seed);
    List<String> names = new ArrayList<>();
    float[][] vectors = new float[identities * images][width];
    for (int i = 0; i < vectors.length; i++) {
      names.add(String.format("%s%05d/%d", name, i / images, i % images));
      for (int k = 0; k < width; k++) {
        vectors[i][k] = (float) random.nextGaussian();
      }
    }
    Path file = folder.resolve(name + ".npy");
    new Contexts(names, vectors).write(file);
    return file;
  }

  @Test
  void leaksAreNamedAndLeftOut() throws IOException {
    Path mine = embeddings("s", 6, 2, 32, 1);
    Contexts copied = Contexts.read(mine);
    Path training = embeddings("r", 50, 2, 32, 2);
    Contexts real = Contexts.read(training);
    for (int image : new int[] {4, 5}) { // identity s00002 is r00020
      System.arraycopy(real.vector(40), 0, copied.vector(image), 0, 32);
    }
    copied.write(mine);
    Path leaks = folder.resolve("leaks.txt");
    Path kept = folder.resolve("leakage.json");
    JsonNode result =
        Cli.run(
                "evaluate",
                "leakage",
                "--embeddings",
                mine,
                "--training-embeddings",
                training,
                "--above",
                "0.99",
                "--write-exclude",
                leaks,
                "--out",
                kept,
                "--json")
            .ok()
            .json();
    assertEquals(1, result.get("above_identities").asInt());
    assertEquals("r00020/0", result.get("closest").get(0).get("training").asText());
    assertEquals("s00002", result.get("closest").get(0).get("identity").asText());
    assertEquals(50, result.get("labeled_people").asInt());
    assertTrue(Files.readString(leaks).startsWith("# 1 of 6 identities"));
    assertEquals(result, new ObjectMapper().readTree(kept.toFile()).get("result"));
    JsonNode again =
        Cli.run(
                "evaluate",
                "leakage",
                "--embeddings",
                mine,
                "--training-embeddings",
                training,
                "--exclude",
                leaks,
                "--json")
            .ok()
            .json();
    assertEquals(5, again.get("identities").asInt());
    Path contexts = folder.resolve("c.npy");
    Path clean = folder.resolve("clean.npy");
    new Contexts(List.of("s00001", "s00002"), new float[][] {{1}, {2}}).write(contexts);
    Cli.run("contexts", "select", "--from", contexts, "--exclude", leaks, "--out", clean).ok();
    assertEquals(List.of("s00001"), Contexts.read(clean).names());
    Files.writeString(leaks, "nobody\n");
    Cli.Result unknown =
        Cli.run("contexts", "select", "--from", contexts, "--exclude", leaks, "--out", clean);
    assertEquals(1, unknown.code());
    assertTrue(unknown.err().contains("nobody"), unknown.err());
  }

  @Test
  void mistakesAreOneSentence() throws IOException {
    Path mine = embeddings("s", 3, 2, 8, 1);
    Path narrow = embeddings("r", 3, 2, 4, 1);
    Object[] both = {"evaluate", "leakage", "--embeddings", mine, "--training-embeddings", narrow};
    Cli.Result result = Cli.run(both);
    assertEquals(1, result.code());
    assertTrue(result.err().contains("width 4") && result.err().contains("8"), result.err());
    Path faces = folder.resolve("faces");
    for (String name : new String[] {"a/1.png", "b/2.png"}) {
      Pictures.blob(faces.resolve(name), 24, name.hashCode());
    }
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 8, 8);
    for (Object[] sides :
        new Object[][] {
          {"--data", faces, "--training-embeddings", mine},
          {"--embeddings", mine, "--training", faces}
        }) {
      Object[] all = {
        "evaluate", "leakage", "--embedder", embedder, sides[0], sides[1], sides[2], sides[3]
      };
      Cli.Result refused = Cli.run(all);
      assertEquals(1, refused.code(), refused.err());
      assertTrue(refused.err().contains("have width 8 and the vectors of "), refused.err());
      assertFalse(refused.err().contains("faces/s"), refused.err());
    }
    assertEquals(2, Cli.run("evaluate", "leakage", "--embeddings", mine).code());
    assertEquals(
        2, Cli.run("evaluate", "leakage", "--embeddings", mine, "--training", folder).code());
  }

  /**
   * 40,000 training faces of width 512 are 82 MB; a heap of 64 MB does for their names and for the
   * blocks.
   */
  @Test
  void memoryDoesNotGrowWithTheFaces() throws IOException, InterruptedException {
    Path mine = embeddings("s", 300, 2, 512, 1);
    Path training = folder.resolve("r.npy");
    int count = 40_000;
    float[] values = new float[count * 512];
    Random random = new Random(3);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    float[] copy = Contexts.read(mine).vector(17);
    System.arraycopy(copy, 0, values, 30_000 * 512, 512);
    new Npy(new int[] {count, 512}, values).write(training);
    values = null;
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Fizzy.class.getName(),
                "evaluate",
                "leakage",
                "--embeddings",
                mine.toString(),
                "--training-embeddings",
                training.toString(),
                "--people",
                "20",
                "--json")
            .redirectError(folder.resolve("err").toFile())
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), Files.readString(folder.resolve("err")));
    JsonNode result = new ObjectMapper().readTree(out);
    boolean found = false;
    for (JsonNode match : result.get("closest")) {
      if (match.get("imageTraining").asText().equals("030000")) {
        assertEquals("s00008/1", match.get("image").asText());
        assertEquals(1, match.get("imageCosine").asDouble(), 1e-5);
        found = true;
      }
    }
    assertTrue(found, out);
    assertFalse(result.get("strangers_may_be_one_person").isNull());
  }
}
