package dev.fizzy.dataset.write;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestTest {
  private static String line(int image) {
    return "{\"path\":\"a\",\"identity\":\"a\",\"image\":"
        + image
        + ",\"sha256\":\"\",\"bytes\":1}";
  }

  /** Delivers so many bytes at a time. */
  private static InputStream in(String text, int each) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)) {
      @Override
      public synchronized int read(byte[] into, int from, int length) {
        return super.read(into, from, Math.min(length, each));
      }
    };
  }

  @Test
  void linesAreVisitedWhereverAReadEnds() throws IOException {
    String first = line(1) + "\n";
    String broken = "{\n";
    String longer = "x".repeat(200_000) + "\n";
    String last = line(2) + "\n";
    String text = first + broken + longer + last + line(3); // without its end
    for (int each : new int[] {1, 7, first.length(), 1 << 20}) {
      List<String> visited = new ArrayList<>();
      long end =
          Manifest.visit(
              in(text, each),
              (line, at) -> visited.add((line == null ? "damaged" : line.image()) + " at " + at));
      int third = first.length() + broken.length();
      assertEquals(
          List.of(
              "1 at 0",
              "damaged at " + first.length(),
              "damaged at " + third,
              "2 at " + (third + longer.length())),
          visited,
          each + " bytes a read");
      assertEquals(third + longer.length() + last.length(), end);
      assertEquals(
          first.length(), Manifest.visit(in(text, each), (line, at) -> at == 0), "stopped");
    }
  }
}
