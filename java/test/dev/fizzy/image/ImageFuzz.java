package dev.fizzy.image;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.fuzz.FuzzTarget;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** The decoder of images, a target a format, for the fuzzer. */
public final class ImageFuzz {
  private ImageFuzz() {}

  public static List<FuzzTarget> targets() {
    Rgb image = Pictures.noise(8, 1);
    byte[] pnm = "P3 2 1 255 1 2 3 4 5 6".getBytes(StandardCharsets.ISO_8859_1);
    List<FuzzTarget> targets = new ArrayList<>();
    targets.add(target("png", List.of(ImageEncoder.png(image, null))));
    targets.add(target("jpg", List.of(ImageEncoder.jpeg(image, 90, null))));
    targets.add(target("webp", WebpFileTest.files()));
    targets.add(target("ppm", List.of(pnm)));
    for (String format : new String[] {"gif", "bmp", "tiff"}) {
      targets.add(target(format, List.of(encoded(format))));
    }
    return targets;
  }

  private static FuzzTarget target(String format, List<byte[]> seeds) {
    return new FuzzTarget(
        "image." + format, seeds, ImageFuzz::decode, List.of(ImageException.class));
  }

  /** A header may rightly name many pixels: such images are left out, for what they allocate. */
  private static void decode(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    EncodedImage image;
    try {
      image = ImageFormat.parse(bytes);
    } catch (RuntimeException e) {
      ImageDecoder.decode(bytes); // which is to turn it into a reason
      return;
    }
    if ((long) image.width() * image.height() < 1 << 14) {
      ImageDecoder.decode(bytes);
    }
  }

  private static byte[] encoded(String format) {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_3BYTE_BGR);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
