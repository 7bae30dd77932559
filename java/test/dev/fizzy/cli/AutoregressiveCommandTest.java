package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.file.Sha256;
import dev.fizzy.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training of an autoregressive model, and drawing with it. */
class AutoregressiveCommandTest {
  @TempDir Path folder;

  private Path config() throws IOException {
    String json =
        ModelConfig.load("tiny")
            .toJson()
            .replaceFirst(
                "\"unet\".*$",
                "\"autoregressive\":{\"conditional\":true,\"size\":8,\"latent_channels\":3,"
                    + "\"codes\":32,\"width\":16,\"head_channels\":8,\"depth\":1,"
                    + "\"context_input\":512,\"context_dropout\":0.25,\"empty_context\":0.1}}");
    return Files.writeString(folder.resolve("ar.json"), json);
  }

  private Cli.Result train(Path out, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("train", "autoregressive"));
    args.addAll(List.of("--faces", TinyModel.faces(), "--config", config(), "--out", out));
    args.addAll(List.of("--autoencoder", TinyModel.autoencoder(), "--batch", 4));
    args.addAll(List.of("--warmup", 1, "--lr", 1e-2, "--cycle", 10));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  private static Object[] with(Object[] first, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList(first));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  private Cli.Result generate(Path model, Path out, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("generate", "--model", model, "--out", out));
    args.addAll(List.of("--contexts", TinyModel.contexts(), "--seed", 9, "--images", 2));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  private static List<String> sums(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(f -> f.toString().endsWith(".png"))
          .sorted()
          .map(f -> root.relativize(f) + " " + Sha256.of(f))
          .toList();
    }
  }

  @Test
  void trainsResumesAndDrawsTheSameBytesInShards() throws IOException {
    Path whole = folder.resolve("whole");
    Path eyes = TrainRuns.recognizer(folder, 16, TinyModel.WIDTH);
    Path contexts = folder.resolve("contexts.npy");
    Cli.run("embed", "--faces", TinyModel.faces(), "--embedder", eyes, "--out", contexts).ok();
    Object[] people = {
      "--holdout", 2, "--validate-every", 3, "--context-from", "mean", "--contexts", contexts
    };
    people = with(people, "--judge", eyes);
    train(whole, with(people, "--steps", 6, "--sample-every", 6)).ok();
    assertTrue(Files.exists(whole.resolve("samples/step-0000006.png")));
    JsonNode first = TrainRuns.metrics(whole, 0);
    assertEquals(Math.log(32), first.get("loss").asDouble(), 1e-4);
    assertTrue(first.has("accuracy"));
    Path cut = folder.resolve("cut");
    train(cut, with(people, "--steps", 3, "--sample-every", 0)).ok();
    train(cut, with(people, "--steps", 6, "--sample-every", 0, "--resume")).ok();
    Path model = whole.resolve("model.safetensors");
    assertEquals(-1, Files.mismatch(model, cut.resolve("model.safetensors")));
    assertEquals(1 + 2, Files.readAllLines(whole.resolve("holdout.csv")).size());
    assertFalse(TrainRuns.metrics(whole, 1).has("validation_loss"));
    JsonNode last = TrainRuns.metrics(whole, 5);
    assertTrue(Math.abs(last.get("adherence").asDouble()) <= 1, last.toString());
    assertTrue(last.get("retrieval_rank").asDouble() <= 2, last.toString());
    assertEquals(last.get("adherence"), TrainRuns.metrics(cut, 5).get("adherence"));
    assertEquals(last.get("validation_loss"), TrainRuns.metrics(cut, 5).get("validation_loss"));
    assertTrue(last.get("validation_accuracy").asDouble() > 1. / 32, last.toString());
    train(cut, "--contexts", contexts, "--holdout", 2, "--steps", 7, "--resume")
        .refused("its context from is MEAN, people");
    Path longer = folder.resolve("longer");
    train(longer, "--steps", 1, "--sample-every", 0, "--from", model).ok();
    assertTrue(TrainRuns.metrics(longer, 0).get("loss").asDouble() < 3.4, "less than ln 32");

    Object[] way = {"--guidance", 2, "--top-k", 20, "--temperature", .8, "--perturb", .6};
    Path set = folder.resolve("set");
    generate(model, set, way).ok();
    assertEquals(8, sums(set).size());
    JsonNode manifest = new ObjectMapper().readTree(set.resolve("manifest.json").toFile());
    assertTrue(manifest.toString().contains("\"autoregressive\""), manifest.toString());
    assertEquals(20, manifest.get("settings").get("top-k").asInt());
    Path shards = folder.resolve("shards");
    for (int shard = 2; shard > 0; shard--) {
      Object[] part = {"--batch", 3, "--shard", shard + "/2", "--type", TinyModel.type()};
      generate(model, shards, with(way, part)).ok();
    }
    assertEquals(sums(set), sums(shards));
    Set<Object> different = new HashSet<>();
    Object[][] ways = {
      {}, {"--negative", "far"}, {"--top-k", 2}, {"--temperature", .3}, {"--perturb", .1}
    };
    for (Object[] one : ways) {
      Path drawn = folder.resolve("way" + different.size());
      generate(model, drawn, with(one, "--guidance", 2)).ok();
      assertTrue(different.add(sums(drawn)), Arrays.toString(one) + " changes nothing");
    }
    generate(model, folder.resolve("few"), "--preset", "fast").misused("--preset fast");
    generate(model, folder.resolve("most"), "--temperature", 0).refused("to the byte");
    Cli.run("plan", "--model", model, "--sampling", "--guidance", 2).ok();
    Cli.run("plan", "--config", config(), "--training", "--batch", 2).ok();
    Path nobody = folder.resolve("nobody");
    Cli.run("generate", "--model", model, "--unconditional", "--images", 2, "--out", nobody).ok();
    assertEquals(2, sums(nobody).size());
  }

  @Test
  void refusesWhatTheOtherKindOfModelTakes() throws IOException {
    Path out = folder.resolve("model");
    train(out, "--steps", 1, "--sample-every", 0, "--unconditional").ok();
    train(folder.resolve("judged"), "--judge", out)
        .misused("--judge only measures the people of --holdout");
    Path model = out.resolve("model.safetensors");
    Path none = folder.resolve("none");
    generate(model, none, "--steps", 5).misused("--steps is for diffusion models");
    generate(model, none, "--sampler", "ddim").misused("--sampler is for diffusion models");
    generate(model, none, "--guidance", 2, "--guidance-times", "1,5")
        .misused("--guidance-times is for diffusion models");
    generate(model, none, "--guidance", 2, "--guide-model", TinyModel.model())
        .misused("--guide-model is for diffusion models");
    generate(TinyModel.model(), none, "--top-k", 5).misused("--top-k is for autoregressive models");
    generate(TinyModel.model(), none, "--guidance", 2, "--guide-model", model)
        .refused("is an autoregressive model");
    generate(model, none, "--top-k", 32).misused("--top-k must be below the 32 codes");
    generate(model, none, "--top-k", 5, "--temperature", 0).misused("--top-k changes nothing");
    generate(model, none, "--temperature", -1).misused("--temperature must be at least 0");
    assertFalse(Files.exists(none));
    Cli.run("train", "diffusion", "--faces", TinyModel.faces(), "--config", config(), "--out", none)
        .misused("train it with `fizzy train autoregressive`");
    Cli.run(
            "train",
            "autoregressive",
            "--faces",
            TinyModel.faces(),
            "--config",
            "tiny",
            "--out",
            none)
        .misused("train it with `fizzy train diffusion`");
    train(folder.resolve("two"), "--unconditional", "--contexts", TinyModel.contexts())
        .misused("trained without --contexts");
    train(folder.resolve("two"), "--unconditional", "--context-from", "mean")
        .misused("trained without --context-from");
    train(folder.resolve("two"), "--from", TinyModel.model())
        .refused("has a U-Net, the configuration tiny an autoregressive transformer");
    train(folder.resolve("two"), "--from", model).refused("does not fit the configuration");
    String json =
        Files.readString(config()).replace("\"codes\":32,\"width\"", "\"codes\":31,\"width\"");
    Path other = Files.writeString(folder.resolve("other.json"), json);
    Cli.run("plan", "--config", other).refused("32 codes, the transformer 31");
  }
}
