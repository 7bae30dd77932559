package dev.fizzy.cli;

import static dev.fizzy.cli.TrainRuns.STEPS;
import static dev.fizzy.cli.TrainRuns.command;
import static dev.fizzy.cli.TrainRuns.metrics;
import static dev.fizzy.cli.TrainRuns.recognizer;
import static dev.fizzy.cli.TrainRuns.refused;
import static dev.fizzy.cli.TrainRuns.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.identity.UniformContexts;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People who are held out of a training, and a network that judges its faces. */
class TrainDiffusionCommandTest {
  @TempDir Path folder;

  /** People of two faces each, two of them held out, contexts of the other face. */
  @Test
  void peopleAreHeldOutAndMeasured() throws IOException {
    Path labels = folder.resolve("people.csv");
    StringBuilder table = new StringBuilder("file,identity\n");
    for (int i = 0; i < TinyModel.FACES; i++) {
      table.append("face").append(i).append(".png,p").append(i / 2).append('\n');
    }
    Files.writeString(labels, table);
    Path whole = folder.resolve("whole");
    Path cut = folder.resolve("cut");
    Object[] more = {
      "--labels",
      labels,
      "--context-from",
      "other",
      "--times",
      "power:1",
      "--min-snr",
      5,
      "--holdout",
      2,
      "--validate-every",
      3,
      "--checkpoint-every",
      3,
      "--cycle",
      10
    };
    Cli.run(command("diffusion", whole, more)).ok();
    List<String> held = Files.readAllLines(whole.resolve("holdout.csv"));
    assertEquals(1 + 4, held.size(), held.toString());
    assertEquals("file,identity", held.get(0));
    assertEquals(2, Contexts.read(whole.resolve("holdout.npy")).size());
    try (ModelFile model = ModelFile.open(whole.resolve("model.safetensors"))) {
      assertEquals("6", model.notes().get("faces"));
    }
    JsonNode third = metrics(whole, 2);
    assertTrue(metrics(whole, 1).path("validation_loss").isMissingNode());
    double mean = 0;
    for (String band : List.of("0_199", "200_399", "400_599", "600_799", "800_999")) {
      mean += third.get("validation_loss_" + band).asDouble() / 5;
    }
    assertTrue(mean > 0);
    assertEquals(mean, third.get("validation_loss").asDouble(), 1e-9);

    Cli.run(with(command("diffusion", cut, more), "--steps", 3)).ok();
    Cli.run(with(with(command("diffusion", cut, more), "--steps", STEPS), "--resume")).ok();
    assertEquals(
        -1, Files.mismatch(whole.resolve("model.safetensors"), cut.resolve("model.safetensors")));
    for (int line : new int[] {2, 5}) {
      assertEquals(
          metrics(whole, line).get("validation_loss"), metrics(cut, line).get("validation_loss"));
    }
    refused(
        Cli.run(with(with(command("diffusion", cut, more), "--times", "uniform"), "--resume")),
        "belongs to another run: its objective is");
    refused(
        Cli.run(with(command("diffusion", folder.resolve("all"), more), "--holdout", 5)),
        "of 5 people 5 cannot be held out");
    Cli.run(with(command("diffusion", folder.resolve("all"), more), "--holdout", 1.5))
        .misused("--holdout");
    Cli.run(with(command("diffusion", folder.resolve("all"), more), "--times", "power"))
        .misused("logit-normal:M,S");
  }

  /** The recognizer's own contexts of the tiny faces. */
  private Path contextsOf(Path eyes) throws IOException {
    Path contexts = folder.resolve("contexts.npy");
    Cli.run("embed", "--faces", TinyModel.faces(), "--embedder", eyes, "--out", contexts).ok();
    return contexts;
  }

