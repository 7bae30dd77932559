package dev.fizzy.recognition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.recognition.protocol.TemplateLists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateVerificationTest {
  private static final String POINTS = " 1 2 3 4 5 6 7 8 9 10 ";

  @TempDir Path folder;

  private Path file(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  @Test
  void aTemplateIsTheSumOfItsMediasMeans() throws IOException {
    // template 7: a video of two frames and a still; 8 and 9 have an image each, 5 none that is
    // usable
    Path faces =
        file(
            "tid_mid.txt",
            "1.jpg 7 3",
            "2.jpg 8 1",
            "3.jpg 7 2",
            "4.jpg 7 3",
            "5.jpg 9 1",
            "6.jpg 5 1");
    Path pairs = file("pairs.txt", "7 8 1", "7 9 0", "8 9 0", "5 7 1");
    Path points =
        file(
            "points.txt",
            "1.jpg" + POINTS + "0.5",
            "2.jpg" + POINTS + "0.9",
            "3.jpg" + POINTS + "1",
            "4.jpg" + POINTS + "1.0",
            "5.jpg" + POINTS + "1",
            "6.jpg" + POINTS + "1");
    Contexts vectors =
        new Contexts(
            List.of("1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"),
            new float[][] {{1, 0, 0}, {0, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0}});
    // weighted: frames (.5 e1 + e3) / 2, still e2: (.25, 1, .5), length sqrt(1.3125)
    TemplateVerification result =
        TemplateVerification.of(TemplateLists.read(faces, pairs, points), vectors);
    double length = Math.sqrt(1.3125);
    assertEquals(1 / length, (double) result.scores().fields().get("genuine_mean"), 1e-6);
    assertEquals(.125 / length, (double) result.scores().fields().get("impostor_mean"), 1e-6);
    assertEquals(3, result.pairs());
    assertEquals(1, result.skipped());
    assertEquals(5, result.images());
    // not weighted: (.5, 1, .5), length sqrt(1.5)
    TemplateVerification plain =
        TemplateVerification.of(TemplateLists.read(faces, pairs, null), vectors);
    assertEquals(1 / Math.sqrt(1.5), (double) plain.scores().fields().get("genuine_mean"), 1e-6);
  }

  @Test
  void wrongLinesAreToldByTheirNumbers() throws IOException {
    Path faces = file("tid_mid.txt", "1.jpg 7 3", "2.jpg 8 1");
    Path pairs = file("pairs.txt", "7 8 1");
    for (String bad : new String[] {"7 8", "7 8 2", "7 x 1", "7 6 1"}) {
      Path wrong = file("wrong.txt", "7 8 1", bad);
      String message =
          assertThrows(FileException.class, () -> TemplateLists.read(faces, wrong, null))
              .getMessage();
      assertTrue(message.contains("wrong.txt, line 2"), message);
    }
    Path points = file("points.txt", "1.jpg" + POINTS + "1");
    assertTrue(
        assertThrows(FileException.class, () -> TemplateLists.read(faces, pairs, points))
            .getMessage()
            .contains("scores of 1 of 2 images"));
  }
}
