package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.identity.UniformContexts;
import dev.fizzy.weights.Npy;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.TensorDigest;
import dev.fizzy.weights.TorchZip;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that draw nothing, files that are no models, and the types that models are written in. */
class ModelFilesTest {
  private static final String MATRIX = "down.0.res.conv1.weight";

  @TempDir Path folder;

  private static void refused(Cli.Result result, String... parts) {
    assertEquals(1, result.code(), result.err());
    assertEquals(1, result.err().strip().lines().filter(l -> l.startsWith("fizzy: ")).count());
    for (String part : parts) {
      assertTrue(result.err().contains(part), result.err());
    }
  }

  private Cli.Result generate(Path model, Path contexts, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("generate", "--model", model));
    args.addAll(List.of("--contexts", contexts, "--images", 2, "--steps", 3));
    args.addAll(List.of("--out", Files.createTempDirectory(folder, "data")));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private void nothingIsDrawn() throws IOException {
    try (var files = Files.walk(folder)) {
      assertEquals(0, files.filter(f -> f.toString().endsWith(".png")).count());
    }
  }

  /** The model of the tests with one weight changed, and a checksum that fits. */
  private Path model(float weight) throws IOException {
    return changed("image_proj.weight", weight);
  }

  /**
   * @param weight null to leave out the tensor
   */
  private Path changed(String tensor, Float weight) throws IOException {
    Path file = folder.resolve("changed.safetensors");
    try (Safetensors in = Safetensors.open(TinyModel.model())) {
      TensorDigest digest = new TensorDigest();
      List<Safetensors.Entry> entries = new ArrayList<>();
      for (String name : in.names().stream().sorted().toList()) {
        float[] values = in.floats(name);
        if (name.equals(tensor) && weight == null) {
          continue;
        }
        if (name.equals(tensor)) {
          values[Math.min(5, values.length - 1)] = weight;
        }
        digest.add(name, values);
        entries.add(Safetensors.Entry.f32(name, values, in.shape(name)));
      }
      Map<String, String> metadata = new TreeMap<>(in.metadata());
      metadata.put("sha256", digest.hex());
      metadata.put(TensorDigest.METADATA, TensorDigest.of(metadata));
      Safetensors.write(file, metadata, entries);
    }
    return file;
  }

