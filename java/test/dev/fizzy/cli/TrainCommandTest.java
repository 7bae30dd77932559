package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.identity.UniformContexts;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.rival.Ours;
import dev.fizzy.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training from the command line: killed, resumed, refused, gone wrong. */
class TrainCommandTest {
  private static final int STEPS = 6;

  @TempDir Path folder;

  private static Object[] command(String kind, Path out, Object... more) throws IOException {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "train",
                kind,
                "--faces",
                TinyModel.faces(),
                "--out",
                out,
                "--config",
                "tiny",
                "--batch",
                4,
                "--warmup",
                2,
                "--steps",
                STEPS,
                "--checkpoint-every",
                5,
                "--sample-every",
                0));
    if (kind.equals("diffusion")) {
      args.addAll(List.of("--autoencoder", TinyModel.autoencoder()));
    }
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

  private static List<Long> steps(Path out) throws IOException {
    List<Long> steps = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
      steps.add(new ObjectMapper().readTree(line).get("step").asLong());
    }
    return steps;
  }

  /** A run of its own process, killed as soon as its first checkpoint is there. */
  private void kill(Path out, Object... args) throws IOException, InterruptedException {
    Path checkpoint = out.resolve("checkpoint.safetensors");
    Cli.startUntil(() -> Files.exists(checkpoint), folder, Map.of(), args)
        .destroyForcibly()
        .waitFor();
  }

  /** A packed set gives the model that its folder gives. */
  @Test
  void packedSetsAreTrainedOnAsFolders() throws IOException {
    Path people = folder.resolve("people/one");
    Files.createDirectories(people);
    int number = 0;
    for (Path face :
        dev.fizzy.dataset.read.FaceFolder.open(TinyModel.faces()).names().stream()
            .map(TinyModel.faces()::resolve)
            .toList()) {
      Files.copy(face, people.resolve(String.format("%03d.png", number++)));
    }
    Path rec = folder.resolve("rec");
    Cli.run("export", people.getParent(), "--format", "recordio", "--out", rec).ok();
    byte[][] models = new byte[2][];
    for (int i = 0; i < 2; i++) {
      Path out = folder.resolve("out" + i);
      Path faces = i == 0 ? people.getParent() : rec;
      Cli.run(command("autoencoder", out, "--faces", faces)).ok();
      models[i] = Files.readAllBytes(out.resolve("autoencoder.safetensors"));
    }
    assertArrayEquals(models[0], models[1]);
  }

  @Test
  void aKilledRunGoesOnBitByBit() throws IOException, InterruptedException {
    for (String kind : List.of("diffusion", "autoencoder")) {
      Path whole = folder.resolve(kind + "-whole");
      Path cut = folder.resolve(kind + "-cut");
      // Many more steps than are needed, so that the kill finds it at work; the schedule's length
      // is
      // given, for it would follow from the steps.
      kill(cut, command(kind, cut, "--cycle", 30, "--steps", 1_000_000));
      long before = Long.parseLong(metadata(cut).get("step"));
      long end = before + 5;
      Cli.run(command(kind, whole, "--cycle", 30, "--steps", end)).ok();
      Cli.run(command(kind, cut, "--cycle", 30, "--steps", end, "--resume", "--sample-every", 1000))
          .ok();
      assertEquals(metadata(whole), metadata(cut));
      assertEquals(LongStream.rangeClosed(1, end).boxed().toList(), steps(cut), kind);
      String name = kind.equals("diffusion") ? "model.safetensors" : "autoencoder.safetensors";
      assertEquals(-1, Files.mismatch(whole.resolve(name), cut.resolve(name)));
      assertTrue(Files.exists(cut.resolve("samples").resolve(String.format("step-%07d.png", end))));
      assertFalse(Files.exists(whole.resolve("samples")), "grids without --sample-every");
    }
  }

  @Test
  void aSignalSavesACheckpointAndTellsHowToGoOn() throws Exception {
    Path out = folder.resolve("run");
    Object[] args =
        command("autoencoder", out, "--steps", 1_000_000, "--checkpoint-every", 900_000);
    for (int signal : ignoresInterrupts() ? new int[] {15} : new int[] {15, 2}) {
      Path metrics = out.resolve("metrics.jsonl");
      long before = Cli.lines(metrics);
      Process process =
          Cli.startUntil(() -> Cli.lines(metrics) > before + 1, folder, Map.of(), args);
      try {
        Cli.Result other = Cli.run(args);
        other.refused("another process is writing");
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      } finally {
        process.destroyForcibly();
      }
      String err = Files.readString(folder.resolve("stderr"));
      assertEquals(128 + signal, process.exitValue(), err);
      long saved = Long.parseLong(metadata(out).get("step"));
      assertTrue(err.contains("stopped after step " + saved) && err.contains(" --resume"), err);
      assertEquals(LongStream.rangeClosed(1, saved).boxed().toList(), steps(out));
      args = with(args, "--resume");
    }
    try (var files = Files.list(out)) {
      long runs = files.filter(f -> f.toString().contains("tfevents")).count();
      assertEquals(ignoresInterrupts() ? 1 : 2, runs);
    }
  }

  /** Whether SIGINT is ignored, as shells do for jobs in the background; children inherit it. */
  private static boolean ignoresInterrupts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  @Test
  void equalRunsWriteEqualFilesAndLeftoversGo() throws Exception {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    // The order of Java's maps differs from process to process.
    Cli.process(folder, Map.of(), command("diffusion", one)).ok();
    Path left = Files.createDirectory(two).resolve(".checkpoint.safetensors.999999999-1f.tmp");
    Files.createFile(left);
    Cli.process(folder, Map.of(), command("diffusion", two)).ok();
    for (String name :
        List.of("model.safetensors", "checkpoint.safetensors", "latents.safetensors")) {
      assertEquals(-1, Files.mismatch(one.resolve(name), two.resolve(name)), name);
    }
    assertFalse(Files.exists(left));
  }

  @Test
  void aRunKilledBehindItsLastCheckpointStillWritesTheModel() throws IOException {
    Path out = folder.resolve("run");
    Cli.run(command("diffusion", out)).ok();
    byte[] model = Files.readAllBytes(out.resolve("model.safetensors"));
    Files.delete(out.resolve("model.safetensors"));
    Cli.run(command("diffusion", out, "--resume")).ok();
    assertTrue(Arrays.equals(model, Files.readAllBytes(out.resolve("model.safetensors"))));
    assertEquals(STEPS, steps(out).size());
  }

  /** A recognizer for faces of the tiny autoencoder's size, with random weights. */
  private Path recognizer(int size) {
    return recognizer(size, 16);
  }

  private Path recognizer(int size, int width) {
    IResNetConfig config = new IResNetConfig("eyes", List.of(1, 1, 1, 1), 8, width, size, 0);
    Path file = folder.resolve("eyes" + size + "-" + width + ".safetensors");
    Graph g = Recorded.recognizer(config, 1);
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      Ours.randomize(parameters, 3);
      RecognizerFile.write(file, config, Safetensors.Type.F32, Map.of(), parameters);
    }
    return file;
  }

  @Test
  void theDecoderAloneLearnsByTheEyesOfARecognizer() throws IOException {
    Path out = folder.resolve("decoder");
    Path eyes = recognizer(16);
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
    unlike[Arrays.asList(unlike).indexOf(eyes)] = recognizer(32);
    refused(Cli.run(unlike), "faces of 32 pixels, the autoencoder makes 16");
    Cli.run(with(command("autoencoder", folder.resolve("none")), "--decoder-only"))
        .misused("name it with --from");
  }

  private static JsonNode metrics(Path out, int line) throws IOException {
    return new ObjectMapper().readTree(Files.readAllLines(out.resolve("metrics.jsonl")).get(line));
  }

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
    Path eyes = recognizer(16, TinyModel.WIDTH);
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
    Cli.run(with(fresh, "--judge", recognizer(16, 8))).misused("have width 8, the contexts 512");
    refused(Cli.run(with(fresh, "--judge", recognizer(32, TinyModel.WIDTH))), "32 pixels");
    Path strangers = folder.resolve("strangers.npy");
    UniformContexts.of(TinyModel.FACES, TinyModel.WIDTH, 5).write(strangers);
    List<String> names = Contexts.read(contexts).names();
    new Contexts(names, vectors(strangers)).write(strangers);
    refused(Cli.run(with(fresh, "--contexts", strangers)), "not the judge's vectors");
    Cli.run(command("diffusion", folder.resolve("none"), "--judge", eyes))
        .misused("--judge needs --contexts");
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

  private static Object[] with(Object[] args, String option, Object value) {
    Object[] all = args.clone();
    int there = Arrays.asList(all).indexOf(option);
    all[there + 1] = value;
    return all;
  }

  /** An exported recognizer sees what the recognizer sees. */
  @Test
  void anOnnxNetworkComparesFaces() throws IOException {
    Path eyes = recognizer(16);
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
            recognizer(16));
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
                recognizer(16),
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

  private static Object[] with(Object[] args, Object more) {
    Object[] all = Arrays.copyOf(args, args.length + 1);
    all[args.length] = more;
    return all;
  }

  @Test
  void startsFromTheWeightsOfAModel() throws IOException {
    for (String kind : List.of("diffusion", "autoencoder")) {
      Path first = folder.resolve(kind + "-first");
      Path second = folder.resolve(kind + "-second");
      String name = kind.equals("diffusion") ? "model.safetensors" : "autoencoder.safetensors";
      Cli.run(command(kind, first)).ok();
      Path model = first.resolve(name);
      Cli.run(command(kind, second, "--from", model, "--lr", 1e-12, "--steps", 1)).ok();
      try (Safetensors was = Safetensors.open(model);
          Safetensors is = Safetensors.open(second.resolve(name))) {
        for (String tensor : was.names()) {
          assertArrayEquals(was.floats(tensor), is.floats(tensor), 1e-9f, tensor);
        }
      }
    }
    refused(
        Cli.run(command("autoencoder", folder.resolve("third"), "--from", folder.resolve("none"))),
        "none");
  }

  @Test
  void aResumeMayChangeTheLearningRate() throws IOException {
    Path out = folder.resolve("run");
    Cli.run(command("autoencoder", out)).ok();
    Cli.run(command("autoencoder", out, "--lr", 3e-5, "--steps", STEPS + 1, "--resume")).ok();
    assertTrue(metadata(out).get("optimizer").contains("highest=3.0E-5"), metadata(out).toString());
  }

  private static void refused(Cli.Result result, String... parts) {
    assertEquals(1, result.code(), result.err());
    assertEquals(1, result.err().strip().lines().count(), result.err());
    for (String part : parts) {
      assertTrue(result.err().contains(part), result.err());
    }
  }

  @Test
  void anotherRunsCheckpointIsRefusedWithBothValues() throws IOException {
    Path out = folder.resolve("run");
    Cli.run(command("diffusion", out)).ok();
    byte[] kept = Files.readAllBytes(out.resolve("checkpoint.safetensors"));
    refused(Cli.run(command("diffusion", out)), "already contains a run", "--resume");
    refused(Cli.run(command("diffusion", out, "--resume", "--seed", 2)), "its seed is 1, now 2");
    refused(Cli.run(command("diffusion", out, "--resume", "--batch", 3)), "its batch is 4, now 3");
    refused(
        Cli.run(command("diffusion", out, "--resume", "--cpd", 0.5)),
        "its config is",
        "\"context_dropout\":0.25",
        "\"context_dropout\":0.5");
    refused(
        Cli.run(command("diffusion", out, "--resume", "--type", "bf16")),
        "its type is F32, now BF16");
    refused(
        Cli.run(command("autoencoder", out, "--resume", "--steps", 9)), "belongs to another run");
    refused(
        Cli.run(command("diffusion", folder.resolve("none"), "--resume")),
        "no checkpoint to resume");
    assertFalse(Files.exists(folder.resolve("none")));
    assertTrue(Arrays.equals(kept, Files.readAllBytes(out.resolve("checkpoint.safetensors"))));
  }

  @Test
  void theContextsBelongToTheRun() throws IOException {
    Path one = folder.resolve("one.npy");
    Path two = folder.resolve("two.npy");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < TinyModel.FACES; i++) {
      names.add("face" + i + ".png");
    }
    for (Path file : List.of(one, two)) {
      float[][] values = new float[TinyModel.FACES][TinyModel.WIDTH];
      for (int i = 0; i < values.length; i++) {
        values[i][i] = file == one ? 1 : -1;
      }
      new dev.fizzy.identity.Contexts(names, values).write(file);
    }
    Path out = folder.resolve("run");
    Cli.run(command("diffusion", out, "--contexts", one)).ok();
    refused(Cli.run(command("diffusion", out, "--contexts", two, "--resume")), "its contexts is");
    Cli.run(command("diffusion", out, "--contexts", one, "--resume", "--steps", 7)).ok();
    Path few = folder.resolve("few.npy");
    dev.fizzy.identity.Contexts.read(one).select(0, 1, 2).write(few);
    refused(
        Cli.run(command("diffusion", folder.resolve("other"), "--contexts", few)),
        "no context for 7 of 10 faces");
  }

  @Test
  void aDamagedCheckpointIsRefused() throws IOException {
    Path out = folder.resolve("run");
    Cli.run(command("diffusion", out)).ok();
    Path file = out.resolve("checkpoint.safetensors");
    Path latents = out.resolve("latents.safetensors");
    byte[] good = Files.readAllBytes(file);
    byte[] encoded = Files.readAllBytes(latents);
    int header =
        (int) java.nio.ByteBuffer.wrap(good).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
    int step =
        new String(good, 0, header, java.nio.charset.StandardCharsets.ISO_8859_1)
            .indexOf("\"step\":\"6\"");
    for (int at :
        new int[] {0, 9, step + 9, header / 2, header + 20, good.length / 2, good.length - 1}) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(file, bad);
      refused(Cli.run(command("diffusion", out, "--resume", "--steps", 8)), file.toString());
    }
    for (int length : new int[] {0, 7, header - 3, good.length - 1}) {
      Files.write(file, Arrays.copyOf(good, length));
      refused(Cli.run(command("diffusion", out, "--resume", "--steps", 8)), file.toString());
    }
    assertEquals(STEPS, steps(out).size());
    Files.write(file, good);
    encoded[encoded.length - 5] ^= 64;
    Files.write(latents, encoded);
    Cli.run(command("diffusion", out, "--resume", "--steps", 8)).ok();
    encoded[encoded.length - 5] ^= 64;
    assertTrue(
        Arrays.equals(encoded, Files.readAllBytes(latents)), "damaged latents are made again");
  }

  @Test
  void aLossThatIsNotANumberStopsWithTheStep() throws IOException {
    Path out = folder.resolve("run");
    Cli.Result result =
        Cli.run(
            command(
                "diffusion",
                out,
                "--lr",
                1e30,
                "--clip",
                0,
                "--checkpoint-every",
                1,
                "--steps",
                500));
    refused(result, "became", " at step ", "the last good checkpoint is ");
    long kept = Long.parseLong(metadata(out).get("step"));
    assertTrue(result.err().contains(" at step " + (kept + 1) + ";"), result.err() + kept);
    assertEquals(LongStream.rangeClosed(1, kept).boxed().toList(), steps(out));
    refused(
        Cli.run(command("diffusion", out, "--resume", "--steps", 500)), " at step " + (kept + 1));
    assertEquals(kept, Long.parseLong(metadata(out).get("step")));
  }

  @Test
  void badImagesAreSkippedAndCounted() throws IOException {
    Path faces = BadImages.mixed(folder.resolve("faces"));
    for (String kind : List.of("autoencoder", "diffusion")) {
      Cli.Result result =
          Cli.run(command(kind, folder.resolve(kind), "--faces", faces, "--steps", 2, "--json"));
      assertEquals(BadImages.GOOD, result.ok().json().get("faces").asInt(), kind);
      assertEquals(BadImages.BAD, result.json().get("skipped").asInt(), kind);
      assertEquals(2, steps(folder.resolve(kind)).size());
    }
  }

  @Test
  void numbersThatCannotBeAreRefusedBeforeAnythingIsRead() throws IOException {
    for (String option : List.of("--batch", "--steps", "--checkpoint-every", "--cycle")) {
      Cli.run(command("autoencoder", folder.resolve("run"), option, 0))
          .misused(option + " must be at least 1, not 0");
    }
    Cli.run(command("autoencoder", folder.resolve("run"), "--sample-every", -1))
        .misused("--sample-every must be at least 0, not -1");
    Cli.run(command("autoencoder", folder.resolve("run"), "--clip", "NaN")).misused("--clip");
    Cli.run(command("autoencoder", folder.resolve("run"), "--lr", "NaN")).misused("NaN");
    Cli.run(command("diffusion", folder.resolve("run"), "--cpd", 1.5)).misused("1.5");
    assertFalse(Files.exists(folder.resolve("run")));
    refused(
        Cli.run(command("diffusion", folder.resolve("run"), "--config", "face64-small")),
        "the configuration asks for");
  }
}
