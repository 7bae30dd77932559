package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.Npy;
import dev.fizzy.weights.TorchZip;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ContextsTest {
  @TempDir Path folder;

  private final Contexts two =
      new Contexts(List.of("a/é.jpg", "b.jpg"), new float[][] {{1, 2, 3}, {4, 5, 6}});

  @Test
  void comesBackFromBothFormats() {
    for (String name : new String[] {"c.npy", "c.safetensors", "deep/er/C.NPY"}) {
      Path file = folder.resolve(name);
      two.write(file);
      Contexts back = Contexts.read(file);
      assertEquals(two.names(), back.names());
      assertArrayEquals(two.vector(1), back.vector(1));
      assertEquals(two.sha256(), back.sha256());
    }
  }

  @Test
  void namesOfAnotherFileAreRefused() {
    Path file = folder.resolve("c.npy");
    two.write(file);
    Npy.of(new float[][] {{1}, {2}}).write(file);
    refused("another file", file);
  }

  @Test
  void theNamesAreThereBeforeTheVectors() throws IOException {
    Path file = folder.resolve("c.npy");
    Files.createDirectories(file.resolve("in the way"));
    assertThrows(FileException.class, () -> two.write(file));
    assertTrue(Files.exists(folder.resolve("c.npy.names.json")), "else a killed run leaves none");
  }

  @Test
  void withoutNamesTheyAreNumbers() throws IOException {
    Path file = folder.resolve("c.npy");
    Npy.of(new float[][] {{1}, {2}}).write(file);
    assertEquals(List.of("000000", "000001"), Contexts.read(file).names());
    Files.writeString(folder.resolve("c.npy.names.json"), "[\"x\", \"y\"]");
    assertEquals(List.of("x", "y"), Contexts.read(file).names());
    Files.writeString(folder.resolve("c.npy.names.json"), "[\"x\"]");
    refused("2 contexts and 1 names", file);
    Files.writeString(folder.resolve("c.npy.names.json"), "[\"x\", \"x\"]");
    refused("both named x", file);
    Files.writeString(folder.resolve("c.npy.names.json"), "{");
    assertThrows(FileException.class, () -> Contexts.read(file));
  }

  @Test
  void refusesWhatAreNoContexts() throws IOException {
    Path file = folder.resolve("c.npy");
    Npy.of(new float[][] {{1, 2}, {Float.NaN, 4}}).write(file);
    refused("context 000001 (number 1) has the value NaN at element 0", file);
    Npy.of(new float[][] {{1, Float.POSITIVE_INFINITY}}).write(file);
    refused("Infinity at element 1", file);
    new Npy(new int[] {0, 4}, new float[0]).write(file);
    refused("empty", file);
    new Npy(new int[] {4}, new float[4]).write(file);
    refused("not a matrix", file);
    refused("none of the tensor files", Files.writeString(folder.resolve("c.txt"), "1 2 3"));
    FileException e = assertThrows(FileException.class, () -> two.write(folder.resolve("c.txt")));
    assertTrue(e.getMessage().contains("neither"), e.getMessage());
    String message = assertThrows(FileException.class, () -> two.requireWidth(512)).getMessage();
    assertTrue(message.contains("width 3") && message.contains("512"), message);
  }

  @Test
  void readsWhatOthersWrite() throws IOException {
    Map<String, Npy> arrays = new LinkedHashMap<>();
    arrays.put("anna", new Npy(new int[] {3}, new float[] {1, 2, 3}));
    arrays.put("ben", new Npy(new int[] {1, 3}, new float[] {4, 5, 6}));
    Path file = folder.resolve("c.npz");
    Npy.writeArchive(file, arrays);
    same(List.of("anna", "ben"), Contexts.read(file));
    // As IDiff-Face keeps them: a PyTorch file that is called .npy.
    file =
        new TorchZip()
            .add("anna", new float[] {1, 2, 3}, 3)
            .add("ben", new float[] {4, 5, 6}, 3)
            .write(folder.resolve("c.npy"));
    same(List.of("anna", "ben"), Contexts.read(file));
    file = folder.resolve("matrix.npz");
    Npy.writeArchive(
        file, Map.of("contexts", new Npy(new int[] {2, 3}, new float[] {1, 2, 3, 4, 5, 6})));
    same(List.of("000000", "000001"), Contexts.read(file));
    arrays.put("ben", new Npy(new int[] {2, 2}, new float[4]));
    Npy.writeArchive(file, arrays);
    refused("array ben has shape [2, 2]", file);
  }

  /** An .npy of any header version, type and order. */
  private Path npy(
      String name, int version, String type, boolean fortran, String shape, double... values)
      throws IOException {
    String header =
        "{'descr': '"
            + type
            + "', 'fortran_order': "
            + (fortran ? "True" : "False")
            + ", 'shape': "
            + shape
            + "}\n";
    int width = type.charAt(2) - '0';
    ByteBuffer out =
        ByteBuffer.allocate(12 + header.length() + width * values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    out.put((byte) version).put((byte) 0);
    if (version == 1) {
      out.putShort((short) header.length());
    } else {
      out.putInt(header.length());
    }
    out.put(header.getBytes(StandardCharsets.US_ASCII));
    for (double value : values) {
      if (type.equals("<f2")) { // whole numbers from 1 to 7 alone
        int exponent = Math.getExponent(value);
        int fraction = (int) ((value / (1 << exponent) - 1) * 1024);
        out.putShort((short) (exponent + 15 << 10 | fraction));
      } else if (type.equals("<i8")) {
        out.putLong((long) value);
      } else {
        out.putFloat((float) value);
      }
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, java.util.Arrays.copyOf(out.array(), out.position()));
  }

  @Test
  void arraysAreReadWhateverTheirTypeOrderAndVersion() throws IOException {
    List<String> names = List.of("000000", "000001");
    for (Path file :
        List.of(
            npy("half.npy", 1, "<f2", false, "(2, 3)", 1, 2, 3, 4, 5, 6),
            npy("columns.npy", 1, "<f4", true, "(2, 3)", 1, 4, 2, 5, 3, 6),
            npy("three.npy", 3, "<f4", false, "(2, 3)", 1, 2, 3, 4, 5, 6),
            npy("between.npy", 1, "<f4", false, "(2, 1, 3)", 1, 2, 3, 4, 5, 6))) {
      same(names, Contexts.read(file));
      try (Embeddings opened = Embeddings.open(file)) {
        float[] row = new float[3];
        opened.read(1, 1, row, 0);
        assertEquals(5 / Math.sqrt(77), row[1], 1e-6, file.toString());
      }
    }
  }

  @Test
  void aFolderOfAFileAFaceIsRead() throws IOException {
    npy("faces/anna/1.5.npy", 1, "<f4", false, "(3,)", 1, 2, 3);
    npy("faces/ben.npy", 1, "<f4", false, "(1, 3)", 4, 5, 6);
    same(List.of("anna/1.5", "ben"), Contexts.read(folder.resolve("faces")));
    npy("faces/both.npy", 1, "<f4", false, "(2, 3)", 4, 5, 6, 4, 5, 6);
    refused("2 vectors", folder.resolve("faces"), "both.npy");
    refused("no .npy files", Files.createDirectories(folder.resolve("none")), "none");
  }

  @Test
  void labelsBesideEmbeddingsAreTheirIdentities() throws IOException {
    Path file = npy("val_embeddings.npy", 1, "<f4", false, "(2, 3)", 1, 2, 3, 4, 5, 6);
    npy("val_labels.npy", 1, "<i8", false, "(2,)", 7, 1000);
    same(List.of("000007/000000", "001000/000001"), Contexts.read(file));
    npy("val_labels.npy", 1, "<i8", false, "(1,)", 7);
    refused("1 labels", file);
  }

  private static void refused(String part, Path file, String name) {
    String message = assertThrows(FileException.class, () -> Contexts.read(file)).getMessage();
    assertTrue(message.contains(part) && message.contains(name), message);
  }

  private static void same(List<String> names, Contexts contexts) {
    assertEquals(names, contexts.names());
    assertArrayEquals(new float[] {1, 2, 3}, contexts.vector(0));
    assertArrayEquals(new float[] {4, 5, 6}, contexts.vector(1));
  }

  private static void refused(String part, Path file) {
    String message = assertThrows(FileException.class, () -> Contexts.read(file)).getMessage();
    assertTrue(message.contains(part) && message.contains(file.getFileName().toString()), message);
  }

  @Test
  void uniformOnesAreUnitVectorsThatDependOnSeedAndIndexAlone() {
    Contexts six = UniformContexts.of(6, 512, 5);
    Contexts thousand = UniformContexts.of(1000, 512, 5);
    double[] mean = new double[512];
    for (int i = 0; i < 1000; i++) {
      double norm = 0;
      for (int k = 0; k < 512; k++) {
        norm += Math.pow(thousand.vector(i)[k], 2);
        mean[k] += thousand.vector(i)[k] / 1000;
      }
      assertEquals(1, norm, 1e-5);
    }
    for (int i = 0; i < 6; i++) {
      assertArrayEquals(six.vector(i), thousand.vector(i));
    }
    // Each mean has deviation sqrt(1 / 512 / 1000) = .0014; six of them is beyond chance.
    for (double m : mean) {
      assertEquals(0, m, 6 * .0014);
    }
    assertNotEquals(six.sha256(), UniformContexts.of(6, 512, 6).sha256());
    assertThrows(FileException.class, () -> UniformContexts.of(0, 512, 5));
  }

  @Test
  void moreThanMemoryHoldsAreRefusedBeforeTheyAreMade() {
    ContextDistribution wide = ContextDistribution.fit(new float[][] {new float[512]});
    for (Executable all :
        List.<Executable>of(
            () -> UniformContexts.of(2_000_000_000, 512, 1),
            () -> UniformContexts.of(1, 2_000_000_000, 1),
            () -> wide.draw(2_000_000_000, 1))) {
      String message = assertThrows(FileException.class, all).getMessage();
      assertTrue(message.contains("Java may use") && message.contains("-Xmx"), message);
    }
  }

  @Test
  void authenticOnesAreChosenByNameOrSeed() {
    Contexts all = UniformContexts.of(50, 8, 1);
    Contexts drawn = AuthenticContexts.drawn(all, 10, 3);
    assertEquals(10, drawn.names().stream().distinct().count());
    assertEquals(drawn.names(), AuthenticContexts.drawn(all, 10, 3).names());
    assertNotEquals(drawn.names(), AuthenticContexts.drawn(all, 10, 4).names());
    assertArrayEquals(all.vector(all.indexOf(drawn.name(4))), drawn.vector(4));
    assertEquals(List.of("000007"), AuthenticContexts.named(all, List.of("000007")).names());
    assertThrows(FileException.class, () -> AuthenticContexts.named(all, List.of("x")));
    assertThrows(FileException.class, () -> AuthenticContexts.drawn(all, 51, 3));
  }
}
