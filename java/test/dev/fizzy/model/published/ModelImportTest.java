package dev.fizzy.model.published;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.file.FileException;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.Recorded.Network;
import dev.fizzy.model.UNetConfig;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import dev.fizzy.weights.TorchZip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelImportTest {
  private static final ModelConfig TINY = ModelConfig.load("tiny");

  @TempDir Path folder;

  private static float[] values(Piece piece) {
    SplittableRandom random = new SplittableRandom(piece.name().hashCode());
    float[] values = new float[(int) piece.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static List<Piece> pieces(Network network) {
    return Recorded.graph(TINY, network, 1, DType.F32, false).parameters().stream()
        .map(Parameter::pieces)
        .flatMap(List::stream)
        .toList();
  }

  private static void add(TorchZip to, Network network, String prefix, UnaryOperator<float[]> as) {
    pieces(network).forEach(p -> to.add(prefix + p.name(), as.apply(values(p)), p.shape()));
  }

  private Path checkpoint(String name, Network network, String prefix) throws IOException {
    TorchZip zip = new TorchZip();
    add(zip, network, prefix, v -> v);
    return zip.write(folder.resolve(name));
  }

  private static ModelImport of(String prefix, Path... files) {
    ModelImport model = new ModelImport(prefix, TINY);
    for (Path file : files) {
      model.add(TensorFile.open(file));
    }
    return model;
  }

  @Test
  void aModelOfThreeFiles() throws IOException {
    Path out = folder.resolve("model.safetensors");
    ModelImport model =
        of(
            null,
            checkpoint("unet.ckpt", Network.UNET, "module.eps_model."),
            checkpoint("encoder.pt", Network.ENCODER, ""),
            checkpoint("decoder.pt", Network.DECODER, "first_stage_model."));
    assertEquals(TINY.unet(), model.config().unet());
    assertEquals(TINY.autoencoder(), model.config().autoencoder());
    String sha256 = model.write(out, Safetensors.Type.F32, Map.of("from", "here"));
    try (ModelFile file = ModelFile.open(out);
        Safetensors tensors = Safetensors.open(out)) {
      assertEquals(sha256, file.sha256());
      assertEquals("here", file.metadata().get("from"));
      for (Network network : List.of(Network.UNET, Network.AUTOENCODER)) {
        for (Piece piece : pieces(network)) {
          assertArrayEquals(values(piece), tensors.floats(piece.name()), piece.name());
        }
      }
    }
    Path narrow = folder.resolve("narrow.safetensors");
    model.write(narrow, Safetensors.Type.BF16, Map.of());
    ModelFile.open(narrow).close();
    assertTrue(Files.size(narrow) < Files.size(out) * 0.6);
  }

  @Test
  void oneNetworkBesideAnotherIsNotLeftOut() throws IOException {
    TorchZip zip = new TorchZip();
    add(zip, Network.UNET, "model.", v -> v);
    add(zip, Network.AUTOENCODER, "model.", v -> v);
    zip.add("model.logvar", new float[] {1}, 1);
    ModelImport model = of(null, zip.write(folder.resolve("whole.ckpt")));
    assertEquals(TINY.unet(), model.config().unet());
    assertEquals(List.of("the U-Net", "the autoencoder"), model.networks());
    assertEquals(List.of("1 tensor next to the U-Net is skipped (logvar)"), model.notes());
  }

  @Test
  void aModelOfOursLosesNothing() throws IOException {
    Path plain = folder.resolve("plain.safetensors");
    of(
            null,
            checkpoint("unet.ckpt", Network.UNET, ""),
            checkpoint("encoder.pt", Network.ENCODER, ""),
            checkpoint("decoder.pt", Network.DECODER, ""))
        .write(plain, Safetensors.Type.F32, Map.of());
    Path ours = folder.resolve("ours.safetensors");
    float[] mean = {.5f, -2, 3};
    String sha256;
    try (TensorFile in = TensorFile.open(plain);
        TensorFile extra =
            TensorFile.open(
                new TorchZip()
                    .add("context_distribution.mean", mean, 3)
                    .write(folder.resolve("e")))) {
      Map<String, StoredTensor> tensors = new HashMap<>(in.tensors());
      tensors.putAll(extra.tensors());
      sha256 = ModelFile.write(ours, TINY, Safetensors.Type.F32, Map.of("faces", "7"), tensors);
    }
    Path again = folder.resolve("again.safetensors");
    ModelImport model = new ModelImport(null, null); // TINY is what the file says
    model.add(TensorFile.open(ours));
    assertEquals(TINY, model.config());
    assertEquals(List.of(), model.notes());
    assertEquals(sha256, model.write(again, Safetensors.Type.F32, Map.of("from", "ours")));
    try (ModelFile file = ModelFile.open(again)) {
      assertArrayEquals(mean, file.floats("context_distribution.mean"));
      assertEquals(Map.of("faces", "7", "from", "ours"), file.notes());
    }
  }

  @Test
  void theShapesTellTheConfiguration() {
    for (String name :
        List.of(
            "idiff-face",
            "idiff-face-adagn",
            "face112",
            "face112-patch",
            "face64",
            "face64-small")) {
      ModelConfig config = ModelConfig.load(name);
      Shapes unet = new Shapes("U-Net", KnownLayouts.layout(config, Network.UNET));
      assertEquals(
          config.unet(), UNetShapes.derive(unet, config.unet(), config.unet().size(), true), name);
      for (Network part : List.of(Network.ENCODER, Network.DECODER, Network.AUTOENCODER)) {
        Shapes shapes = new Shapes("autoencoder", KnownLayouts.layout(config, part));
        assertEquals(
            config.autoencoder(),
            AutoencoderShapes.derive(
                shapes, config.autoencoder(), config.autoencoder().imageSize()),
            name);
      }
    }
  }

  @Test
  void averagedWeightsAreTakenOrThosePrefixed() throws IOException {
    TorchZip zip = new TorchZip().add("beta", new float[4], 4);
    add(zip, Network.UNET, "model.", v -> new float[v.length]);
    add(zip, Network.UNET, "ema.", v -> v);
    Path file = zip.write(folder.resolve("both.ckpt"));
    ModelImport averaged = of(null, file);
    averaged.config();
    assertTrue(
        averaged.notes().toString().contains("ema., not from model."), "" + averaged.notes());
    Path out = folder.resolve("m.safetensors");
    averaged.write(out, Safetensors.Type.F32, Map.of());
    Piece first = pieces(Network.UNET).get(0);
    try (Safetensors in = Safetensors.open(out)) {
      assertArrayEquals(values(first), in.floats(first.name()));
    }
    of("model.", file).write(out, Safetensors.Type.F32, Map.of());
    try (Safetensors in = Safetensors.open(out)) {
      assertArrayEquals(new float[(int) first.elements()], in.floats(first.name()));
    }
    assertThrows(FileException.class, () -> of("other.", file));
  }

  @Test
  void namesWhatDoesNotFit() throws IOException {
    TorchZip zip = new TorchZip();
    for (Piece piece : pieces(Network.UNET)) {
      if (piece.name().equals("final.bias")) {
        zip.add("final.scale", new float[3], 3);
      } else if (piece.name().equals("norm.weight")) {
        zip.add(piece.name(), new float[5], 5);
      } else {
        zip.add(piece.name(), values(piece), piece.shape());
      }
    }
    Path file = zip.write(folder.resolve("wrong.ckpt"));
    String message = assertThrows(FileException.class, () -> of(null, file).config()).getMessage();
    for (String part :
        List.of(
            "1 tensors are missing (final.bias)",
            "norm.weight [5] instead of [16]",
            "1 are unexpected (final.scale)")) {
      assertTrue(message.contains(part), message);
    }
    Path other =
        new TorchZip()
            .add("net.time_emb.lin1.weight", new float[4], 2, 2)
            .write(folder.resolve("other.pt"));
    message = assertThrows(FileException.class, () -> of(null, other)).getMessage();
    assertTrue(message.contains("nearest is the U-Net of idiff-face"), message);
    assertTrue(message.contains("1 have another shape (time_emb.lin1.weight [2, 2]"), message);
  }

  @Test
  void recognizersMakeAFileOfTheirOwn() throws IOException {
    IResNetConfig small = new IResNetConfig("iresnet", List.of(1, 2, 1, 1), 4, 16, 32, 0);
    TorchZip zip = new TorchZip();
    for (Parameter parameter : Recorded.recognizer(small, 1).parameters()) {
      for (Piece piece : parameter.pieces()) {
        zip.add("module." + piece.name(), values(piece), piece.shape());
      }
    }
    zip.add("module.bn1.num_batches_tracked", new float[] {9});
    ModelImport model = of(null, zip.write(folder.resolve("backbone.pth")));
    assertEquals(small, model.recognizerConfig());
    Path out = folder.resolve("recognizer.safetensors");
    String sha256 = model.write(out, Safetensors.Type.F32, Map.of());
    try (RecognizerFile file = RecognizerFile.open(out);
        Safetensors in = Safetensors.open(out)) {
      assertEquals(sha256, file.sha256());
      assertEquals(small, file.config());
      assertArrayEquals(new float[] {9}, in.floats("bn1.num_batches_tracked"));
    }
    for (String name : List.of("iresnet18", "iresnet34", "iresnet50", "iresnet100")) {
      IResNetConfig known = IResNetConfig.load(name);
      Shapes shapes = new Shapes("iResNet", KnownLayouts.layout(known));
      assertEquals(known, RecognizerShapes.derive(shapes), name);
    }
  }

  @Test
  void readsTheHydraConfiguration() throws IOException {
    Path file =
        Files.createDirectories(folder.resolve("run/checkpoints"))
            .resolve("ema_averaged_model.ckpt");
    TorchZip zip = new TorchZip();
    add(zip, Network.UNET, "", v -> v);
    zip.write(file);
    Path yaml = Files.createDirectories(folder.resolve("run/.hydra")).resolve("config.yaml");
    Files.writeString(
        yaml,
        "latent_diffusion: true\nconstants: {image_size: 16}\nmodel:\n"
            + "  attention_head_channels: 8\n  context_dropout_probability: 0.5\n"
            + "diffusion:\n  T: 2000\n  schedule_type: linear\n  eps_model: ${model}\n");
    ModelConfig config = of(null, file).config();
    assertEquals(2000, config.diffusion().steps());
    assertEquals(0.5, config.diffusion().contextDropout());
    assertEquals(8, config.unet().headChannels());
    assertEquals(8, config.unet().size());
    for (String bad :
        List.of(
            "model: !!javax.script.ScriptEngineManager []",
            "model: 1\nmodel: 2",
            "model: [",
            "diffusion: {schedule_type: cosine}",
            "diffusion: {schedule_type: cosine_warped, schedule_beta_max: 0.1, schedule_k: 2}",
            "diffusion: {schedule_type: quadratic}",
            "model: {condition_type: DiffAE}\ndiffusion: {}",
            "constants: {image_size: ${constants.image_size}}\nmodel: {}",
            "constants: {image_size: big}\nmodel: {}")) {
      Files.writeString(yaml, bad);
      String message =
          assertThrows(FileException.class, () -> of(null, file).config(), bad).getMessage();
      assertTrue(message.contains(yaml.toString()), message);
    }
  }

  private static Path hydra(Path checkpoint, String yaml) throws IOException {
    return Files.writeString(checkpoint.resolveSibling("config.yaml"), yaml);
  }

  /** What the Hydra file leaves out is as the published code has it: no dropout at all. */
  @Test
  void aModelWithoutDropoutHasNone() throws IOException {
    Path file = checkpoint("unet.ckpt", Network.UNET, "eps_model.");
    hydra(
        file,
        "model: {attention_head_channels: 16}\nconstants: {image_size: 16}\n"
            + "diffusion: {T: 500, schedule_type: cosine, schedule_beta_max: 0.1}\n");
    assertEquals(
        new DiffusionConfig(500, "cosine:0.1", "eps", 0, 0, 1),
        of(null, file).config().diffusion());
  }

  private Path withBetas(String name, double[] betas) throws IOException {
    TorchZip zip = new TorchZip();
    add(zip, Network.UNET, "module.eps_model.", v -> v);
    float[] rounded = new float[betas.length];
    for (int t = 0; t < rounded.length; t++) {
      rounded[t] = (float) betas[t];
    }
    return zip.add("module.betas", rounded, rounded.length).write(folder.resolve(name));
  }

  @Test
  void theCheckpointsBetasAreBelieved() throws IOException {
    double[] linear = new double[2000];
    double[] cosine = new double[400];
    double[] squares = new double[1000];
    for (int t = 0; t < 2000; t++) {
      linear[t] = .5 * (1e-4 + (.02 - 1e-4) * t / 1999);
    }
    for (int t = 0; t < 400; t++) {
      double now = Math.cos((t / 400. + .008) / 1.008 * Math.PI / 2);
      double next = Math.cos(((t + 1) / 400. + .008) / 1.008 * Math.PI / 2);
      cosine[t] = Math.min(.1, 1 - next * next / (now * now));
    }
    for (int t = 0; t < 1000; t++) {
      squares[t] = Math.pow(.01 + (.14 - .01) * t / 999, 2);
    }
    ModelImport model = of(null, withBetas("linear.ckpt", linear));
    assertEquals("linear", model.config().diffusion().schedule());
    assertEquals(2000, model.config().diffusion().steps());
    assertTrue(model.notes().toString().contains("linear schedule of 2000"), "" + model.notes());
    Path capped = withBetas("cosine.ckpt", cosine);
    hydra(capped, "model: {attention_head_channels: 16}\ndiffusion: {T: 1000}");
    assertEquals("cosine:0.1", of(null, capped).config().diffusion().schedule());
    assertEquals(400, of(null, capped).config().diffusion().steps());
    Path strange = withBetas("squares.ckpt", squares);
    String message =
        assertThrows(FileException.class, () -> of(null, strange).config()).getMessage();
    assertTrue(message.contains("1000 betas"), message);
  }

  /** The published code makes as many context tokens as a head is wide. */
  @Test
  void headsAreAsWideAsThereAreTokens() throws IOException {
    TorchZip zip = new TorchZip();
    UNetConfig narrow =
        new UNetConfig(
            UNetConfig.Conditioning.CROSS_ATTENTION,
            8,
            3,
            1,
            32,
            List.of(1, 2),
            List.of(false, true),
            8,
            1,
            16,
            32,
            8,
            false,
            32);
    ModelConfig config =
        new ModelConfig("narrow", null, narrow, ModelConfig.load("idiff-face").diffusion());
    for (Parameter p : Recorded.graph(config, Network.UNET, 1, DType.F32, false).parameters()) {
      p.pieces().forEach(piece -> zip.add(piece.name(), values(piece), piece.shape()));
    }
    ModelImport model = new ModelImport(null, null);
    model.add(TensorFile.open(zip.write(folder.resolve("narrow.ckpt"))));
    assertEquals(8, model.config().unet().headChannels());
    assertEquals(8, model.config().unet().contextTokens());
    assertEquals(1, model.notes().size(), "" + model.notes());
    assertTrue(model.notes().get(0).contains("linear schedule of 1000 steps"));
  }

  @Test
  void weightsThatAreNotFiniteAreRefused() throws IOException {
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, Float.MAX_VALUE}) {
      TorchZip zip = new TorchZip();
      add(
          zip,
          Network.UNET,
          "",
          v -> {
            v[v.length - 1] = bad;
            return v;
          });
      ModelImport model = of(null, zip.write(folder.resolve("bad.ckpt")));
      Path out = folder.resolve("bad.safetensors");
      String message =
          assertThrows(
                  FileException.class,
                  () -> model.write(out, Safetensors.Type.BF16, Map.of()), // MAX_VALUE rounds up
                  "" + bad)
              .getMessage();
      assertTrue(message.contains("is not finite"), message);
      assertFalse(Files.exists(out));
    }
  }

  /** Each reference through thirty others: without a bound, longer than anybody waits. */
  @Test
  void referencesWithoutEndAreRefused() throws IOException {
    StringBuilder yaml = new StringBuilder("latent_diffusion: true\n");
    for (int i = 1; i < 10; i++) {
      yaml.append("M" + i + ":\n  x: \"${M" + (i + 1) + ".x".repeat(30) + ".y}\"\n");
      yaml.append("  y: \"${M" + (i - 1) + "}\"\n");
    }
    yaml.append("M0: {x: \"${M1}\", y: \"${M1}\"}\nM10: {x: \"${M10}\", y: \"${M9}\"}\n");
    yaml.append("diffusion: \"${M2.x.x}\"\nmodel: \"${M2.x.x}\"\n");
    Path file = checkpoint("unet.ckpt", Network.UNET, "");
    hydra(file, yaml.toString());
    String message =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () -> assertThrows(FileException.class, () -> of(null, file).config()).getMessage());
    assertTrue(message.contains("are circular"), message);
  }
}
