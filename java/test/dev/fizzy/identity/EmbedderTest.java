package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.embedder.Preset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedderTest {
  @TempDir Path folder;

  private static Rgb face(int side, int seed) {
    byte[] pixels = new byte[3 * side * side];
    new Random(seed).nextBytes(pixels);
    return new Rgb(side, side, pixels);
  }

  private static void sameDirection(float[] wanted, float[] got) {
    double norm = 0;
    for (float v : wanted) {
      norm += (double) v * v;
    }
    assertEquals(wanted.length, got.length);
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i] / Math.sqrt(norm), got[i], 1e-6);
    }
  }

  @Test
  void faceIsPreparedAsThePresetSays() throws IOException {
    Rgb face = face(112, 1);
    Path planes = TinyOnnx.flatten(folder.resolve("p.onnx"), 1, 3, 112, 112);
    Path pixels = TinyOnnx.flatten(folder.resolve("i.onnx"), -1, 112, 112, 3);
    float[] bgr = new float[3 * 112 * 112];
    float[] rgb = new float[3 * 112 * 112];
    for (int i = 0; i < 112 * 112; i++) {
      for (int c = 0; c < 3; c++) {
        int v = face.pixels()[3 * i + c] & 255;
        bgr[(2 - c) * 112 * 112 + i] = (v - 127) / 128f;
        rgb[3 * i + c] = (v - 127.5f) / 127.5f;
      }
    }
    try (Embedder a = Embedder.open(planes, Preset.named("mobilefacenet-112"));
        Embedder b = Embedder.open(pixels, null)) {
      sameDirection(bgr, a.embed(List.of(face))[0]);
      assertEquals("arcface-112", b.preset().name());
      sameDirection(rgb, b.embed(List.of(face))[0]);
      assertEquals(3 * 112 * 112, b.width());
    }
  }

  @Test
  void facesOfAnotherSizeAndShapeAreFitted() throws IOException {
    Path file = TinyOnnx.flatten(folder.resolve("w.onnx"), 1, 3, 112, 96);
    byte[] gray = new byte[3 * 128 * 128];
    java.util.Arrays.fill(gray, (byte) 200);
    try (Embedder e = Embedder.open(file, null)) {
      assertEquals("mobilefacenet-112x96", e.preset().name());
      float[] vector = e.embed(List.of(new Rgb(128, 128, gray)))[0];
      assertEquals(3 * 112 * 96, vector.length);
      for (float v : vector) {
        assertEquals(1 / Math.sqrt(vector.length), v, 1e-6);
      }
    }
  }

  @Test
  void positionInTheBatchDoesNotMatter() throws IOException {
    Path four = TinyOnnx.flatten(folder.resolve("4.onnx"), 4, 3, 112, 112);
    List<Rgb> faces = java.util.stream.IntStream.range(0, 6).mapToObj(i -> face(112, i)).toList();
    try (Embedder e = Embedder.open(four, null)) {
      float[][] all = e.embed(faces);
      assertArrayEquals(e.embed(faces.subList(5, 6))[0], all[5]);
    }
  }

  /** Norms and logits lie beside the feature, before or behind it. */
  @Test
  void theFeatureIsChosenOrAskedFor() throws IOException {
    Rgb face = face(112, 1);
    float[] wanted;
    try (Embedder e = Embedder.open(onnx("y"), null)) {
      wanted = e.embed(List.of(face))[0];
    }
    for (Path file : new Path[] {onnx("norm", "y"), onnx("y", "norm"), onnx("a", "embedding")}) {
      try (Embedder e = Embedder.open(file, null)) {
        assertArrayEquals(wanted, e.embed(List.of(face))[0], 1e-7f);
      }
    }
    Path unclear = onnx("a", "b", "norm");
    refused("a (37632 values per face), b (37632 values per face), norm (1 values", unclear, null);
    refused("--feature NAME", unclear, null);
    try (Embedder e = Embedder.open(unclear, null, "b", List.of("cpu"), 1)) {
      assertArrayEquals(wanted, e.embed(List.of(face))[0], 1e-7f);
    }
    assertTrue(
        assertThrows(
                FileException.class, () -> Embedder.open(unclear, null, "c", List.of("cpu"), 1))
            .getMessage()
            .contains("no output c"));
    refused("no vector", onnx("norm"), null);
  }

  /** The length of an image is none of the engine's operators. */
  @Test
  void unknownOperatorsRunInOnnxRuntimeOnTheCpuOnly() throws IOException {
    Path file = onnx("norm", "y");
    try (Embedder e = Embedder.open(file, null);
        Embedder known = Embedder.open(onnx("y"), null)) {
      assertInstanceOf(OnnxEmbedder.class, e);
      assertInstanceOf(EngineEmbedder.class, known);
    }
    String message =
        assertThrows(FileException.class, () -> Embedder.open(file, null, null, List.of("cuda"), 1))
            .getMessage();
    assertTrue(message.contains("ReduceL2") && message.contains("--device cpu"), message);
  }

  private Path onnx(String... outputs) throws IOException {
    Path file = folder.resolve(String.join("-", outputs) + ".onnx");
    return TinyOnnx.flattenAndNorm(file, List.of(outputs), 1, 3, 112, 112);
  }

  @Test
  void aVectorWithoutDirectionIsNone() {
    assertNull(Embedder.unit(new float[3]));
    assertNull(Embedder.unit(new float[] {1, Float.NaN}));
    assertNull(Embedder.unit(new float[] {1, Float.POSITIVE_INFINITY}));
  }

  @Test
  void refusesWhatIsNoEmbedder() throws IOException {
    refused(
        "cannot be read as ONNX", Files.writeString(folder.resolve("x.onnx"), "not a model"), null);
    refused("does not exist", folder.resolve("none.onnx"), null);
    refused("three channels", TinyOnnx.flatten(folder.resolve("1.onnx"), 1, 1, 112, 112), null);
    refused("three channels", TinyOnnx.flatten(folder.resolve("2.onnx"), 1, 512), null);
    Path odd = TinyOnnx.flatten(folder.resolve("3.onnx"), 1, 3, 160, 160);
    refused("160 wide and 160 high", odd, Preset.named("arcface-112"));
    assertThrows(FileException.class, () -> Preset.named("none"));
  }

  private static void refused(String part, Path file, Preset preset) {
    String message =
        assertThrows(FileException.class, () -> Embedder.open(file, preset)).getMessage();
    assertTrue(message.contains(part) && message.contains(file.toString()), message);
  }
}
