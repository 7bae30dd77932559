package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PnmFileTest {
  private static void pixels(String file, int... wanted) throws IOException {
    byte[] got = ImageDecoder.decode(file.getBytes(StandardCharsets.ISO_8859_1)).pixels();
    int[] values = new int[got.length];
    for (int i = 0; i < got.length; i++) {
      values[i] = got[i] & 255;
    }
    assertArrayEquals(wanted, values);
  }

  private static void refused(String part, String file) {
    String message =
        assertThrows(
                ImageException.class,
                () -> ImageDecoder.decode(file.getBytes(StandardCharsets.ISO_8859_1)))
            .getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void everyKind() throws IOException {
    pixels("P1\n# a comment\n2 1\n0 1", 255, 255, 255, 0, 0, 0);
    pixels("P1 2 1 01", 255, 255, 255, 0, 0, 0);
    pixels("P2 2 1 5\n0 1", 0, 0, 0, 51, 51, 51);
    pixels("P3 1 1 255 1 2 3", 1, 2, 3);
    pixels("P4 2 1\n\u0040", 255, 255, 255, 0, 0, 0);
    pixels("P5 2 1 255\n\u0007\u00ff", 7, 7, 7, 255, 255, 255);
    pixels("P6 1 1 255\n\1\2\3", 1, 2, 3);
    pixels("P6 1 1 65535\n\u0080\0\u0040\0\u00ff\u00ff", 128, 64, 255);
  }

  @Test
  void whatIsNotWholeIsRefused() {
    refused("truncated", "P6 2 1 255\n\1\2\3");
    refused("truncated", "P2 2 1 255\n1");
    refused("number", "P5 x");
    refused("99999 x 99999", "P5 99999 99999 255\n");
    refused("16-bit gray", "P5 1 1 65535\n\u0080\0");
  }
}
