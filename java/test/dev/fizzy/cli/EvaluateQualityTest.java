package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TinyOnnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures whose vectors are their pixels, at 8 x 8 and at 6 x 6. */
class EvaluateQualityTest {
  @TempDir Path folder;
  private Path fine;
  private Path coarse;

  @BeforeEach
  void embedders() throws IOException {
    fine = TinyOnnx.flatten(folder.resolve("fine.onnx"), 1, 3, 8, 8);
    coarse = TinyOnnx.flatten(folder.resolve("coarse.onnx"), 1, 3, 6, 6);
  }

  private Path blobs(String name, int count, int side, int seed) throws IOException {
    Path set = folder.resolve(name);
    for (int i = 0; i < count; i++) {
      Pictures.blob(set.resolve(i + ".png"), side, seed + i);
    }
    return set;
  }

  private Cli.Result quality(Object... more) {
    List<Object> args = new ArrayList<>(List.of("evaluate", "quality"));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  @Test
  void aSetIsComparedUnderEachEmbedder() throws IOException {
    Path real = blobs("real", 60, 24, 100);
    Path mine = blobs("mine", 20, 16, 500);
    Files.writeString(mine.resolve("torn.png"), "no picture");
    Path kept = folder.resolve("quality.json");
    Object[] command = {"--data", mine, "--real", real, "--out", kept, "--json"};
    JsonNode result =
        quality(concatenated(command, "--embedder", fine, "--embedder", coarse)).ok().json();
    assertEquals(result, new ObjectMapper().readTree(kept.toFile()).get("result"));
    assertEquals(1, result.get("skipped").asInt());
    assertEquals(16, result.get("pixels").get("size").asInt());
    assertTrue(result.get("pixels").get("sharpness_ratio").asDouble() > .3);
    assertEquals(2, result.get("embedders").size());
    for (JsonNode judge : result.get("embedders")) {
      int width = judge.get("embedder").asText().equals("fine.onnx") ? 192 : 108;
      assertEquals(width, judge.get("width").asInt());
      assertEquals(20, judge.get("samples").asInt());
      assertTrue(judge.get("frechet").asDouble() > 0);
      assertTrue(judge.get("precision").asDouble() > .3, judge.toString());
      // Another kind of picture is further away than the real ones are from each other.
      assertTrue(judge.get("frechet_floor").asDouble() < 2 * judge.get("frechet").asDouble());
    }
    String text =
        quality("--data", mine, "--real", real, "--embedder", fine, "--seed", 2).ok().out();
    assertTrue(text.contains("fine.onnx: Frechet distance"), text);
  }

  @Test
  void aPresetBelongsToTheEmbedderBeforeIt() throws IOException {
    Path real = blobs("real", 8, 16, 1);
    Path large = TinyOnnx.flatten(folder.resolve("large.onnx"), 1, 3, 112, 112);
    Object[] command = {
      "--data",
      real,
      "--real",
      real,
      "--embedder",
      large,
      "--preset",
      "mobilefacenet-112",
      "--embedder",
      fine,
      "--embedder",
      large,
      "--json"
    };
    List<String> presets = new ArrayList<>();
    quality(command)
        .ok()
        .json()
        .get("embedders")
        .forEach(j -> presets.add(j.get("preset").asText()));
    assertEquals(List.of("mobilefacenet-112", "arcface-8x8", "arcface-112"), presets);
  }

  private static Object[] concatenated(Object[] first, Object... second) {
    List<Object> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(second));
    return all.toArray();
  }

  @Test
  void noiseIsFarFromBlobsAndSharper() throws IOException {
    Path real = blobs("real", 60, 16, 100);
    Path noise = folder.resolve("noise");
    for (int i = 0; i < 20; i++) {
      Pictures.png(noise.resolve(i + ".png"), 16, i);
    }
    JsonNode result =
        quality("--data", noise, "--real", real, "--embedder", fine, "--json").ok().json();
    JsonNode judge = result.get("embedders").get(0);
    assertEquals(0, judge.get("precision").asDouble());
    assertTrue(judge.get("real_precision").asDouble() > .5);
    assertTrue(judge.get("frechet").asDouble() > 5 * judge.get("frechet_floor").asDouble());
    assertTrue(result.get("pixels").get("sharpness_ratio").asDouble() > 20);
    assertEquals(1 / 128., result.get("pixels").get("data").get("clipped").asDouble(), .003);
    assertEquals(0, result.get("pixels").get("real").get("clipped").asDouble());
  }

  @Test
  void whatCannotBeComparedIsRefusedBeforeAnyWork() throws IOException {
    Path real = blobs("real", 7, 16, 100);
    quality("--data", real, "--real", real, "--embedder", fine)
        .refused("7 images", "--neighbors 3 needs at least 4 and 8");
    quality("--data", real, "--real", real, "--neighbors", 2, "--embedder", folder.resolve("no"))
        .refused("no does not exist");
    quality("--data", real, "--real", real).misused("--embedder");
    Cli.run("evaluate", "autoencoder", "--data", real, "--model", fine, "--embedder", fine)
        .refused("fine.onnx");
  }

