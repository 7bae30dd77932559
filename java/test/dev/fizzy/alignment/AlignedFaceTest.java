package dev.fizzy.alignment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.image.ImageException;
import dev.fizzy.image.Rgb;
import org.junit.jupiter.api.Test;

class AlignedFaceTest {
  private static Landmarks through(Similarity s, int size) {
    Landmarks t = ArcFaceTemplate.of(size);
    double[] xy = new double[10];
    for (int i = 0; i < 5; i++) {
      xy[2 * i] = s.x(t.x(i), t.y(i));
      xy[2 * i + 1] = s.y(t.x(i), t.y(i));
    }
    return new Landmarks(xy);
  }

  /** Red grows with x, green with y. */
  private static Rgb ramp(int side) {
    byte[] pixels = new byte[3 * side * side];
    for (int i = 0; i < side * side; i++) {
      pixels[3 * i] = (byte) Math.round(i % side * 250. / side);
      pixels[3 * i + 1] = (byte) Math.round(i / side * 250. / side);
    }
    return new Rgb(side, side, pixels);
  }

  @Test
  void pointsThatAreTheTemplateChangeNothing() throws ImageException {
    Rgb photo = ramp(112);
    AlignedFace face = AlignedFace.of(photo, ArcFaceTemplate.of(112), 112);
    assertArrayEquals(photo.pixels(), face.image().pixels());
    assertEquals(0, face.outside());
  }

  @Test
  void aRampIsSampledWhereTheSimilaritySays() throws ImageException {
    int side = 500;
    Rgb photo = ramp(side);
    for (double scale : new double[] {.4, .9, 1.5, 2.7}) {
      Similarity back = new Similarity(scale, .2 * scale, 90, 60); // from face to photo
      AlignedFace face = AlignedFace.of(photo, through(back, 112), 112);
      for (int i = 0; i < 112 * 112; i++) {
        double x = back.x(i % 112, i / 112);
        double y = back.y(i % 112, i / 112);
        double margin = 2 + 2 * scale;
        if (x > margin && y > margin && x < side - margin && y < side - margin) {
          assertEquals(x * 250 / side, face.image().pixels()[3 * i] & 255, 1.01);
          assertEquals(y * 250 / side, face.image().pixels()[3 * i + 1] & 255, 1.01);
        }
      }
    }
  }

  @Test
  void shrinkingDoesNotAlias() throws ImageException {
    int side = 700;
    byte[] pixels = new byte[3 * side * side];
    for (int i = 0; i < side * side; i++) {
      byte v = (byte) ((i + i / side) % 2 * 255);
      pixels[3 * i] = v;
      pixels[3 * i + 1] = v;
      pixels[3 * i + 2] = v;
    }
    Similarity back = new Similarity(5, 1.1, 80, 40);
    AlignedFace face = AlignedFace.of(new Rgb(side, side, pixels), through(back, 112), 112);
    for (int i = 0; i < 112 * 112; i++) {
      double x = back.x(i % 112, i / 112);
      double y = back.y(i % 112, i / 112);
      if (x > 12 && y > 12 && x < side - 12 && y < side - 12) {
        assertEquals(127.5, face.image().pixels()[3 * i] & 255, 3);
      }
    }
  }

  @Test
  void whatLiesOutsideIsBlackAndCounted() throws ImageException {
    byte[] white = new byte[3 * 112 * 112];
    java.util.Arrays.fill(white, (byte) 255);
    Similarity back = new Similarity(1, 0, 56, 0); // the right half is outside
    AlignedFace face = AlignedFace.of(new Rgb(112, 112, white), through(back, 112), 112);
    assertEquals(.5, face.outside(), .01);
    assertEquals(255, face.image().pixels()[3 * (50 * 112 + 20)] & 255);
    assertEquals(0, face.image().pixels()[3 * (50 * 112 + 80)] & 255);
  }

  @Test
  void pointsFarApartEndSoon() throws ImageException {
    Similarity back = new Similarity(1e9, 0, -1e10, -1e10);
    AlignedFace face = AlignedFace.of(ramp(40), through(back, 112), 112);
    assertEquals(1, face.outside(), 1e-3);
  }
}