  /** A data set of equal pictures, done with exit code 0, would be the worst of all outcomes. */
  @Test
  void whatRunsAwayEndsTheRun() throws IOException {
    refused(
        generate(TinyModel.model(), TinyModel.contexts(), "--guidance", 1e30),
        "has the latent",
        "guidance weight");
    nothingIsDrawn();
    float[] far = new UniformContexts(TinyModel.WIDTH).vector(5, 0);
    far[3] = 1e38f;
    Path contexts = folder.resolve("far.npy");
    Npy.of(new float[][] {far}).write(contexts);
    refused(generate(TinyModel.model(), contexts), "000000", "1.0E38 at element 3");
    refused(generate(model(1e38f), TinyModel.contexts()), "has the latent", "weights");
    nothingIsDrawn();
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      refused(
          generate(model(bad), TinyModel.contexts()),
          "the weight image_proj.weight is not finite: element 5 is " + bad);
    }
  }

  @Test
  void whatNoMemoryHoldsIsRefusedBeforeItIsMade() throws IOException {
    refused(
        Cli.run(
            "sample",
            "--model",
            TinyModel.model(),
            "--contexts",
            TinyModel.contexts(),
            "--images",
            100_000_000,
            "--out",
            folder.resolve("g.png")),
        "has more pixels");
    generate(TinyModel.model(), TinyModel.contexts(), "--batch", 1_000_000_000).misused("4096");
    refused(
        Cli.run("contexts", "uniform", "--count", 2_000_000_000, "--out", folder.resolve("c.npy")),
        "Java may use");
  }

  @Test
  void checkpointsOfOthersAreForImport() throws IOException {
    Path torch = new TorchZip().add("w", new float[1], 1).write(folder.resolve("x.pth"));
    refused(generate(torch, TinyModel.contexts()), "is a PyTorch file", "`fizzy import " + torch);
    Path out = folder.resolve("c.npy");
    refused(
        Cli.run("embed", "--faces", TinyModel.faces(), "--embedder", torch, "--out", out),
        "is a PyTorch file",
        "`fizzy import " + torch);
    Path plain = folder.resolve("plain.safetensors");
    Safetensors.write(plain, Map.of(), List.of(Safetensors.Entry.f32("w", new float[1], 1)));
    refused(generate(plain, TinyModel.contexts()), "`fizzy import " + plain);
    Path pointer = folder.resolve("model.safetensors");
    Files.writeString(pointer, "version https://git-lfs.github.com/spec/v1\noid sha256:a\n");
    refused(generate(pointer, TinyModel.contexts()), "git lfs pull");
    refused(
        Cli.run("embed", "--faces", TinyModel.faces(), "--embedder", pointer, "--out", out),
        "git lfs pull");
    Files.writeString(pointer, "<!DOCTYPE html><html>");
    refused(generate(pointer, TinyModel.contexts()), "is a web page");
    nothingIsDrawn();
  }

  private static String type(Path model, String tensor) {
    try (Safetensors in = Safetensors.open(model)) {
      return in.type(tensor).name();
    }
  }

  @Test
  void trainingsWriteTheTypeAskedFor() throws IOException {
    assertEquals("BF16", type(TinyModel.model(), "decoder.conv_in.weight"));
    assertEquals("F32", type(TinyModel.autoencoder(), "decoder.conv_in.weight"));
    Map<String, String> other = Map.of("diffusion", "int8", "autoencoder", "bf16");
    for (String kind : other.keySet()) {
      Path out = folder.resolve(kind);
      List<Object> args = new ArrayList<>(List.of("train", kind, "--faces", TinyModel.faces()));
      args.addAll(List.of("--out", out, "--config", "tiny", "--batch", 2, "--steps", 1));
      args.addAll(List.of("--weights", other.get(kind), "--json"));
      if (kind.equals("diffusion")) {
        args.addAll(List.of("--autoencoder", TinyModel.autoencoder()));
      }
      JsonNode result = Cli.run(args.toArray()).ok().json();
      assertEquals(other.get(kind), result.get("weights").asText());
      Path model = Path.of(result.get("model").asText());
      assertEquals("BF16", type(model, "decoder.conv_in.weight"));
      if (kind.equals("diffusion")) {
        assertEquals("I8", type(model, MATRIX));
        assertEquals("BF16", type(model, "image_proj.bias"));
      }
    }
    Cli.Result wrong =
        Cli.run("train", "diffusion", "--faces", "f", "--out", "o", "--weights", "f16");
    assertEquals(2, wrong.code(), wrong.err());
    for (String kind : List.of("autoencoder", "recognizer")) {
      String set = kind.equals("recognizer") ? "--data" : "--faces";
      Cli.run(
              "train",
              kind,
              set,
              TinyModel.faces(),
              "--out",
              folder.resolve("n"),
              "--weights",
              "int8")
          .misused("int8");
    }
  }

  private static String format(Path model) {
    try (Safetensors in = Safetensors.open(model)) {
      return in.metadata().get("format");
    }
  }

  private Path converted(Path model, String weights) {
    Path out = folder.resolve(weights + ".safetensors");
    Cli.run("model", "convert", "--model", model, "--weights", weights, "--out", out).ok();
    return out;
  }

  @Test
  void aModelInInt8DrawsAndConvertsBack() throws IOException {
    Path small = converted(TinyModel.model(), "int8");
    assertTrue(Files.size(small) < Files.size(TinyModel.model()));
    Path wide = converted(small, "f32");
    byte[] first = Files.readAllBytes(small);
    assertEquals("fizzy-model-2", format(small));
    assertEquals("fizzy-model-1", format(wide));
    assertArrayEquals(first, Files.readAllBytes(converted(wide, "int8")));
    try (Safetensors original = Safetensors.open(TinyModel.model());
        Safetensors in = Safetensors.open(wide)) {
      assertEquals(original.names(), in.names());
      assertEquals(original.metadata().get("config"), in.metadata().get("config"));
      assertArrayEquals(original.floats("image_proj.bias"), in.floats("image_proj.bias"));
      float[] weights = original.floats(MATRIX);
      float[] rounded = in.floats(MATRIX);
      for (int i = 0; i < weights.length; i++) {
        assertEquals(weights[i], rounded[i], .01);
      }
    }
    assertArrayEquals(drawn(small), drawn(wide));
    refused(Cli.run("import", small, "--out", folder.resolve("o")), "int8", "--weights bf16");
    Path decoder = folder.resolve("decoder.safetensors");
    Cli.run(
            "model",
            "decoder",
            "--model",
            small,
            "--autoencoder",
            TinyModel.model(),
            "--out",
            decoder)
        .ok();
    assertArrayEquals(first, Files.readAllBytes(decoder));
  }

  private int[] drawn(Path model) throws IOException {
    Path out = folder.resolve("grid.png");
    Cli.run(
            "sample",
            "--model",
            model,
            "--contexts",
            TinyModel.contexts(),
            "--images",
            1,
            "--steps",
            2,
            "--out",
            out)
        .ok();
    BufferedImage image = ImageIO.read(out.toFile());
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  @Test
  void aModelTakesADecoderOfTheSameLatentsAlone() throws IOException {
    Path out = folder.resolve("sharp.safetensors");
    String taken = "decoder.conv_out.bias";
    Path autoencoder = changed(taken, .25f);
    Cli.run("model", "decoder", "--model", TinyModel.model(), "--autoencoder", autoencoder)
        .misused("--out");
    Cli.Result done = Cli.run(decoder(autoencoder, out, "--json"));
    assertEquals(0, done.code(), done.err());
    try (Safetensors ours = Safetensors.open(TinyModel.model());
        Safetensors theirs = Safetensors.open(autoencoder);
        Safetensors both = Safetensors.open(out)) {
      assertEquals(ours.names(), both.names());
      assertEquals(.25f, theirs.floats(taken)[2]);
      for (String name : ours.names()) {
        float[] expected = (name.equals(taken) ? theirs : ours).floats(name);
        assertArrayEquals(expected, both.floats(name), name);
        assertEquals(ours.type(name), both.type(name));
      }
    }
    assertEquals(0, generate(out, TinyModel.contexts()).code());
    for (String latents : List.of("encoder.conv_in.bias", "quantize.embedding.weight")) {
      refused(Cli.run(decoder(changed(latents, .25f), out)), latents, "--decoder-only");
    }
    for (String missing : List.of("encoder.conv_in.bias", taken)) {
      refused(Cli.run(decoder(changed(missing, null), out)), "has no tensor " + missing);
    }
    refused(
        Cli.run("model", "decoder", "--autoencoder", autoencoder, "--out", out), "of the model");
  }

  private static Object[] decoder(Path autoencoder, Path out, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("model", "decoder", "--model", TinyModel.model()));
    args.addAll(List.of("--autoencoder", autoencoder, "--out", out));
    args.addAll(List.of(more));
    return args.toArray();
  }
}
