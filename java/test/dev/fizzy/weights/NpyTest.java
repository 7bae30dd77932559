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
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
  @TempDir Path folder;

  @Test
  void comesBackAsWritten() {
    for (int[] shape : new int[][] {{5}, {2, 3}, {2, 1, 4}, {}, {0, 7}}) {
      int count = java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = i == 0 ? Float.NaN : (float) Math.sin(i);
      }
      Path file = folder.resolve("a.npy");
      new Npy(shape, values).write(file);
      Npy back = Npy.read(file);
      assertArrayEquals(shape, back.shape());
      assertArrayEquals(values, back.values());
    }
  }

  @Test
  void headerIsAlignedAsNumpyWantsIt() throws IOException {
    Path file = folder.resolve("a.npy");
    new Npy(new int[] {3, 2}, new float[6]).write(file);
    byte[] bytes = Files.readAllBytes(file);
    assertEquals(0, (bytes.length - 24) % 64);
    assertEquals('\n', bytes[bytes.length - 25]);
  }

  private Path file(int version, String header, ByteBuffer data) throws IOException {
    ByteBuffer out =
        ByteBuffer.allocate(12 + header.length() + data.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    out.put("\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1)).put((byte) version).put((byte) 0);
    if (version == 1) {
      out.putShort((short) header.length());
    } else {
      out.putInt(header.length());
    }
    out.put(header.getBytes(StandardCharsets.ISO_8859_1)).put(data.array());
    return Files.write(
        folder.resolve("b.npy"), java.util.Arrays.copyOf(out.array(), out.position()));
  }

  @Test
  void readsDoublesOfVersionTwo() throws IOException {
    ByteBuffer data =
        ByteBuffer.allocate(16).order(ByteOrder.BIG_ENDIAN).putDouble(.5).putDouble(-2);
    Path file = file(2, "{'descr': '>f8', 'fortran_order': False, 'shape': (2,), }\n", data);
    assertArrayEquals(new float[] {.5f, -2}, Npy.read(file).values());
  }

  @Test
  void refusesWhatItCannotRead() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(8);
    String good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
    refused("Fortran", file(1, good.replace("False", "True"), data));
    refused("pickled", file(1, good.replace("<f4", "|O"), data));
    refused("<i8", file(1, good.replace("<f4", "<i8"), data));
    refused("needs 12 bytes", file(1, good.replace("(2,)", "(3,)"), data));
    refused(
        "too many", file(1, good.replace("(2,)", "(2000000000, 2000000000, 2000000000)"), data));
    refused("too large", file(1, good.replace("(2,)", "(99999999999,)"), data));
    refused("version 4", file(4, good, data));
    refused("begin with", Files.writeString(folder.resolve("c.npy"), "these are not numbers"));
    refused("no such file", folder.resolve("none.npy"));
  }

  private static void refused(String part, Path file) {
    String message = assertThrows(FileException.class, () -> Npy.read(file)).getMessage();
    assertTrue(message.contains(part) && message.contains(file.getFileName().toString()), message);
  }

  @Test
  void damageGivesASentenceOrValues() throws IOException {
    Path file = folder.resolve("d.npy");
    Npy.of(new float[][] {{1, 2}, {3, 4}}).write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int cut = 0; cut < whole.length; cut++) {
      Files.write(file, java.util.Arrays.copyOf(whole, cut));
      assertThrows(FileException.class, () -> Npy.read(file));
    }
    Random random = new Random(1);
    for (int n = 0; n < 2000; n++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      Files.write(file, damaged);
      try {
        Npy.read(file);
      } catch (FileException e) {
        assertTrue(e.getMessage().contains("d.npy"), e.getMessage());
      }
    }
  }
}
