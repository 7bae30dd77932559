package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.dataset.write.DatasetFormat;
import dev.fizzy.dataset.write.DatasetRun;
import dev.fizzy.dataset.write.DatasetWriter;
import dev.fizzy.dataset.write.ImageWriter;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Workers;
import dev.fizzy.generation.BestOf;
import dev.fizzy.generation.ChoiceLog;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.Generator;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.identity.UniformContexts;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.embedder.Preset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BestOfTest {
  private static final int IMAGES = 4;
  private static final int KEEP = 2;
  private static final int OF = 3;

  @TempDir Path folder;

  /** The first 512 bytes of a picture about their middle. */
  private static final Embedder PIXELS =
      new Embedder() {
        @Override
        public Preset preset() {
          return Preset.ALL.get(0);
        }

        @Override
        public int width() {
          return TinyModel.WIDTH;
        }

        @Override
        public int batch() {
          return 8;
        }

        @Override
        public float[][] features(List<Rgb> faces) {
          return faces.stream().map(BestOfTest::features).toArray(float[][]::new);
        }

        @Override
        public void close() {
          // holds nothing
        }
      };

  private static float[] features(Rgb face) {
    float[] values = new float[TinyModel.WIDTH];
    for (int k = 0; k < values.length; k++) {
      values[k] = (face.pixels()[k] & 0xff) - 127.5f;
    }
    return values;
  }

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double squares = 0;
    double others = 0;
    for (int k = 0; k < a.length; k++) {
      product += (double) a[k] * b[k];
      squares += (double) a[k] * a[k];
      others += (double) b[k] * b[k];
    }
    return product / Math.sqrt(squares * others);
  }

  private static Rgb image(Path set, int identity, int image) throws IOException {
    Path file = set.resolve(String.format("%06d/%05d.png", identity, image));
    return ImageDecoder.decode(Files.readAllBytes(file));
  }

  /** Draws the images of a shard, or the first {@code only} that are missing. */
  private void draw(Path out, Shard shard, int batch, int only) throws IOException {
    Contexts contexts = Contexts.read(TinyModel.contexts());
    DatasetRun run =
        new DatasetRun(9, "m", "c", "dpm++", 3, 1, 4, IMAGES, 16, "png", Map.of("keep", "2/3"));
    SamplingSettings settings =
        new SamplingSettings(Sampler.of("dpm++"), 3, 1, true, batch, DType.F32);
    try (ModelFile file = ModelFile.open(TinyModel.model());
        Workers<FaceSampler> samplers =
            Workers.on(
                List.of(Devices.CPU), 1, 2, device -> FaceSampler.open(device, file, settings));
        DatasetWriter writer =
            DatasetWriter.open(
                out,
                run,
                contexts.names(),
                ImageWriter.named("png"),
                DatasetFormat.FOLDER,
                shard,
                false,
                1)) {
      ChoiceLog log = new ChoiceLog(out.resolve("candidates" + shard.suffix() + ".jsonl"));
      BestOf best = new BestOf(ImageConditions.of(contexts), KEEP, OF, PIXELS, log);
      Generator[] work = new Generator[1];
      work[0] =
          new Generator(
              best,
              writer,
              9,
              done -> {
                if (done >= only) {
                  work[0].stop();
                }
              });
      work[0].run(samplers);
      log.finish();
    }
  }

  @Test
  void theNearestOfEachGroupAreKept() throws IOException {
    Path all = folder.resolve("all");
    Cli.run(
            "generate",
            "--contexts",
            TinyModel.contexts(),
            "--model",
            TinyModel.model(),
            "--seed",
            9,
            "--steps",
            3,
            "--type",
            "f32",
            "--images",
            IMAGES / KEEP * OF,
            "--out",
            all)
        .ok();
    Path best = folder.resolve("best");
    draw(best, Shard.ALL, 16, Integer.MAX_VALUE);
    Contexts contexts = Contexts.read(TinyModel.contexts());
    for (int identity = 0; identity < 4; identity++) {
      for (int group = 0; group < IMAGES / KEEP; group++) {
        double[] cosines = new double[OF];
        for (int i = 0; i < OF; i++) {
          float[] vector = features(image(all, identity, group * OF + i));
          cosines[i] = cosine(vector, contexts.vector(identity));
        }
        int worst =
            IntStream.range(0, OF).reduce((a, b) -> cosines[b] < cosines[a] ? b : a).getAsInt();
        int image = group * KEEP;
        for (int i = 0; i < OF; i++) {
          if (i != worst) {
            assertArrayEquals(
                image(all, identity, group * OF + i).pixels(),
                image(best, identity, image++).pixels());
          }
        }
      }
    }
    List<String> lines = Files.readAllLines(best.resolve("candidates.jsonl"));
    assertEquals(4 * IMAGES / KEEP, lines.size());
    JsonNode first = new ObjectMapper().readTree(lines.get(0));
    assertEquals("000000", first.get("identity").asText());
    assertEquals(KEEP, first.get("kept").size());
    assertEquals(OF, first.get("cosines").size());

    Path shards = folder.resolve("shards"); // of 6, 5 and 5 images: groups are cut
    for (int shard : new int[] {3, 1, 2}) {
      draw(shards, new Shard(shard, 3), 5, Integer.MAX_VALUE);
    }
    Path resumed = folder.resolve("resumed");
    draw(resumed, Shard.ALL, 3, 3);
    assertFalse(Files.exists(resumed.resolve("000003/00003.png")));
    Files.writeString(
        resumed.resolve("candidates.jsonl"),
        "{\"identity\":",
        java.nio.file.StandardOpenOption.APPEND);
    draw(resumed, Shard.ALL, 7, Integer.MAX_VALUE);
    assertEquals(lines, Files.readAllLines(resumed.resolve("candidates.jsonl")));
    for (int identity = 0; identity < 4; identity++) {
      for (int image = 0; image < IMAGES; image++) {
        byte[] wanted = image(best, identity, image).pixels();
        assertArrayEquals(wanted, image(shards, identity, image).pixels());
        assertArrayEquals(wanted, image(resumed, identity, image).pixels());
      }
    }
  }

  /** Every candidate costs as much as an image, whether or not it is kept. */
  @Test
  void evaluationsAreThoseOfAllCandidates() throws IOException {
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 4, 4);
    Path contexts = folder.resolve("c.npy");
    UniformContexts.of(1, 3 * 4 * 4, 5).write(contexts);
    double evaluations =
        Cli.run(
                "generate",
                "--contexts",
                contexts,
                "--model",
                TinyModel.model(),
                "--unconditional",
                "--steps",
                3,
                "--images",
                2,
                "--keep",
                "2/5",
                "--embedder",
                embedder,
                "--out",
                folder.resolve("kept"),
                "--json")
            .ok()
            .json()
            .get("evaluations")
            .asDouble();
    assertEquals(3 * 5 / 2., evaluations);
  }

  @Test
  void refusesWhatCannotBeKept() throws IOException {
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 4, 4);
    Path out = folder.resolve("out");
    Object[][] wrong = {
      {"9/8", "at least one candidate and fewer than it draws, such as 2/8, not 9/8"},
      {"0/8", "at least one candidate and fewer than it draws, such as 2/8, not 0/8"},
      {"2", "must be K/N, such as 2/8, not 2"},
      {"3/8", "--images must be a multiple of 3"},
    };
    for (Object[] each : wrong) {
      generate(out, "--keep", each[0], "--embedder", embedder).misused((String) each[1]);
    }
    generate(out, "--keep", "2/8").misused("--keep K/N needs --embedder FILE");
    generate(out, "--embedder", embedder).misused("--embedder needs --keep K/N");
    generate(out, "--feature", "x").misused("--feature needs --keep K/N");
    generate(out, "--keep", "2/8", "--embedder", embedder).refused("width 512", "e.onnx 48");
    assertFalse(Files.exists(out));
    assertTrue(Files.exists(embedder));
  }

  private Cli.Result generate(Path out, Object... more) throws IOException {
    Object[] first = {
      "generate",
      "--contexts",
      TinyModel.contexts(),
      "--model",
      TinyModel.model(),
      "--images",
      4,
      "--out",
      out
    };
    Object[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return Cli.run(all);
  }
}
