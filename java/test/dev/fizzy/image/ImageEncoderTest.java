package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.commons.imaging.Imaging;
import org.junit.jupiter.api.Test;

class ImageEncoderTest {
  private static final SyntheticOrigin ORIGIN = new SyntheticOrigin(9, "000004", 17, "abc123");

  private static Rgb image() {
    byte[] pixels = new byte[3 * 40 * 30];
    new Random(1).nextBytes(pixels);
    return new Rgb(40, 30, pixels);
  }

  @Test
  void pngIsLosslessAndMarked() throws IOException {
    byte[] png = ImageEncoder.png(image(), ORIGIN);
    assertArrayEquals(image().pixels(), ImageDecoder.decode(png).pixels());
    assertArrayEquals(png, ImageEncoder.png(image(), ORIGIN));
    String metadata = Imaging.getMetadata(png).toString();
    for (String part :
        new String[] {
          "Software: fizzy",
          "SyntheticOrigin",
          "Seed: 9",
          "Identity: 000004",
          "Image: 17",
          "Model: abc123"
        }) {
      assertTrue(metadata.contains(part), metadata);
    }
    assertTrue(Imaging.getXmpXml(png).contains("digitalsourcetype/trainedAlgorithmicMedia"));
  }

  @Test
  void greyPixelsStayThreeChannels() throws IOException {
    Rgb black = new Rgb(8, 8, new byte[192]);
    byte[] png = ImageEncoder.png(black, null);
    assertEquals(2, png[25]); // colour type: RGB
    assertArrayEquals(black.pixels(), ImageDecoder.decode(png).pixels());
  }

  @Test
  void jpegIsMarked() throws IOException {
    byte[] grey = new byte[3 * 32 * 32];
    java.util.Arrays.fill(grey, (byte) 90);
    byte[] jpeg = ImageEncoder.jpeg(new Rgb(32, 32, grey), 95, ORIGIN);
    assertEquals(90, ImageDecoder.decode(jpeg).pixels()[100], 1);
    assertArrayEquals(jpeg, ImageEncoder.jpeg(new Rgb(32, 32, grey), 95, ORIGIN));
    assertTrue(Imaging.getXmpXml(jpeg).contains("trainedAlgorithmicMedia"));
    assertTrue(
        new String(jpeg, StandardCharsets.ISO_8859_1)
            .contains("Seed=9\nIdentity=000004\nImage=17"));
    assertTrue(
        ImageEncoder.jpeg(image(), 30, null).length < ImageEncoder.jpeg(image(), 95, null).length);
  }
}