  @Test
  void aJudgeDrawsFacesToTheirPeople() throws IOException {
    Path eyes = recognizer(folder, 16, TinyModel.WIDTH);
    Path contexts = contextsOf(eyes);
    Path whole = folder.resolve("whole");
    Path cut = folder.resolve("cut");
    Object[] more = {
      "--contexts",
      contexts,
      "--judge",
      eyes,
      "--identity-every",
      2,
      "--identity-faces",
      3,
      "--holdout",
      4,
      "--validate-every",
      3,
      "--validate-steps",
      2,
      "--checkpoint-every",
      3,
      "--cycle",
      10
    };
    Cli.run(command("diffusion", whole, more)).ok();
    for (int line = 0; line < STEPS; line++) {
      JsonNode metrics = metrics(whole, line);
      assertEquals(line % 2 == 0, metrics.has("identity"), "step " + (line + 1));
      assertEquals(line % 3 == 2, metrics.has("adherence"), "step " + (line + 1));
    }
    JsonNode last = metrics(whole, STEPS - 1);
    double top = last.get("retrieval_top1").asDouble();
    double rank = last.get("retrieval_rank").asDouble();
    assertTrue(top >= 0 && top <= 1 && rank >= 1 && rank <= 4, last.toString());
    assertTrue(Math.abs(last.get("adherence").asDouble()) <= 1, last.toString());
    try (ModelFile model = ModelFile.open(whole.resolve("model.safetensors"));
        Safetensors usual = Safetensors.open(TinyModel.model());
        Safetensors file = Safetensors.open(whole.resolve("model.safetensors"))) {
      assertEquals("6", model.notes().get("faces"));
      assertEquals(usual.names(), file.names(), "the judge is no part of the model");
    }

    Cli.run(with(command("diffusion", cut, more), "--steps", 3)).ok();
    Cli.run(with(with(command("diffusion", cut, more), "--steps", STEPS), "--resume")).ok();
    assertEquals(
        -1, Files.mismatch(whole.resolve("model.safetensors"), cut.resolve("model.safetensors")));
    assertEquals(last.get("adherence"), metrics(cut, STEPS - 1).get("adherence"));

    Object[] other = command("diffusion", cut, more);
    refused(
        Cli.run(with(with(other, "--identity-every", 3), "--resume")), "belongs to another run");
    Object[] fresh = command("diffusion", folder.resolve("none"), more);
    Cli.run(with(fresh, "--judge", recognizer(folder, 16, 8)))
        .misused("have width 8, the contexts 512");
    refused(Cli.run(with(fresh, "--judge", recognizer(folder, 32, TinyModel.WIDTH))), "32 pixels");
    Path strangers = folder.resolve("strangers.npy");
    UniformContexts.of(TinyModel.FACES, TinyModel.WIDTH, 5).write(strangers);
    List<String> names = Contexts.read(contexts).names();
    new Contexts(names, vectors(strangers)).write(strangers);
    refused(Cli.run(with(fresh, "--contexts", strangers)), "not the judge's vectors");
    Cli.run(command("diffusion", folder.resolve("none"), "--judge", eyes))
        .misused("--judge needs --contexts");
    Cli.run(command("diffusion", folder.resolve("none"), "--validate-steps", 3))
        .misused("--validate-steps needs --judge FILE");
    Path none = folder.resolve("none");
    Cli.run(command("diffusion", none, "--judge", eyes, "--validate-faces", 3))
        .misused("--validate-faces needs --holdout SHARE|N");
    Cli.run(command("diffusion", none, "--validate-every", 3))
        .misused("--validate-every needs --holdout SHARE|N");
    refused(
        Cli.run(command("diffusion", none, "--autoencoder", "default")), "the autoencoder is Vq");
    Cli.run(with(with(fresh, "--identity-times"), "5")).misused("such as 0,600");
  }

  /** Its faces are smaller than the model's, its vectors as wide as its contexts. */
  @Test
  void anOnnxNetworkJudges() throws IOException {
    Path eyes = TinyOnnx.flatten(folder.resolve("eyes.onnx"), 1, 3, 8, 8);
    String tiny = ModelConfig.load("tiny").toJson();
    Path config = folder.resolve("c.json");
    Files.writeString(config, tiny.replace("\"context_input\":512", "\"context_input\":192"));
    Path out = folder.resolve("run");
    Object[] more = {
      "--config",
      config,
      "--contexts",
      contextsOf(eyes),
      "--judge",
      eyes,
      "--type",
      "bf16",
      "--holdout",
      .2,
      "--validate-every",
      2,
      "--validate-steps",
      2
    };
    Cli.run(with(command("diffusion", out, more), "--steps", 2)).ok();
    JsonNode last = metrics(out, 1);
    assertTrue(Math.abs(last.get("identity").asDouble()) <= 1, last.toString());
    assertTrue(Math.abs(last.get("adherence").asDouble()) <= 1, last.toString());
  }

  private static float[][] vectors(Path file) {
    Contexts contexts = Contexts.read(file);
    float[][] vectors = new float[contexts.size()][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = contexts.vector(i);
    }
    return vectors;
  }
}
