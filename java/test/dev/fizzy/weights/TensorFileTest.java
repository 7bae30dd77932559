package dev.fizzy.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorFileTest {
  @TempDir Path folder;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("file.bin"), bytes);
  }

  private static void isTheStateDict(TensorFile in) {
    assertEquals(List.of("net.w", "net.t", "net.b"), List.copyOf(in.names()));
    assertEquals(Map.of("epoch", "7"), in.metadata());
    assertArrayEquals(new long[] {3, 2}, in.tensor("net.w").shape());
    assertArrayEquals(Samples.FIRST, in.tensor("net.w").floats());
    assertArrayEquals(new float[] {1, 3, 5, 2, 4, 6}, in.tensor("net.t").floats());
    assertArrayEquals(Samples.SECOND, in.tensor("net.b").floats());
  }

  @Test
  void torchZipsOfBothByteOrders() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      try (TensorFile in = TensorFile.open(file(Samples.torchZip(order)))) {
        isTheStateDict(in);
        assertTrue(in.format().contains("since 1.6"), in.format());
      }
    }
  }

  @Test
  void torchStreams() throws IOException {
    try (TensorFile in = TensorFile.open(file(Samples.torchStream()))) {
      isTheStateDict(in);
      assertTrue(in.format().contains("before 1.6"), in.format());
    }
  }

  @Test
  void pickledArrays() throws IOException {
    try (TensorFile in = TensorFile.open(file(Samples.arrays()))) {
      assertEquals(List.of("anna", "ben"), List.copyOf(in.names()));
      assertArrayEquals(Samples.SECOND, in.tensor("anna").floats());
      assertArrayEquals(new long[] {3, 2}, in.tensor("ben").shape());
    }
    try (TensorFile in = TensorFile.open(file(Samples.npyObjects()))) {
      assertArrayEquals(Samples.FIRST, in.tensor("conv1.weights").floats());
    }
    try (TensorFile in = TensorFile.open(file(Samples.stateless()))) {
      assertEquals("7", in.metadata().get("0"));
      assertEquals("12345678901", in.metadata().get("6"));
    }
  }

  @Test
  void numpyArchives() throws IOException {
    for (boolean deflated : new boolean[] {false, true}) {
      try (TensorFile in = TensorFile.open(file(Samples.npz(deflated)))) {
        assertArrayEquals(Samples.FIRST, in.tensor("x").floats());
        assertArrayEquals(Samples.SECOND, in.tensor("t").floats());
      }
    }
    byte[] columns =
        Samples.npy("<f4", "True", "2, 3", Zips.floats(ByteOrder.LITTLE_ENDIAN, Samples.FIRST));
    try (TensorFile in = TensorFile.open(file(columns))) {
      assertArrayEquals(new float[] {1, 3, 5, 2, 4, 6}, in.tensor(TensorFile.ARRAY).floats());
    }
  }

  @Test
  void safetensorsInSeveralFiles() throws IOException {
    Samples.safetensors(folder);
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index, "{\"weight_map\":{\"b\":\"made.safetensors\",\"w\":\"made.safetensors\"}}");
    try (TensorFile in = TensorFile.open(index)) {
      assertArrayEquals(Samples.FIRST, in.tensor("w").floats());
      assertEquals("v", in.metadata().get("k"));
    }
    Files.writeString(index, "{\"weight_map\":{\"b\":\"../made.safetensors\"}}");
    refused("not a file next to it", index);
    Files.writeString(index, "{\"weight_map\":{\"b\":\"made.safetensors\"}}");
    refused("leaves out w", index);
    Files.writeString(index, "{\"weight_map\":{\"c\":\"made.safetensors\"}}");
    refused("it is not", index);
  }

  @Test
  void nothingOutsideTheListIsBuilt() throws IOException {
    byte[] system =
        new PickleBytes().global("posix", "system").text("touch x").raw(0x85, 'R').end();
    refused("asks for posix.system", file(system));
    refused("offset 2", file(system));
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", system);
    refused("no code was run", file(Zips.of(false, entries)));
    byte[] settings =
        new PickleBytes()
            .raw('}', '(')
            .text("callbacks")
            .global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
            .raw(')', 0x81, '}', '(')
            .text("best")
            .number(3)
            .raw('u', 'b', 'u')
            .end();
    try (TensorFile in = TensorFile.open(file(settings))) {
      assertEquals(Map.of("callbacks.best", "3"), in.metadata());
    }
  }

  @Test
  void tensorsOutsideTheirStorage() throws IOException {
    long[][] shapesAndStrides = {
      {7}, {1}, {3, 3}, {2, 1}, {1L << 20, 1L << 20}, {0, 0}, {-1}, {1}, {2}, {1 << 30},
    };
    for (int i = 0; i < shapesAndStrides.length; i += 2) {
      Map<String, byte[]> entries = new LinkedHashMap<>();
      entries.put(
          "a/data.pkl",
          new PickleBytes()
              .tensor("FloatStorage", "0", 6, 0, shapesAndStrides[i], shapesAndStrides[i + 1])
              .end());
      entries.put("a/data/0", Zips.floats(ByteOrder.LITTLE_ENDIAN, Samples.FIRST));
      refused("is not inside its 24 bytes", file(Zips.of(false, entries)));
    }
  }

  @Test
  void hostileContainers() throws IOException {
    PickleBytes deep = new PickleBytes();
    for (int i = 0; i < 200_000; i++) {
      deep.raw(']');
    }
    for (int i = 1; i < 200_000; i++) {
      deep.raw('a');
    }
    refused("deeper than", file(deep.end()));
    PickleBytes itself = new PickleBytes().raw(']', 'q', 1, 'h', 1, 'a');
    try (TensorFile in = TensorFile.open(file(itself.end()))) {
      assertEquals(Map.of(), in.tensors());
    }
    PickleBytes laughs = new PickleBytes().raw(']', 'q', 0, 'K', 1, 'a');
    for (int i = 1; i < 20; i++) {
      laughs.raw(']', 'q', i, '(');
      for (int k = 0; k < 10; k++) {
        laughs.raw('h', i - 1);
      }
      laughs.raw('e');
    }
    laughs.raw('(').raw('h', 19).raw('t').raw('q', 30).raw('0');
    for (int i = 0; i < 20; i++) {
      laughs.raw('0');
    }
    refused("holds more than", file(laughs.raw('h', 30).end()));
    PickleBytes twice = new PickleBytes().raw('}', '(');
    refused(
        "twice in one dict", file(twice.text("a").number(1).text("a").number(2).raw('u').end()));
    refused(
        "announces a string of",
        file(new PickleBytes().raw(0x8d).raw("\377\377\377\377").raw(0, 0, 0, 0).end()));
    refused("ends in the middle", file(new PickleBytes().raw('K').end()));
    refused("unknown or not read", file(new PickleBytes().raw(0x97).end()));
  }

  @Test
  void hostileZips() throws IOException {
    byte[] zip = Samples.torchZip(ByteOrder.LITTLE_ENDIAN);
    refused("truncated", file(java.util.Arrays.copyOf(zip, zip.length - 30)));
    byte[] bomb = Zips.of(true, Map.of("x.npy", new byte[1 << 20]));
    // The size in the directory: 24 bytes into its one entry, which begins before name and end.
    java.nio.ByteBuffer.wrap(bomb)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(bomb.length - 22 - 5 - 46 + 24, Integer.MAX_VALUE);
    refused("decompress from", file(bomb));
    refused("neither a PyTorch file", file(Zips.of(true, Map.of("readme.txt", new byte[9]))));
    refused("none of the tensor files", file("hello".getBytes(StandardCharsets.US_ASCII)));
    refused("none of the tensor files", file(new byte[0]));
    refused("no such file", folder.resolve("none"));
    refused("is a folder", folder);
  }

  /** OmegaConf's nodes know their parents, which hold them. */
  @Test
  void settingsMayPointBackAtWhatHoldsThem() throws IOException {
    PickleBytes pickle = new PickleBytes().raw('}', '(').text("hyper_parameters");
    for (int i = 0; i < 40; i++) { // deeper than weights ever lie
      pickle.global("omegaconf.dictconfig", "DictConfig").raw(')', 0x81, 'q', i, '}', '(');
      pickle.text("_parent").raw('h', Math.max(0, i - 1)).text("_content").raw('}', '(');
      pickle.text("rate").number(i).text("next");
    }
    pickle.raw('N');
    for (int i = 0; i < 40; i++) {
      pickle.raw('u', 'u', 'b');
    }
    pickle.text("epoch").number(7).raw('u');
    try (TensorFile in = TensorFile.open(file(pickle.end()))) {
      assertEquals(Map.of(), in.tensors());
      assertEquals("7", in.metadata().get("epoch"));
      assertEquals("0", in.metadata().get("hyper_parameters._content.rate"));
      assertEquals("1", in.metadata().get("hyper_parameters._content.next._content.rate"));
    }
  }

  /** A short tuple of one long text, as a key: 60,000 times 65,000 characters. */
  @Test
  void keysThatDoubleAreRefused() throws IOException {
    PickleBytes bomb = new PickleBytes().text("a".repeat(65_000)).raw('q', 0, '0', '}', '(', '(');
    for (int i = 0; i < 60_000; i++) {
      bomb.raw('h', 0);
    }
    refused("a key of more than", file(bomb.raw('t').number(1).raw('u').end()));
    PickleBytes pairs = new PickleBytes().text("x").raw('q', 0, '0', '}', '(').raw('h', 0);
    for (int i = 0; i < 3; i++) {
      pairs.raw('q', 1, '0', '(');
      for (int k = 0; k < 1_000; k++) {
        pairs.raw('h', 1);
      }
      pairs.raw('t');
    }
    refused("a key of more than", file(pairs.number(1).raw('u').end()));
    PickleBytes twice = new PickleBytes().raw('}', '(');
    for (int i = 0; i < 2; i++) {
      twice.text("a".repeat(60_000)).number(i);
    }
    String message =
        assertThrows(FileException.class, () -> TensorFile.open(file(twice.raw('u').end())).close())
            .getMessage();
    assertTrue(message.length() < 500, message);
  }

  /** Opening one for reading waits until somebody writes to it. */
  @Test
  void pipesAreRefused() throws IOException, InterruptedException {
    Path pipe = folder.resolve("made.safetensors");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\":{\"b\":\"made.safetensors\"}}");
    for (Path file : List.of(pipe, index)) {
      String message =
          assertTimeoutPreemptively(
              Duration.ofSeconds(20),
              () ->
                  assertThrows(FileException.class, () -> TensorFile.open(file).close())
                      .getMessage());
      assertTrue(message.contains("is a pipe"), message);
    }
  }

  @Test
  void saysWhatAWrongFileIs() throws IOException {
    Map<String, String> wrong =
        Map.of(
            "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 9\n", "git lfs pull",
            "\ufeff\n<!DOCTYPE html><html>Virus scan warning</html>", "is a web page",
            "<HTML>", "is a web page");
    for (var entry : wrong.entrySet()) {
      refused(entry.getValue(), file(entry.getKey().getBytes(StandardCharsets.UTF_8)));
    }
    refused("is empty", file(new byte[0]));
    refused("compressed with gzip", file(new byte[] {31, -117, 8, 0}));
  }

  private static void refused(String part, Path file) {
    String message =
        assertThrows(
                FileException.class,
                () -> {
                  try (TensorFile in = TensorFile.open(file)) {
                    in.tensors().values().forEach(StoredTensor::floats);
                  }
                })
            .getMessage();
    assertTrue(message.contains(part) && message.contains(file.toString()), message);
  }
}
