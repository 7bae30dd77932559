package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.diffusion.SimilarityCondition;
import dev.fizzy.file.Sha256;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that are given more than an identity, and networks that are given none. */
class NetworkConditionsTest {
  private static final int SIDE = 16;

  @TempDir Path folder;

  private Path train(Path faces, Path autoencoder, String config, int steps, Object... more)
      throws IOException {
    return train(folder.resolve("model"), faces, autoencoder, config, steps, more);
  }

  private Path train(
      Path out, Path faces, Path autoencoder, String config, int steps, Object... more)
      throws IOException {
    List<Object> args = new ArrayList<>(List.of("train", "diffusion", "--faces", faces));
    args.addAll(List.of("--autoencoder", autoencoder, "--config", config, "--out", out));
    args.addAll(List.of("--steps", steps, "--batch", 8, "--sample-every", steps));
    if (!List.of(more).contains("--lr")) {
      args.addAll(List.of("--warmup", 1, "--lr", 1e-2));
    }
    args.addAll(Arrays.asList(more));
    Cli.run(args.toArray()).ok();
    return out.resolve("model.safetensors");
  }

  private Cli.Result generate(Path model, Path out, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("generate", "--model", model, "--out", out));
    args.addAll(List.of("--steps", 6, "--sampler", "ddim", "--seed", 9));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  private static List<Path> pictures(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(f -> f.toString().endsWith(".png")).sorted().toList();
    }
  }

  private static List<String> sums(Path root) throws IOException {
    return pictures(root).stream().map(Sha256::of).toList();
  }

  @Test
  void similarityChangesTheImagesAndNoShardDoes() throws IOException {
    Path faces = folder.resolve("faces");
    for (int i = 0; i < 6; i++) {
      Pictures.blob(faces.resolve("p" + i % 2 + "/" + i + ".png"), SIDE, i);
    }
    String wider =
        ModelConfig.load("tiny")
            .toJson()
            .replace("\"context_input\":512", "\"context_input\":512,\"context_similarity\":true");
    Path config = Files.writeString(folder.resolve("similar.json"), wider);
    Cli.run("train", "diffusion", "--faces", faces, "--config", config, "--out", folder)
        .misused("context_similarity needs --context-from mean or other");
    Path model =
        train(faces, TinyModel.autoencoder(), config.toString(), 10, "--context-from", "mean");
    Object[] some = {"--contexts", TinyModel.contexts(), "--images", 2, "--guidance", 30};
    String mean;
    try (ModelFile file = ModelFile.open(model)) {
      mean = Float.toString(file.floats(SimilarityCondition.MEAN)[0]);
    }
    List<List<String>> sets = new ArrayList<>();
    for (String similarity : List.of("-1", "1", "-1,1", mean, "")) {
      List<Object> args = new ArrayList<>(Arrays.asList(some));
      args.addAll(similarity.isEmpty() ? List.of() : List.of("--similarity=" + similarity));
      Path out = folder.resolve("set" + sets.size());
      generate(model, out, args.toArray()).ok();
      assertEquals(8, sums(out).size());
      sets.add(sums(out));
    }
    assertEquals(3, sets.subList(0, 3).stream().distinct().count(), "similarity changes nothing");
    assertEquals(sets.get(3), sets.get(4), "the mean of the training faces is the default");
    for (int shard = 2; shard > 0; shard--) {
      List<Object> args = new ArrayList<>(Arrays.asList(some));
      args.addAll(
          List.of(
              "--similarity=-1,1",
              "--shard",
              shard + "/2",
              "--batch",
              3,
              "--type",
              TinyModel.type()));
      generate(model, folder.resolve("shards"), args.toArray()).ok();
    }
    assertEquals(sets.get(2), sums(folder.resolve("shards")));
    Path none = folder.resolve("none");
    generate(
            model, none, "--contexts", TinyModel.contexts(), "--images", 1, "--similarity", ".5,.2")
        .misused("an ascending range");
    generate(
            TinyModel.model(),
            none,
            "--contexts",
            TinyModel.contexts(),
            "--images",
            1,
            "--similarity",
            .5)
        .misused("has no context_similarity");
    assertFalse(Files.exists(none));
  }

  /** A tile of one color: nothing of a face. */
  private static Rgb tile(int number) {
    byte[] pixels = new byte[3 * SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      int x = i / 3 % SIDE;
      int y = i / 3 / SIDE;
      boolean own = number % 2 == 0 ? i % 3 == 0 : i % 3 == 2;
      pixels[i] = (byte) ((own ? 200 : 40) + (x + y + number) % 16);
    }
    return new Rgb(SIDE, SIDE, pixels);
  }

  /** Red less blue, over all pixels: 160 or -160 for the tiles. */
  private static double redness(Path picture) throws IOException {
    byte[] pixels = ImageDecoder.decode(Files.readAllBytes(picture)).pixels();
    double sum = 0;
    for (int i = 0; i < pixels.length; i += 3) {
      sum += (pixels[i] & 0xff) - (pixels[i + 2] & 0xff);
    }
    return sum / (SIDE * SIDE);
  }

  /** Trains both networks on tiles of two colors and draws tiles of these two colors. */
  @Test
  void picturesOfNoFacesNeedNoContexts() throws IOException {
    Path tiles = Files.createDirectories(folder.resolve("tiles"));
    for (int i = 0; i < 16; i++) {
      Files.write(tiles.resolve(i + ".png"), ImageEncoder.png(tile(i), null));
    }
    Path ae = folder.resolve("ae");
    List<Object> args = new ArrayList<>(List.of("train", "autoencoder", "--faces", tiles));
    args.addAll(List.of("--out", ae, "--config", "tiny", "--steps", 100, "--batch", 8));
    args.addAll(List.of("--lr", 2e-3, "--warmup", 5, "--sample-every", 0));
    Cli.run(args.toArray()).ok();
    String velocity =
        ModelConfig.load("tiny")
            .toJson()
            .replace("\"linear\"", "\"cosine\"")
            .replace("\"eps\"", "\"v\"");
    String config = Files.writeString(folder.resolve("v.json"), velocity).toString();
    Path autoencoder = ae.resolve("autoencoder.safetensors");
    Path model =
        train(tiles, autoencoder, config, 100, "--unconditional", "--lr", 5e-3, "--warmup", 5);
    try (ModelFile file = ModelFile.open(model)) {
      assertFalse(file.has("context_emb.weight"), "the network has a context");
    }
    Path set = folder.resolve("set");
    generate(model, set, "--images", 16).ok();
    List<Path> drawn = pictures(set.resolve("unconditional"));
    assertEquals(16, drawn.size());
    double[] redness = new double[16];
    for (int i = 0; i < redness.length; i++) {
      redness[i] = redness(drawn.get(i));
      assertTrue(Math.abs(redness[i]) > 80, "neither red nor blue: " + redness[i]);
    }
    long red = Arrays.stream(redness).filter(r -> r > 0).count();
    assertTrue(red > 0 && red < 16, red + " of 16 are red");
    generate(model, folder.resolve("guided"), "--images", 1, "--guidance", 3)
        .misused("--guidance needs --guide-model");
    Path calibrated = folder.resolve("calibrated.safetensors");
    Object[] calibrate = {"model", "calibrate", "--model", model, "--out", calibrated};
    Cli.run(with(calibrate, "--contexts", TinyModel.contexts()))
        .misused("a model without contexts is calibrated without --contexts");
    Path guide = train(folder.resolve("guide"), tiles, autoencoder, config, 1, "--unconditional");
    Object[] guided = {"--images", 1, "--guidance", 3, "--guide-model", guide};
    generate(model, folder.resolve("away"), with(guided, "--guidance-parallel", .5)).ok();
    generate(model, folder.resolve("guided"), with(guided, "--perturb", .5))
        .misused("excludes --perturb");
    Path contexts = folder.resolve("c.npy");
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 4, 4);
    Cli.run(
            "contexts",
            "two-stage",
            "--count",
            3,
            "--embedder",
            embedder,
            "--model",
            model,
            "--steps",
            3,
            "--out",
            contexts)
        .ok();
    assertEquals(3, Contexts.read(contexts).size());
  }

  private static Object[] with(Object[] first, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList(first));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  /** The denoiser is a choice of the configuration: the same commands, and the same guarantees. */
  @Test
  void aTransformerTrainsAndDraws() throws IOException {
    String json = ModelConfig.load("tiny").toJson();
    String dit =
        "\"dit\":{\"conditional\":true,\"size\":8,\"latent_channels\":3,\"patch\":2,\"width\":32,"
            + "\"head_channels\":16,\"depth\":2,\"context_input\":512,"
            + "\"context_similarity\":false,\"learned_empty_context\":true}";
    Path config =
        Files.writeString(folder.resolve("dit.json"), json.replaceFirst("\"unet\":\\{[^}]*}", dit));
    Path model = train(TinyModel.faces(), TinyModel.autoencoder(), config.toString(), 10);
    Path whole = folder.resolve("whole");
    Object[] some = {"--contexts", TinyModel.contexts(), "--images", 2, "--guidance", 3};
    generate(model, whole, some).ok();
    assertEquals(8, sums(whole).stream().distinct().count());
    for (int shard = 2; shard > 0; shard--) {
      List<Object> args = new ArrayList<>(Arrays.asList(some));
      args.addAll(List.of("--shard", shard + "/2", "--batch", 3, "--type", TinyModel.type()));
      generate(model, folder.resolve("shards"), args.toArray()).ok();
    }
    assertEquals(sums(whole), sums(folder.resolve("shards")));
    List<Object> guided = new ArrayList<>(Arrays.asList(some));
    guided.addAll(List.of("--guide-model", TinyModel.model()));
    generate(model, folder.resolve("guided"), guided.toArray()).ok();
    assertNotEquals(sums(whole), sums(folder.resolve("guided")));
  }

  @Test
  void refusesWhatGoesWithContexts() throws IOException {
    Object[] train = {
      "train", "diffusion", "--faces", TinyModel.faces(), "--unconditional", "--out", folder
    };
    String[][] more = {
      {"--contexts", TinyModel.contexts().toString()},
      {"--context-from", "mean"},
      {"--cpd", ".5"},
    };
    for (String[] option : more) {
      List<Object> args = new ArrayList<>(Arrays.asList(train));
      args.addAll(List.of(option));
      Cli.run(args.toArray()).misused(option[0]);
    }
    generate(TinyModel.model(), folder.resolve("none"), "--images", 1)
        .misused("--contexts FILE is required");
  }
}
