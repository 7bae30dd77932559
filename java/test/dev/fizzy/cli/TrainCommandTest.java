package dev.fizzy.cli;

import static dev.fizzy.cli.TrainRuns.STEPS;
import static dev.fizzy.cli.TrainRuns.command;
import static dev.fizzy.cli.TrainRuns.metadata;
import static dev.fizzy.cli.TrainRuns.refused;
import static dev.fizzy.cli.TrainRuns.steps;
import static dev.fizzy.cli.TrainRuns.with;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Trainings that are killed, resumed, refused or go wrong. */
class TrainCommandTest {
  @TempDir Path folder;

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
