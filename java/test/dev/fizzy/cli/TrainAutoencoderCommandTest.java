package dev.fizzy.cli;

import static dev.fizzy.cli.TrainRuns.STEPS;
import static dev.fizzy.cli.TrainRuns.command;
import static dev.fizzy.cli.TrainRuns.metadata;
import static dev.fizzy.cli.TrainRuns.recognizer;
import static dev.fizzy.cli.TrainRuns.refused;
import static dev.fizzy.cli.TrainRuns.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses of an autoencoder: a network that compares faces, a discriminator, held-out faces. */
class TrainAutoencoderCommandTest {
  @TempDir Path folder;

  @Test
  void theDecoderAloneLearnsByTheEyesOfARecognizer() throws IOException {
    Path out = folder.resolve("decoder");
    Path eyes = recognizer(folder, 16);
    Object[] args =
        command(
            "autoencoder",
            out,
            "--from",
            TinyModel.autoencoder(),
            "--perceptual",
            eyes,
            "--seed",
            2);
    Cli.run(with(args, "--decoder-only")).ok();
    try (Safetensors was = Safetensors.open(TinyModel.autoencoder());
        Safetensors is = Safetensors.open(out.resolve("autoencoder.safetensors"))) {
      assertEquals(was.names(), is.names());
      for (String name : was.names()) {
        boolean learns = name.startsWith("decoder.") || name.startsWith("post_quant_conv.");
        boolean same = Arrays.equals(was.floats(name), is.floats(name));
        assertEquals(!learns, same, name);
      }
    }
    JsonNode first =
        new ObjectMapper().readTree(Files.readAllLines(out.resolve("metrics.jsonl")).get(0));
    double perceptual = first.get("perceptual").asDouble();
    assertTrue(perceptual > 0 && perceptual < 20, () -> "perceptual loss " + perceptual);
    assertEquals(first.get("l1").asDouble() + .1 * perceptual, first.get("loss").asDouble(), 1e-5);
    Object[] unlike = with(args, "--resume");
    refused(Cli.run(unlike), "belongs to another run");
    unlike[Arrays.asList(unlike).indexOf(eyes)] = recognizer(folder, 32);
    refused(Cli.run(unlike), "faces of 32 pixels, the autoencoder makes 16");
    Cli.run(with(command("autoencoder", folder.resolve("none")), "--decoder-only"))
        .misused("name it with --from");
  }

  /** An exported recognizer sees what the recognizer sees. */
  @Test
  void anOnnxNetworkComparesFaces() throws IOException {
    Path eyes = recognizer(folder, 16);
    Path onnx = folder.resolve("eyes.onnx");
    Cli.run("model", "export", "--model", eyes, "--out", onnx).ok();
    JsonNode[] first = new JsonNode[3];
    for (int i = 0; i < 3; i++) {
      Path out = folder.resolve("by" + i);
      List<Object> args =
          new ArrayList<>(
              List.of(
                  command(
                      "autoencoder",
                      out,
                      "--steps",
                      1,
                      "--perceptual",
                      i == 0 ? eyes : onnx,
                      "--identity-weight",
                      .5)));
      if (i == 2) {
        args.addAll(List.of("--perceptual-layers", "y"));
      }
      Cli.run(args.toArray()).ok();
      first[i] =
          new ObjectMapper().readTree(Files.readAllLines(out.resolve("metrics.jsonl")).get(0));
    }
    double identity = first[0].get("identity").asDouble();
    double perceptual = first[1].get("perceptual").asDouble();
    assertEquals(identity, first[1].get("identity").asDouble(), 1e-3 * identity);
    assertTrue(perceptual > 0 && perceptual < 24, () -> "perceptual loss " + perceptual);
    assertEquals(
        first[1].get("l1").asDouble()
            + first[1].get("quantization").asDouble()
            + .1 * perceptual
            + .5 * first[1].get("identity").asDouble(),
        first[1].get("loss").asDouble(),
        1e-5);
    // The embedding as a map and as the embedding, each twice 1 - the cosine.
    assertEquals(4 * identity, first[2].get("perceptual").asDouble(), 4e-3 * identity);
    Path out = folder.resolve("none");
    Cli.run(command("autoencoder", out, "--identity-weight", 1))
        .misused("--identity-weight needs a network: name it with --perceptual");
    refused(
        Cli.run(command("autoencoder", out, "--perceptual", eyes, "--perceptual-layers", "x")),
        "have no names");
    refused(
        Cli.run(command("autoencoder", out, "--perceptual", onnx, "--perceptual-layers", "z")),
        "computes no value z");
  }

  private Object[] adversarial(Path out, Object... more) throws IOException {
    Object[] args =
        command(
            "autoencoder",
            out,
            "--adversarial",
            .8,
            "--adversarial-from",
            3,
            "--discriminator-channels",
            8,
            "--discriminator-layers",
            2,
            "--cycle",
            30);
    List<Object> all = new ArrayList<>(List.of(args));
    all.addAll(List.of(more));
    return all.toArray();
  }

  private static float[] discriminator(Path out) {
    try (Safetensors file = Safetensors.open(out.resolve("checkpoint.safetensors"))) {
      return file.floats("values/loss.discriminator.main.2.weight");
    }
  }

