package dev.fizzy.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  private Path write() {
    Path file = folder.resolve("m.safetensors");
    float[] big = new float[600_000];
    for (int i = 0; i < big.length; i++) {
      big[i] = (float) Math.cos(i);
    }
    Safetensors.write(
        file,
        Map.of("step", "7"),
        List.of(
            Safetensors.Entry.f32("big", big, 600, 1000),
            new Safetensors.Entry(
                "half",
                Safetensors.Type.BF16,
                new long[] {3},
                () -> new float[] {1, -2.5f, 1.00390625f}),
            Safetensors.Entry.f32("scalar", new float[] {4}),
            Safetensors.Entry.f32("empty", new float[0], 0, 5)));
    return file;
  }

  @Test
  void comesBackAsWritten() throws IOException {
    Path file = write();
    try (Safetensors in = Safetensors.open(file)) {
      assertEquals(Map.of("step", "7"), in.metadata());
      assertEquals(4, in.names().size());
      assertArrayEquals(new long[] {600, 1000}, in.shape("big"));
      assertEquals((float) Math.cos(599_999), in.floats("big")[599_999]);
      // 1 + 2^-8 lies half way between two bf16 values and goes to the even one.
      assertArrayEquals(new float[] {1, -2.5f, 1}, in.floats("half"));
      assertArrayEquals(new float[] {4}, in.floats("scalar"));
      assertEquals(0, in.floats("empty").length);
      assertThrows(FileException.class, () -> in.floats("other"));
    }
    byte[] first = Files.readAllBytes(file);
    assertEquals(0, ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
    assertArrayEquals(first, Files.readAllBytes(write()));
  }

  private Path file(String header, byte... data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(text.length).put(text).put(data);
    return Files.write(folder.resolve("x.safetensors"), out.array());
  }

  @Test
  void readsEveryType() throws IOException {
    String one = "{\"a\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[0,%d]}}";
    ByteBuffer f64 = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(2.5);
    ByteBuffer i64 = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(-3);
    assertEquals(2.5f, value(file(one.formatted("F64", 8), f64.array())));
    assertEquals(-3, value(file(one.formatted("I64", 8), i64.array())));
    assertEquals(-3, value(file(one.formatted("I32", 4), new byte[] {-3, -1, -1, -1})));
    assertEquals(-3, value(file(one.formatted("I16", 2), new byte[] {-3, -1})));
    assertEquals(-3, value(file(one.formatted("I8", 1), (byte) -3)));
    assertEquals(253, value(file(one.formatted("U8", 1), (byte) -3)));
    assertEquals(1, value(file(one.formatted("BOOL", 1), (byte) 1)));
    assertEquals(-1.5f, value(file(one.formatted("F16", 2), (byte) 0, (byte) 0xbe)));
    assertEquals(0x1p-24f, value(file(one.formatted("F16", 2), (byte) 1, (byte) 0)));
    assertEquals(
        Float.POSITIVE_INFINITY, value(file(one.formatted("F16", 2), (byte) 0, (byte) 0x7c)));
  }

  private static float value(Path file) {
    try (Safetensors in = Safetensors.open(file)) {
      return in.floats("a")[0];
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "type F8_E5M2 | {'a':{'dtype':'F8_E5M2','shape':[4],'data_offsets':[0,4]}}",
        "inside |"
            + " {'a':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},'b':{'dtype':'U8','shape':[2],'data_offsets':[2,4]}}",
        "hole |"
            + " {'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'b':{'dtype':'U8','shape':[2],'data_offsets':[2,4]}}",
        "hole | {'b':{'dtype':'U8','shape':[2],'data_offsets':[2,4]}}",
        "cover 2 | {'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]}}",
        "0..8 of 4 | {'a':{'dtype':'U8','shape':[8],'data_offsets':[0,8]}}",
        "3..1 | {'a':{'dtype':'U8','shape':[2],'data_offsets':[3,1]}}",
        "does not fill | {'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}",
        "does not fill |"
            + " {'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,4]}}",
        "where an integer | {'a':{'dtype':'U8','shape':[-4],'data_offsets':[0,4]}}",
        "where an integer | {'a':{'dtype':'U8','shape':[4],'data_offsets':[0,99999999999999999999]}}",
        "where an integer | {'a':{'dtype':'U8','shape':[4.0],'data_offsets':[0,4]}}",
        "needs dtype | {'a':{'dtype':'U8','shape':[4]}}",
        "needs dtype | {'a':7}",
        "Duplicate |"
            + " {'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}",
        "not a string |"
            + " {'__metadata__':{'k':1},'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}",
        "not a JSON object | [1]",
        "damaged header | {'a':",
      })
  void refusesAHeaderThatDoesNotFit(String part, String header) throws IOException {
    refused(part, file(header.replace('\'', '"'), new byte[4]));
  }

  @Test
  void refusesALengthBeyondTheFile() throws IOException {
    Path file = folder.resolve("l.safetensors");
    for (long length : new long[] {-1, 0, 1, 100, Long.MAX_VALUE}) {
      ByteBuffer out = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      refused("header of", Files.write(file, out.array()));
    }
    refused("has 3 bytes", Files.write(file, new byte[3]));
    refused("no such file", folder.resolve("none"));
  }

  private static void refused(String part, Path file) {
    String message =
        assertThrows(FileException.class, () -> Safetensors.open(file).close()).getMessage();
    assertTrue(message.contains(part) && message.contains(file.getFileName().toString()), message);
  }

  @Test
  void damageGivesASentenceOrTensors() throws IOException {
    Path file = folder.resolve("f.safetensors");
    Safetensors.write(
        file,
        Map.of("k", "v"),
        List.of(
            Safetensors.Entry.f32("a", new float[4], 2, 2),
            Safetensors.Entry.f32("b", new float[1], 1)));
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(1);
    for (int n = 0; n < 3000; n++) {
      byte[] damaged = n < whole.length ? Arrays.copyOf(whole, n) : whole.clone();
      for (int k = random.nextInt(3); k >= 0 && n >= whole.length; k--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      try (Safetensors in = Safetensors.open(file)) {
        in.names().forEach(in::floats);
      } catch (FileException e) {
        assertTrue(e.getMessage().contains("f.safetensors"), e.getMessage());
      }
    }
  }

  @Test
  void writingWrongValuesLeavesTheOldFile() throws IOException {
    Path file = write();
    byte[] before = Files.readAllBytes(file);
    assertThrows(
        FileException.class,
        () ->
            Safetensors.write(
                file, Map.of(), List.of(Safetensors.Entry.f32("a", new float[3], 4))));
    assertArrayEquals(before, Files.readAllBytes(file));
    try (var left = Files.list(folder)) {
      assertEquals(1, left.count());
    }
  }
}
