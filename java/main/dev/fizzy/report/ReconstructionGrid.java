package dev.fizzy.report;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.Autoencoding;
import java.nio.file.Path;
import java.util.List;

/** Two rows of faces: those of a data set, and their reconstructions by an autoencoder. */
public final class ReconstructionGrid {
  private ReconstructionGrid() {}

  /**
   * @param columns number of faces, spread evenly over the data set; also the batch of both
   *     networks
   */
  public static void draw(
      Autoencoding encoder, Autoencoding decoder, FaceSet faces, int columns, Path file) {
    int size = faces.size();
    int bytes = size * size * 3;
    byte[] pixels = new byte[columns * bytes];
    for (int i = 0; i < columns; i++) {
      byte[] face = faces.pixels(i * (faces.count() / columns));
      System.arraycopy(face, 0, pixels, i * bytes, bytes);
    }
    byte[] decoded = decoder.decode(encoder.encode(pixels)).get().pixels();
    Grid grid = new Grid(List.of("face", "again"), columns, size);
    for (int i = 0; i < columns; i++) {
      grid.put(0, i, pixels, i * bytes);
      grid.put(1, i, decoded, i * bytes);
    }
    grid.write(file, null); // of real faces
  }
}
