package dev.fizzy.recognition.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.file.FileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationBinTest {
  private static final int PAIRS = 23;

  @TempDir Path folder;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("x.bin"), bytes);
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    List<VerificationPairs.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      for (int k = 0; k < 2; k++) {
        Pictures.png(folder.resolve("i/" + (2 * i + k) + ".png"), 8, 2L * i + k);
      }
      pairs.add(new VerificationPairs.Pair(2 * i + ".png", 2 * i + 1 + ".png", i % 3 == 0, 0));
    }
    FaceFolder faces = FaceFolder.open(folder.resolve("i"));
    Path bin = folder.resolve("y.bin");
    VerificationBinWriter.write(bin, new VerificationPairs(pairs, 10, Set.of()), faces, n -> {});
    try (VerificationBin read = VerificationBin.open(bin)) {
      assertEquals(2 * PAIRS, read.count());
      for (int i = 0; i < read.count(); i++) {
        assertArrayEquals(Files.readAllBytes(folder.resolve("i/" + i + ".png")), read.bytes(i));
        assertArrayEquals(Pictures.noise(8, i).pixels(), read.decode(i).pixels());
      }
      int[] inFold = new int[10];
      for (int i = 0; i < PAIRS; i++) {
        VerificationPairs.Pair pair = read.pairs().pairs().get(i);
        assertEquals(i % 3 == 0, pair.same());
        assertEquals(Integer.toString(2 * i), pair.first());
        inFold[pair.fold()]++;
      }
      // as KFold(10).split gives them: the first ones have one more
      assertArrayEquals(new int[] {3, 3, 3, 2, 2, 2, 2, 2, 2, 2}, inFold);
    }
  }

  /** A pickle of 20 images and 10 answers, by the opcode for an image and those around it. */
  private static byte[] pickle(byte[] head, byte[] image, String answer) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(head);
    out.write("](".getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 20; i++) {
      out.write(image);
    }
    out.write("e](".getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 10; i++) {
      out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
    }
    out.write("e\u0086.".getBytes(StandardCharsets.ISO_8859_1));
    return out.toByteArray();
  }

  private static byte[] string(char opcode, byte[] bytes) {
    return ByteBuffer.allocate(5 + bytes.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) opcode)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  @Test
  void bothPythonsAreRead() throws IOException {
    Pictures.png(folder.resolve("i/0.png"), 8, 0);
    byte[] png = Files.readAllBytes(folder.resolve("i/0.png"));
    byte[] two = pickle(new byte[] {(byte) 0x80, 2}, string('T', png), "K\1");
    byte[] three = pickle(new byte[] {(byte) 0x80, 4}, string('B', png), "\u0088");
    for (byte[] bytes : new byte[][] {two, three}) {
      try (VerificationBin read = VerificationBin.open(file(bytes))) {
        assertArrayEquals(png, read.bytes(19));
        assertTrue(read.pairs().pairs().get(9).same());
      }
    }
  }

  private void refused(byte[] bytes, String part) throws IOException {
    Path file = file(bytes);
    String message =
        assertThrows(FileException.class, () -> VerificationBin.open(file)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void whatIsNoneIsRefused() throws IOException {
    byte[] three = {(byte) 0x80, 3};
    refused(pickle(three, string('B', new byte[2]), ""), "20 images for 0 pairs");
    refused(pickle(three, string('B', new byte[2]), "N"), "neither true nor false");
    refused("\u0080\3}.".getBytes(StandardCharsets.ISO_8859_1), "not a verification set");
    byte[] beyond = pickle(three, string('B', new byte[2]), "\u0088");
    beyond[7] = 0x70; // the first image's length
    refused(beyond, "offset");
    refused("cos\nsystem\n(S'id'\ntR.".getBytes(StandardCharsets.US_ASCII), "offset");
  }
}
