package dev.fizzy.cli;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** People to recognize, and a network small enough for them. */
final class People {
  static final int SIZE = 16;

  private People() {}

  /** Every person has an ellipse of his own, every image of him another brightness and grain. */
  static Path write(Path folder, int people, int images) throws IOException {
    for (int person = 0; person < people; person++) {
      String name = String.format("p%02d", person);
      Path of = Files.createDirectories(folder.resolve(name));
      for (int image = 0; image < images; image++) {
        byte[] pixels = Pictures.face(SIZE, person).pixels();
        byte[] grain = Pictures.noise(SIZE, person * images + image).pixels();
        for (int i = 0; i < pixels.length; i++) {
          pixels[i] = (byte) Math.max(0, (pixels[i] & 255) - 5 * image + grain[i] / 16);
        }
        Rgb face = new Rgb(SIZE, SIZE, pixels);
        Files.write(of.resolve(name + "_000" + image + ".png"), ImageEncoder.png(face, null));
      }
    }
    return folder;
  }

  /** An iResNet of one block a stage. */
  static Path network(Path file) throws IOException {
    return Files.writeString(
        file,
        "{\"name\":\"tiny\",\"blocks\":[1,1,1,1],\"width\":8,\"embedding\":16,\"size\":16,\"dropout\":0.1}");
  }
}