  @Test
  void theRoundTripOfAnAutoencoder() throws IOException {
    Object[] command = {
      "evaluate",
      "autoencoder",
      "--model",
      TinyModel.autoencoder(),
      "--data",
      TinyModel.faces(),
      "--samples",
      7,
      "--batch",
      3,
      "--embedder",
      fine,
      "--embedder",
      coarse,
      "--json"
    };
    JsonNode result = Cli.run(command).ok().json();
    assertEquals(7, result.get("faces").asInt());
    assertTrue(result.get("l1").asDouble() > 0 && result.get("psnr").asDouble() > 5);
    int used = result.get("codes_used").asInt();
    assertTrue(used >= 1 && used <= result.get("codes").asInt(), result.toString());
    assertEquals(2, result.get("embedders").size());
    JsonNode judge = result.get("embedders").get(1);
    // The embedder takes 6 x 6 pixels, less than the model draws.
    assertTrue(judge.get("resized_cosine_mean").asDouble() >= judge.get("cosine_mean").asDouble());
    assertTrue(judge.get("cosine_p5").asDouble() <= judge.get("cosine_mean").asDouble());
    assertTrue(judge.get("cosine_mean").asDouble() < 1);
    command[6 + 1] = 100;
    assertEquals(TinyModel.FACES, Cli.run(command).ok().json().get("faces").asInt());
  }

  /** From photos over contexts to images, whose people are found among the photos. */
  @Test
  void imagesOfKnownPeopleAreComparedWithTheirOtherPhotos() throws IOException {
    Path photos = folder.resolve("photos");
    List<String> table = new ArrayList<>(List.of("file,source,identity"));
    for (int i = 0; i < 12; i++) {
      // Three photos each of four people, who look a little different in each.
      Pictures.blob(photos.resolve("f" + i + ".png"), 24, i / 3);
      table.add("f" + i + ".png,x," + (i < 9 ? "person" + i / 3 : ""));
    }
    Path people = Files.write(folder.resolve("people.csv"), table);
    Path all = folder.resolve("all.npy");
    Path chosen = folder.resolve("chosen.npy");
    Cli.run("embed", "--faces", photos, "--embedder", fine, "--out", all).ok();
    Object[] draw = {
      "contexts",
      "authentic",
      "--from",
      all,
      "--labels",
      people,
      "--photos",
      3,
      "--out",
      chosen,
      "--count",
      3
    };
    Cli.run(draw).ok();
    List<String> names = Contexts.read(chosen).names();
    assertEquals(
        3,
        names.stream().map(n -> Integer.parseInt(n.replaceAll("\\D", "")) / 3).distinct().count());
    draw[draw.length - 1] = 4;
    Cli.run(draw).refused("cannot draw 4 people: 3 of 3 have 3 faces or more");
    Cli.run("contexts", "authentic", "--from", all, "--photos", 2, "--count", 1, "--out", chosen)
        .refused("the names of the faces, such as f0.png, tell no person: give --labels");
    Path images = folder.resolve("images");
    for (String name : names) {
      int photo = Integer.parseInt(name.replaceAll("\\D", ""));
      Pictures.blob(images.resolve(name).resolve("0.png"), 16, photo / 3);
      Pictures.blob(images.resolve(name).resolve("1.png"), 16, photo / 3);
    }
    List<Object> command =
        new ArrayList<>(
            List.of("evaluate", "separability", "--data", images, "--embedder", fine, "--json"));
    command.addAll(List.of("--contexts", chosen, "--among", all, "--labels", people));
    for (Path real : List.of(photos, all)) {
      List<Object> with = new ArrayList<>(command);
      with.addAll(List.of(real == all ? "--real-embeddings" : "--real", real));
      JsonNode result = Cli.run(with.toArray()).ok().json();
      // Three asked for, and the three photos of somebody unknown.
      assertEquals(6, result.get("retrieval").get("candidates").asInt());
      assertEquals(1, result.get("retrieval").get("images").get("rank1").asDouble());
      assertEquals(3, result.get("real").get("identities").asInt());
      assertEquals(9, result.get("real").get("images").asInt());
      assertEquals(3, result.get("other_photos").get("identities").asInt());
      assertTrue(result.get("other_photos").get("fraction").asDouble() > .8, result.toString());
    }
    command.remove("--json");
    command.addAll(List.of("--real", photos));
    String text = Cli.run(command.toArray()).ok().out();
    assertTrue(text.contains("among 6: rank 1 100.0 %"), text);
    assertTrue(text.contains("other photos of the person (3 identities)"), text);
  }

  @Test
  void realPhotosAreCheckedFirst() throws IOException {
    Path photos = blobs("photos", 4, 16, 1);
    Path people = Files.writeString(folder.resolve("people.csv"), "file,identity\nx.png,a\n");
    Path narrow = folder.resolve("narrow.npy");
    Cli.run("contexts", "uniform", "--count", 2, "--width", 3, "--out", narrow).ok();
    List<Object> command =
        new ArrayList<>(List.of("evaluate", "separability", "--data", folder, "--embedder", fine));
    refused(command, "misused", "--among goes with --contexts", "--among", narrow);
    refused(command, "misused", "--labels goes with --real", "--labels", people);
    refused(command, "misused", "not both", "--real", photos, "--real-embeddings", narrow);
    refused(command, "refused", "--real-embeddings have width 3", "--real-embeddings", narrow);
    Path stored = folder.resolve("stored.npy");
    float[][] vectors = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    new Contexts(List.of("a/0", "a/1", "b/0"), vectors).write(stored);
    List<Object> other =
        List.of("evaluate", "separability", "--embeddings", stored, "--embedder", fine);
    Path labeled = blobs("labeled/person", 2, 16, 1).getParent();
    refused(other, "refused", "the data set's vectors have width 3", "--real", labeled);
    refused(command, "refused", "none of the 1 files", "--real", photos, "--labels", people);
  }

  private static void refused(List<Object> command, String how, String sentence, Object... more) {
    Cli.Result result = Cli.run(concatenated(command.toArray(), more));
    assertEquals(how.equals("misused") ? 2 : 1, result.code(), result.err());
    assertTrue(result.err().contains(sentence), result.err());
    assertFalse(result.err().contains("embed:"), result.err());
  }
}
