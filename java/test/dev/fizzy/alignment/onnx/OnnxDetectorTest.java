package dev.fizzy.alignment.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.alignment.Detection;
import dev.fizzy.alignment.Photo;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxDetectorTest {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;
  private static final double[] POINTS = {-.5, -.5, .5, -.5, 0, 0, -.25, .5, .25, .75};

  @TempDir Path folder;

  /** Black but for squares of 8 cells' pixels in one color, at (column, row) of cells of 8. */
  private static Rgb photo(int times, int channel, int[]... cells) {
    int width = WIDTH * times;
    byte[] pixels = new byte[3 * width * HEIGHT * times];
    for (int[] cell : cells) {
      for (int i = 0; i < 64 * times * times; i++) {
        int x = 8 * times * cell[0] + i % (8 * times);
        int y = 8 * times * cell[1] + i / (8 * times);
        pixels[3 * (y * width + x) + channel] = (byte) cell[2];
      }
    }
    return new Rgb(width, HEIGHT * times, pixels);
  }

  private static List<Detection> detect(OnnxDetector detector, Rgb image) {
    return detector.detect(List.of(new Photo("p", image))).get(0);
  }

  @Test
  void yunet() throws IOException {
    double[] box = {.5, .25, Math.log(2), Math.log(3)};
    Path file = TinyDetector.yunet(folder.resolve("y.onnx"), WIDTH, HEIGHT, box, POINTS);
    try (OnnxDetector detector = OnnxDetector.open(file, 0)) {
      assertTrue(detector.description().startsWith("yunet 96 x 64"), detector.description());
      Rgb image = photo(2, 2, new int[] {1, 1, 200}, new int[] {9, 4, 255}, new int[] {5, 1, 90});
      List<Detection> faces = detect(detector, image);
      assertEquals(2, faces.size(), "the third is not sure enough");
      Detection face = faces.get(0);
      assertEquals(1, face.score(), 1e-6);
      // The cell's corner in the photo is (144, 64), its side 16
      assertEquals(144 + 8, face.box().centerX(), 1e-3);
      assertEquals(64 + 4, face.box().centerY(), 1e-3);
      assertEquals(32, face.box().right() - face.box().left(), 1e-3);
      assertEquals(48, face.box().bottom() - face.box().top(), 1e-3);
      assertEquals(144 - 8, face.points().x(0), 1e-3);
      assertEquals(64 + 12, face.points().y(4), 1e-3);
      assertEquals(200 / 255., faces.get(1).score(), 1e-6);
      assertEquals(List.of(), detect(detector, photo(2, 0, new int[] {1, 1, 255})), "red");
    }
  }

  @Test
  void scrfd() throws IOException {
    double[] box = {1, 1, 2, 3};
    Path file = TinyDetector.scrfd(folder.resolve("s.onnx"), WIDTH, HEIGHT, box, POINTS);
    try (OnnxDetector detector = OnnxDetector.open(file, 0)) {
      assertTrue(detector.description().startsWith("scrfd"), detector.description());
      List<Detection> faces =
          detect(detector, photo(1, 0, new int[] {3, 2, 255}, new int[] {4, 2, 250}));
      assertEquals(1, faces.size(), "the second box covers the first too much");
      Detection face = faces.get(0);
      assertEquals((255 - 127.5) / 128, face.score(), 1e-5);
      assertEquals(24 - 8, face.box().left(), 1e-4);
      assertEquals(16 + 24, face.box().bottom(), 1e-4);
      assertEquals(24 + 2, face.points().x(4), 1e-4);
      assertEquals(16 - 4, face.points().y(0), 1e-4);
      assertEquals(List.of(), detect(detector, photo(1, 2, new int[] {3, 2, 255})), "blue");
    }
  }

  @Test
  void aPhotoOfAnotherShapeIsLaidOnBlack() throws IOException {
    double[] box = {1, 1, 1, 1};
    Path file = TinyDetector.scrfd(folder.resolve("s.onnx"), WIDTH, HEIGHT, box, POINTS);
    byte[] red = new byte[3 * 32 * 32];
    for (int i = 0; i < red.length; i += 3) {
      red[i] = (byte) 255;
    }
    try (OnnxDetector detector = OnnxDetector.open(file, .9)) {
      // 32 x 32 fits as 64 x 64: cells beyond column 7 see black
      List<Detection> faces = detect(detector, new Rgb(32, 32, red));
      assertTrue(faces.size() > 4);
      assertTrue(faces.stream().allMatch(f -> f.box().centerX() < 32), faces.toString());
    }
  }

  @Test
  void othersAreRefusedInASentence() throws IOException {
    Path flatten = TinyOnnx.flatten(folder.resolve("f.onnx"), 1, 3, 32, 32);
    Path gray = TinyOnnx.flatten(folder.resolve("g.onnx"), 1, 1, 32, 32);
    Path text = Files.writeString(folder.resolve("t.onnx"), "text");
    String[] wanted = {
      "those of YuNet", "float [1, 3, height, width]", "cannot be used", "not exist"
    };
    Path[] files = {flatten, gray, text, folder.resolve("none.onnx")};
    for (int i = 0; i < files.length; i++) {
      Path file = files[i];
      FileException e = assertThrows(FileException.class, () -> OnnxDetector.open(file, 0));
      assertTrue(e.getMessage().contains(wanted[i]), e.getMessage());
    }
  }
}