  /** Stopped before the discriminator begins, at that step and behind it. */
  @Test
  void anAdversarialTrainingGoesOnBitByBit() throws IOException {
    Path whole = folder.resolve("whole");
    Cli.run(adversarial(whole)).ok();
    List<String> lines = Files.readAllLines(whole.resolve("metrics.jsonl"));
    JsonNode before = new ObjectMapper().readTree(lines.get(2));
    JsonNode first = new ObjectMapper().readTree(lines.get(3));
    assertFalse(before.has("discriminator") || before.has("discriminator_gradient_norm"));
    assertEquals(1, first.get("discriminator").asDouble(), .2, "an untrained one knows nothing");
    assertTrue(first.get("adaptive_weight").asDouble() > 0);
    double sum =
        first.get("l1").asDouble()
            + first.get("quantization").asDouble()
            + first.get("adaptive_weight").asDouble() * first.get("adversarial").asDouble();
    assertEquals(sum, first.get("loss").asDouble(), 1e-4 * Math.abs(sum));
    float[] untrained = null;
    for (int stop : new int[] {2, 3, 5}) {
      Path cut = folder.resolve("cut" + stop);
      Object[] args = adversarial(cut);
      args[Arrays.asList(args).indexOf("--steps") + 1] = stop;
      Cli.run(args).ok();
      float[] judge = discriminator(cut);
      untrained = untrained == null ? judge : untrained;
      assertEquals(stop > 3, !Arrays.equals(untrained, judge), "whether it has learned");
      Cli.run(adversarial(cut, "--resume")).ok();
      assertEquals(metadata(whole), metadata(cut));
      String name = "autoencoder.safetensors";
      assertEquals(-1, Files.mismatch(whole.resolve(name), cut.resolve(name)));
    }
    try (Safetensors model = Safetensors.open(whole.resolve("autoencoder.safetensors"))) {
      assertTrue(model.names().stream().noneMatch(n -> n.contains("discriminator")));
    }
    refused(Cli.run(command("autoencoder", whole, "--resume")), "adversarial loss", "now default");
    // Until the discriminator begins, the training is that without it.
    Path plain = folder.resolve("plain");
    Cli.run(command("autoencoder", plain, "--cycle", 30)).ok();
    for (int step = 0; step < 3; step++) {
      String[] pair = new String[2];
      int i = 0;
      for (Path run : List.of(whole, plain)) {
        String line = Files.readAllLines(run.resolve("metrics.jsonl")).get(step);
        pair[i++] = new ObjectMapper().readTree(line).get("gradient_norm").asText();
      }
      assertEquals(pair[0], pair[1]);
    }
  }

  @Test
  void theRoundTripOfHeldOutFacesIsMeasured() throws IOException {
    Path out = folder.resolve("run");
    Object[] args =
        command(
            "autoencoder",
            out,
            "--holdout",
            3,
            "--sample-every",
            2,
            "--perceptual",
            recognizer(folder, 16));
    Cli.run(args).ok();
    List<String> lines = Files.readAllLines(out.resolve("metrics.jsonl"));
    for (int step = 1; step <= STEPS; step++) {
      JsonNode line = new ObjectMapper().readTree(lines.get(step - 1));
      assertEquals(step % 2 == 0, line.has("held_out_psnr"), line.toString());
    }
    JsonNode last = new ObjectMapper().readTree(lines.get(STEPS - 1));
    double cosine = last.get("held_out_cosine").asDouble();
    assertTrue(cosine > -1 && cosine < 1, last.toString());
    int used = last.get("held_out_codes_used").asInt();
    double perplexity = last.get("held_out_codes_perplexity").asDouble();
    assertTrue(perplexity >= 1 && perplexity <= used && used <= 32, last.toString());

    // As `evaluate autoencoder` measures the model on the same faces.
    Path held = Files.createDirectory(folder.resolve("held"));
    List<String> names = dev.fizzy.dataset.read.FaceFolder.open(TinyModel.faces()).names();
    for (String name : names.subList(TinyModel.FACES - 3, TinyModel.FACES)) {
      Files.copy(TinyModel.faces().resolve(name), held.resolve(name));
    }
    JsonNode whole =
        Cli.run(
                "evaluate",
                "autoencoder",
                "--model",
                out.resolve("autoencoder.safetensors"),
                "--data",
                held,
                "--embedder",
                recognizer(folder, 16),
                "--json")
            .ok()
            .json();
    assertEquals(whole.get("psnr").asDouble(), last.get("held_out_psnr").asDouble(), 1e-9);
    assertEquals(whole.get("l1").asDouble(), last.get("held_out_l1").asDouble(), 1e-9);
    assertEquals(whole.get("codes_perplexity").asDouble(), perplexity, 1e-9);
    assertEquals("7", metadata(out).get("faces"));
    refused(
        Cli.run(command("autoencoder", folder.resolve("all"), "--holdout", 10)),
        "--holdout 10 leaves nothing to train on");
  }

  @Test
  void adversarialOptionsThatDoNotFit() throws IOException {
    Path out = folder.resolve("run");
    Cli.run(command("autoencoder", out, "--adversarial-from", 3))
        .misused("--adversarial-from needs the adversarial loss: give --adversarial");
    Cli.run(command("autoencoder", out, "--adversarial", 0)).misused("--adversarial");
    refused(
        Cli.run(command("autoencoder", out, "--adversarial", 1)),
        "images of 16 pixels are too small for a discriminator of 3 layers");
    refused(
        Cli.run(command("autoencoder", out, "--adversarial", 1, "--discriminator-channels", 12)),
        "12 channels: give a multiple of 8");
    assertFalse(Files.exists(out));
  }
}
