package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.TensorDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small decoders of the tiny model, and the presets that draw with what lies beside a model. */
class TrainDecoderTest {
  @TempDir private Path folder;

  private Cli.Result train(String name, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("train", "decoder", "--model", TinyModel.model()));
    args.addAll(List.of("--faces", TinyModel.faces(), "--out", folder.resolve(name)));
    args.addAll(List.of("--batch", 2, "--warmup", 1, "--cycle", 4, "--blocks", 1));
    args.addAll(List.of("--adversarial", .5, "--adversarial-from", 1));
    args.addAll(List.of("--discriminator-channels", 8, "--discriminator-layers", 1));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private Path decoder(String name) {
    return folder.resolve(name).resolve("decoder.safetensors");
  }

  private Cli.Result generate(Path model, String name, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("generate", "--images", 1, "--steps", 2));
    args.addAll(List.of("--contexts", TinyModel.contexts(), "--out", folder.resolve(name)));
    if (model != null) {
      args.addAll(List.of("--model", model));
    }
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private byte[] image(String set) throws IOException {
    return Files.readAllBytes(folder.resolve(set).resolve("000001/00000.png"));
  }

  private JsonNode manifest(String set) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(set).resolve("manifest.json").toFile());
  }

  @Test
  void aSmallDecoderDrawsForItsModelAlone() throws IOException {
    train("small", "--steps", 3, "--sample-every", 3).ok();
    assertTrue(Files.exists(folder.resolve("small/samples/step-0000003.png")));
    try (Safetensors small = Safetensors.open(decoder("small"));
        Safetensors model = Safetensors.open(TinyModel.model())) {
      String codes = "quantize.embedding.weight";
      assertArrayEquals(model.floats(codes), small.floats(codes));
    }
    generate(TinyModel.model(), "full").ok();
    generate(TinyModel.model(), "drawn", "--decoder", decoder("small")).ok();
    assertFalse(Arrays.equals(image("full"), image("drawn")));
    assertTrue(manifest("full").at("/settings/decoder").isMissingNode());
    assertEquals(64, manifest("drawn").at("/settings/decoder").asText().length());
    generate(null, "none", "--decoder", decoder("small"))
        .refused("was trained for the autoencoder", "train decoder");
    Path larger = rewritten("larger", "image_size\":16", "image_size\":32,\"encoded_size\":16");
    generate(TinyModel.model(), "none", "--decoder", larger)
        .refused(
            "faces of 32 pixels from latents of 8x8, the model of 16 pixels from latents of 8x8");
    Path other = rewritten("other", "image_size\":16", "image_size\":16,\"encoded_size\":8");
    generate(TinyModel.model(), "none", "--decoder", other)
        .refused("16 pixels from latents of 4x4");
    Path earlier = rewritten("earlier", "fizzy-decoder-2", "fizzy-decoder-1");
    generate(TinyModel.model(), "none", "--decoder", earlier)
        .refused("fizzy-decoder-1", "train one");
    assertFalse(Files.exists(folder.resolve("none")));

    Path model = Files.copy(TinyModel.model(), folder.resolve("m.safetensors"));
    generate(model, "none", "--decoder", "small").refused("no m-decoder.safetensors beside");
    Files.copy(decoder("small"), folder.resolve("m-decoder.safetensors"));
    generate(model, "beside", "--decoder", "small").ok();
    assertArrayEquals(image("drawn"), image("beside"));
    generate(model, "few", "--preset", "fastest").ok(); // without a student, with its decoder
    assertEquals("unipc", manifest("few").get("sampler").asText());
    assertEquals(2.5, manifest("few").get("guidance").asDouble());
    assertEquals(
        manifest("drawn").at("/settings/decoder"), manifest("few").at("/settings/decoder"));
    generate(null, "shipped", "--preset", "fast").ok(); // in 2 steps, as its student knows
    generate(null, "softer", "--preset", "fastest").ok();
    assertTrue(manifest("shipped").at("/settings/decoder").isMissingNode());
    assertEquals(64, manifest("softer").at("/settings/decoder").asText().length());
    generate(null, "none", "--preset", "fast", "--guidance", 1)
        .misused("not 1.0; the preset draws with the student default-fast.safetensors");
    Path student = folder.resolve("m-fast.safetensors");
    Files.copy(model, student); // any model will do here
    assertEquals(student, SamplingPreset.FASTEST.student(model));
    generate(model, "fastest", "--preset", "fastest", "--sampler", "dpm++", "--guidance", 1).ok();
    assertArrayEquals(image("drawn"), image("fastest"));
    Path own = Files.copy(model, folder.resolve("m-fastest.safetensors"));
    assertEquals(own, SamplingPreset.FASTEST.student(model));
    generate(model, "quality", "--preset", "quality").ok();
    assertEquals(2.5, manifest("quality").get("guidance").asDouble());
  }

  /** The decoder `small` with something else in its metadata. */
  private Path rewritten(String name, String what, String by) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    try (Safetensors small = Safetensors.open(decoder("small"))) {
      Map<String, String> metadata = new HashMap<>(small.metadata());
      metadata.replaceAll((key, value) -> value.replaceAll("\\s*:\\s*", ":").replace(what, by));
      assertNotEquals(small.metadata(), metadata);
      metadata.put(TensorDigest.METADATA, TensorDigest.of(metadata));
      List<Safetensors.Entry> entries = new ArrayList<>();
      for (String tensor : small.names()) {
        entries.add(
            new Safetensors.Entry(
                tensor,
                small.type(tensor),
                small.shape(tensor),
                () -> small.floats(tensor).clone()));
      }
      Safetensors.write(file, metadata, entries);
    }
    return file;
  }

  @Test
  void aResumedRunEndsWithTheSameBits() throws IOException {
    Object[] all = {"--sample-every", 0, "--middle", "--channels", "8,4"};
    train("whole", with(all, "--steps", 4)).ok();
    train("parts", with(all, "--steps", 2)).ok();
    Object[] on = with(all, "--steps", 4, "--resume");
    train("parts", "--sample-every", 0, "--steps", 4, "--resume").refused("its decoder is");
    train("parts", on).ok();
    assertEquals(-1, Files.mismatch(decoder("whole"), decoder("parts")));
    try (Safetensors small = Safetensors.open(decoder("whole"));
        Safetensors model = Safetensors.open(TinyModel.model())) {
      for (String name : model.names()) {
        if (name.startsWith("post_quant_conv.") || name.startsWith("decoder.mid.")) {
          assertArrayEquals(model.floats(name), small.floats(name), name);
        }
      }
    }
    generate(TinyModel.model(), "drawn", "--decoder", decoder("whole")).ok();
    train("none", "--channels", "8,8,8").misused("a width for each of its 2 sizes");
  }

  private static Object[] with(Object[] some, Object... more) {
    List<Object> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray();
  }
}
