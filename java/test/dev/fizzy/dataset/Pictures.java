package dev.fizzy.dataset;

import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Images made for tests. */
public final class Pictures {
  private Pictures() {}

  /** Noise, the same for the same seed. */
  public static Rgb noise(int side, long seed) {
    byte[] pixels = new byte[3 * side * side];
    new Random(seed).nextBytes(pixels);
    return new Rgb(side, side, pixels);
  }

  /** A smooth bright ellipse on a smooth ground: something a small network can learn from. */
  public static Rgb face(int side, long seed) {
    Random random = new Random(seed);
    double[] middle = {.4 + .2 * random.nextDouble(), .4 + .2 * random.nextDouble()};
    double[] radius = {.2 + .15 * random.nextDouble(), .25 + .15 * random.nextDouble()};
    double[] skin = {random.nextDouble(), random.nextDouble(), random.nextDouble()};
    byte[] pixels = new byte[3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      double x = ((i / 3 % side + .5) / side - middle[0]) / radius[0];
      double y = ((i / 3 / side + .5) / side - middle[1]) / radius[1];
      double inside = 1 / (1 + Math.exp(6 * (x * x + y * y - 1)));
      pixels[i] = (byte) (40 + 60 * inside + 120 * inside * skin[i % 3]);
    }
    return new Rgb(side, side, pixels);
  }

  public static Path blob(Path file, int side, long seed) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.write(file, ImageEncoder.png(face(side, seed), null));
  }

  public static Path png(Path file, int side, long seed) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.write(file, ImageEncoder.png(noise(side, seed), null));
  }

  /** Three good images, and six that are torn, empty, misnamed, text or hidden. */
  public static Path mixedFolder(Path folder) throws IOException {
    png(folder.resolve("b/2.png"), 20, 2);
    png(folder.resolve("a.png"), 16, 1);
    Files.move(png(folder.resolve("c.png"), 30, 3), folder.resolve("c.jpg"));
    byte[] whole = Files.readAllBytes(folder.resolve("a.png"));
    Files.write(folder.resolve("torn.png"), java.util.Arrays.copyOf(whole, whole.length - 20));
    Files.write(folder.resolve("b/empty.jpg"), new byte[0]);
    Files.writeString(folder.resolve("noise.jpeg"), "this is not an image at all");
    Files.writeString(folder.resolve("README.md"), "passed over");
    Files.writeString(folder.resolve(".hidden.png"), "passed over");
    return folder;
  }
}
