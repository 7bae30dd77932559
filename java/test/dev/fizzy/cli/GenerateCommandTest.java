package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.file.Sha256;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.UniformContexts;
import dev.fizzy.weights.Npy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** A data set has the same bytes however it is made. */
class GenerateCommandTest {
  private static final int IDENTITIES = 4;
  private static final int IMAGES = 5;

  @TempDir Path folder;

  private Object[] command(Path out, Object... more) throws IOException {
    return command(out, TinyModel.contexts(), more);
  }

  private static Object[] command(Path out, Path contexts, Object... more) throws IOException {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "generate",
                "--contexts",
                contexts,
                "--model",
                TinyModel.model(),
                "--seed",
                9,
                "--out",
                out));
    args.addAll(Arrays.asList(more));
    for (String[] given : new String[][] {{"--images", "" + IMAGES}, {"--steps", "3"}}) {
      if (!args.contains(given[0])) {
        args.addAll(List.of(given[0], given[1]));
      }
    }
    return args.toArray();
  }

  /** Path to checksum of every image, which the manifests must list once each. */
  private static Map<String, String> images(Path root) throws IOException {
    Map<String, String> images = new TreeMap<>();
    Map<String, String> listed = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        assertFalse(name.startsWith("."), "left behind: " + file);
        if (name.endsWith(".jsonl")) {
          for (String line : Files.readAllLines(file)) {
            JsonNode image = new ObjectMapper().readTree(line);
            String path = image.get("path").asText();
            assertEquals(null, listed.put(path, image.get("sha256").asText()), path + " twice");
          }
        } else if (!name.startsWith("manifest")) {
          images.put(root.relativize(file).toString(), Sha256.of(file));
        }
      }
    }
    assertEquals(images, listed);
    return images;
  }

  private Map<String, String> generated(String name, Object... more) throws IOException {
    Path out = folder.resolve(name);
    Cli.run(command(out, more)).ok();
    return images(out);
  }

  @Test
  void anImageDoesNotDependOnHowItIsMade() throws IOException, InterruptedException {
    Map<String, String> whole = generated("whole", "--batch", 16);
    assertEquals(IDENTITIES * IMAGES, whole.size());
    assertEquals(IDENTITIES * IMAGES, whole.values().stream().distinct().count());
    assertTrue(whole.containsKey("000003/00004.png"), whole.toString());
    assertEquals(whole, generated("one", "--batch", 1, "--threads", 1));
    assertEquals(whole, generated("three", "--batch", 3, "--threads", 3));
    assertEquals(
        -1,
        Files.mismatch(
            folder.resolve("one/manifest.jsonl"), folder.resolve("three/manifest.jsonl")));
    assertEquals(whole, generated("two", "--threads", 2));
    assertEquals(whole, generated("more", "--threads", 4, "--batch", 3));
    for (int threads : new int[] {1, 3, 9}) { // 4 images
      Map<String, String> few = new TreeMap<>(whole);
      few.keySet().removeIf(name -> !name.endsWith("00000.png"));
      assertEquals(few, generated("few" + threads, "--images", 1, "--threads", threads));
    }
    String type = TinyModel.type();
    generated("shards", "--batch", 3, "--shard", "2/2", "--type", type);
    assertEquals(whole, generated("shards", "--batch", 4, "--shard", "1/2", "--type", type));
    for (String threads : List.of("1", "2")) {
      Path out = folder.resolve("omp" + threads);
      Cli.Result result =
          Cli.process(
              folder, Map.of("OMP_NUM_THREADS", threads), command(out, "--batch", 7, "--json"));
      assertEquals(IDENTITIES * IMAGES, result.ok().json().get("images").asInt());
      assertTrue(result.err().contains("generate"), result.err());
      assertEquals(whole, images(out));
    }
  }

  @Test
  void whatSamplerTypeAndGuidanceDrawDoesNotDependOnTheBatch() throws IOException {
    List<Object[]> ways =
        List.of(
            new Object[] {"--sampler", "ddpm"},
            new Object[] {"--sampler", "ddim"},
            new Object[] {"--sampler", "ddim:0.5"},
            new Object[] {"--guidance", 2},
            new Object[] {"--unconditional"},
            new Object[] {"--type", TinyModel.type().equals("F32") ? "bf16" : "f32"});
    List<Map<String, String>> all = new ArrayList<>();
    all.add(generated("plain", "--images", 2));
    for (Object[] way : ways) {
      String name = "way" + all.size();
      List<Object> more = new ArrayList<>(Arrays.asList(way));
      more.addAll(List.of("--images", 2));
      Map<String, String> images = generated(name, more.toArray());
      more.addAll(List.of("--batch", 3));
      assertEquals(
          images, generated(name + "-3", more.toArray()), String.join(" ", Arrays.toString(way)));
      assertFalse(all.contains(images), () -> Arrays.toString(way) + " changes nothing");
      all.add(images);
    }
  }

  @Test
  void unconditionalSamplesDoNotLookAtTheContexts() throws IOException {
    Path other = folder.resolve("other.npy");
    UniformContexts.of(IDENTITIES, TinyModel.WIDTH, 77).write(other);
    Path out = folder.resolve("other");
    Cli.run(command(out, other, "--unconditional")).ok();
    assertEquals(generated("plain", "--unconditional"), images(out));
    Path conditional = folder.resolve("conditional");
    Cli.run(command(conditional, other)).ok();
    assertNotEquals(images(conditional), generated("first"));
  }

  @Test
  void aKilledProcessIsTakenUpWhereItStopped() throws IOException, InterruptedException {
    Path out = folder.resolve("cut");
    // So many that the kill finds the process at work.
    Object[] args = command(out, "--images", 200, "--batch", 4, "--steps", 3);
    Path manifest = out.resolve("manifest.jsonl");
    Map<String, String> threads = Map.of("FIZZY_THREADS", "3");
    Cli.startUntil(() -> Cli.lines(manifest) > 5, folder, threads, args)
        .destroyForcibly()
        .waitFor();
    Cli.Result result = Cli.run(command(out, "--images", 200, "--batch", 16, "--json"));
    int before = result.ok().json().get("images_before").asInt();
    assertTrue(before > 5 && before < 800, before + " were there before");
    assertEquals(800 - before, result.json().get("images").asInt());
    assertEquals(generated("whole", "--images", 200), images(out));
    assertEquals(
        0, Cli.run(command(out, "--images", 200, "--json")).ok().json().get("images").asInt());
  }

  @Test
  void jpegAndPngSayThatTheyAreSynthetic() throws IOException {
    Map<String, String> jpeg = generated("jpeg", "--encoding", "jpeg:90");
    assertEquals(jpeg, generated("again", "--encoding", "jpeg:90", "--batch", 3));
    generated("png", "--images", 1);
    for (String file : List.of("jpeg/000001/00002.jpg", "png/000001/00000.png")) {
      String bytes = Files.readString(folder.resolve(file), StandardCharsets.ISO_8859_1);
      assertTrue(bytes.contains("trainedAlgorithmicMedia"), file);
    }
    JsonNode manifest = new ObjectMapper().readTree(folder.resolve("jpeg/manifest.json").toFile());
    assertEquals("synthetic", manifest.get("origin").asText());
    assertEquals(9, manifest.get("seed").asInt());
    assertEquals("jpeg 90", manifest.get("imageFormat").asText());
  }

  private static void refused(Object[] args, String... parts) {
    Cli.run(args).refused(parts);
  }

  private static void misused(Object[] args, String... parts) {
    Cli.run(args).misused(parts);
  }

  @Test
  void theFolderOfAnotherRunIsRefused() throws IOException {
    Map<String, String> images = generated("data", "--images", 1);
    Path out = folder.resolve("data");
    refused(command(out, "--images", 2), "another run", "is 1", "is 2");
    refused(command(out, "--images", 1, "--guidance", 2), "another run", "1.0", "2.0");
    refused(command(out, "--images", 1, "--unconditional"), "another run");
    refused(command(out, "--images", 1, "--encoding", "jpeg"), "another run", "jpeg 95");
    assertEquals(images, images(out));
  }

  /** A set is not continued with images whose bits differ from those that it has. */
  @Test
  void aSetOfAVersionWithOtherBitsIsRefused() throws IOException {
    Path out = folder.resolve("data");
    Object[] command = command(out, "--images", 1, "--steps", 1);
    Cli.run(command).ok();
    Path file = out.resolve("manifest.json");
    ObjectNode manifest = (ObjectNode) new ObjectMapper().readTree(file.toFile());
    String since = manifest.get("bitsSince").asText();
    Files.writeString(file, manifest.put("bitsSince", "2026-01-02").toString());
    refused(command, "computes other bits, of \"2026-01-02\"", "finish it with that version");
    manifest.remove("bitsSince");
    Files.writeString(file, manifest.toString());
    refused(command, "computes other bits, before the change of \"" + since + "\"");
  }

  /** A set without a spacing was drawn at all times: it is continued with --spacing full. */
  @Test
  void aSetWithoutASpacingNeedsTheFullOne() throws IOException {
    Path out = folder.resolve("data");
    Object[] full = command(out, "--images", 1, "--steps", 2, "--spacing", "full");
    Cli.run(full).ok();
    JsonNode settings =
        new ObjectMapper().readTree(out.resolve("manifest.json").toFile()).get("settings");
    assertTrue(settings.path("spacing").isMissingNode(), settings.toString());
    Cli.run(full).ok();
    refused(
        command(out, "--images", 1, "--steps", 2),
        "another run",
        "settings.spacing is missing, this run's is \"clipped\"");
    Cli.run(command(folder.resolve("n"), "--images", 1, "--sampler", "ddim", "--spacing", "full"))
        .misused("--spacing is for dpm++ and unipc, not ddim");
  }

  /** A worker would refuse it as if it were of the command line. */
  @Test
  void workersGetTheUsersSpacingOnlyIfTheirSamplerHasOne() throws IOException {
    for (String sampler : List.of("ddim", "dpm++")) {
      String[] args =
          Stream.of(command(folder.resolve("data"), "--sampler", sampler, "--type", "f32"))
              .map(Object::toString)
              .toArray(String[]::new);
      CommandLine line = Fizzy.commandLine(args);
      line.setDefaultValueProvider(
          arg -> OptionTypes.name(arg).equals("--spacing") ? "full" : null);
      CommandSpec spec = line.parseArgs(args).subcommand().commandSpec();
      SamplingOptions driver = ((GenerateCommand) spec.userObject()).sampling();
      try (SamplingOptions.Opened model = driver.open(List.of("cpu"))) {
        List<String> sent = new ArrayList<>(GenerateOnCluster.arguments(spec, model.choice(), 1));
        sent.add("--model=" + TinyModel.model());
        sent.add("--contexts=" + TinyModel.contexts());
        SamplingOptions worker = Resent.parsed(sent, GenerateCommand.class).sampling();
        try (SamplingOptions.Opened again = worker.open(List.of("cpu"))) {
          assertEquals(model.choice(), again.choice());
        }
      }
    }
  }

  @Test
  void whatCannotBeDrawnIsRefusedAndNothingIsWritten() throws IOException {
    Path out = folder.resolve("data");
    Path narrow = folder.resolve("narrow.npy");
    UniformContexts.of(2, 64, 1).write(narrow);
    refused(command(out, narrow), "width 64", "512");
    float[][] values = new float[2][TinyModel.WIDTH];
    values[1][7] = Float.NaN;
    Path broken = folder.resolve("broken.npy");
    Npy.of(values).write(broken);
    refused(command(out, broken), "000001", "NaN", "element 7");
    misused(command(out, "--images", 0), "--images must be at least 1, not 0");
    misused(command(out, "--batch", 0), "--batch must be from 1 to 4096, not 0");
    misused(command(out, "--steps", 0), "not 0");
    misused(command(out, "--sampler", "ddim", "--steps", 1001), "1..1000, not 1001");
    misused(command(out, "--sampler", "euler"), "no sampler euler");
    misused(command(out, "--sampler", "ddim:x"), "ddim takes a number after the colon, not x");
    misused(command(out, "--sampler", "ddim:NaN"), "NaN");
    misused(command(out, "--guidance", "NaN"), "--guidance must be a finite number, not NaN");
    misused(command(out, "--guidance", 2, "--unconditional"), "--unconditional", "2");
    misused(command(out, "--shard", "3/2"), "3/2");
    misused(command(out, "--encoding", "bmp"), "bmp");
    misused(command(out, "--encoding", "jpeg:101"), "101");
    assertFalse(Files.exists(out));
  }

  @Test
  void aDamagedModelIsRefusedWhateverByteIsFlipped() throws IOException {
    byte[] good = Files.readAllBytes(TinyModel.model());
    Path bad = folder.resolve("bad.safetensors");
    Path out = folder.resolve("grid.png");
    java.util.Random random = new java.util.Random(1);
    int header =
        (int) java.nio.ByteBuffer.wrap(good).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
    for (int n = 0; n < 60; n++) {
      int at = random.nextInt(n % 2 == 0 ? header + 8 : good.length);
      byte[] flipped = good.clone();
      flipped[at] ^= 1 << random.nextInt(7);
      Files.write(bad, flipped);
      Cli.Result result =
          Cli.run(
              "sample",
              "--contexts",
              TinyModel.contexts(),
              "--model",
              bad,
              "--images",
              1,
              "--steps",
              1,
              "--out",
              out);
      assertEquals(1, result.code(), "byte " + at + ": " + result.err());
      assertEquals(1, result.err().strip().lines().count(), result.err());
    }
    for (int length : new int[] {0, 4, header / 2, good.length - 1}) {
      Files.write(bad, Arrays.copyOf(good, length));
      refused(
          new Object[] {"sample", "--contexts", TinyModel.contexts(), "--model", bad, "--out", out},
          bad.toString());
    }
    refused(
        new Object[] {
          "sample",
          "--contexts",
          TinyModel.contexts(),
          "--model",
          TinyModel.contexts(),
          "--out",
          out
        },
        TinyModel.contexts().toString());
    assertFalse(Files.exists(out));
  }

  @Test
  void contextsOfAFolderOfFacesBecomeNumberedFolders() throws IOException {
    Contexts all = Contexts.read(TinyModel.contexts());
    Path named = folder.resolve("named.safetensors");
    new Contexts(List.of("anna/1.png", "../ben.png"), new float[][] {all.vector(0), all.vector(1)})
        .write(named);
    Path out = folder.resolve("data");
    Cli.run(command(out, named, "--images", 1)).ok();
    assertEquals(
        List.of("000000/00000.png", "000001/00000.png"), List.copyOf(images(out).keySet()));
  }
}
