package dev.fizzy.alignment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PointsFileTest {
  @TempDir Path folder;

  private PointsFile read(String text) throws IOException {
    return PointsFile.read(Files.writeString(folder.resolve("points.txt"), text));
  }

  private static List<Detection> faces(PointsFile points, String name) {
    return points.detect(List.of(new Photo(name, new Rgb(1, 1, new byte[3])))).get(0);
  }

  @Test
  void readsListsAsTheyArePublished() throws IOException {
    PointsFile celeba =
        read("2\nlefteye_x lefteye_y righteye_x\na/1.jpg  1 2  3 4  5 6  7 8  9 10\n");
    assertEquals(10, faces(celeba, "a/1.jpg").get(0).points().y(4));
    assertEquals(1, faces(celeba, "a/1.jpg").get(0).score());
    PointsFile scored = read("# ours\n./b c.png, 1,2,3,4,5,6,7,8,9,10.5, 0.25\n");
    assertEquals(.25, faces(scored, "b c.png").get(0).score());
    assertEquals(List.of(), faces(scored, "other.png"));
  }

  @Test
  void readsOurOwnReport() throws IOException {
    PointsFile points =
        read(
            "{\"image\":\"a.jpg\",\"points\":[[1,2],[3,4],[5,6],[7,8],[9,10]],\"score\":0.9}\n"
                + "{\"image\":\"b.jpg\",\"faces\":0}\n");
    Detection face = faces(points, "a.jpg").get(0);
    assertEquals(7, face.points().x(3));
    assertEquals(new Box(1, 2, 9, 10), face.box());
    assertEquals(List.of(), faces(points, "b.jpg"));
  }

  @Test
  void severalLinesAreSeveralFaces() throws IOException {
    PointsFile points = read("a 1 2 3 4 5 6 7 8 9 10\na 2 2 3 4 5 6 7 8 9 10\n");
    assertEquals(2, faces(points, "a").size());
    assertEquals(1, points.photos());
  }

  @Test
  void otherLinesAreNamed() {
    String good = "a 1 2 3 4 5 6 7 8 9 10\n";
    for (String bad :
        new String[] {"b 1 2 3\n", "b 1 2 3 4 5 6 7 8 9 nan\n", "{\"image\":3}\n", "{torn\n"}) {
      FileException e = assertThrows(FileException.class, () -> read(good + bad));
      assertTrue(e.getMessage().contains("line 2"), e.getMessage());
    }
    assertThrows(FileException.class, () -> read("h\nh\nh\n" + good));
    assertThrows(FileException.class, () -> read("\n"));
  }
}
