package dev.fizzy.report;

import dev.fizzy.generation.FaceSampler;
import dev.fizzy.identity.Contexts;
import dev.fizzy.image.SyntheticOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A grid of faces: a row an identity, its images side by side. */
public final class SampleGrid {
  private SampleGrid() {}

  /**
   * @param model SHA-256 of the model, or what else tells where the weights come from
   */
  public static void draw(
      FaceSampler sampler,
      Contexts contexts,
      int columns,
      int size,
      long seed,
      String model,
      Path file) {
    List<String> labels = new ArrayList<>(contexts.names());
    Grid grid = new Grid(labels, columns, size);
    int total = contexts.size() * columns;
    int batch = sampler.batch();
    float[][] vectors = new float[batch][];
    int[] rows = new int[2 * batch];
    for (int begin = 0; begin < total; begin += batch) {
      for (int i = 0; i < batch; i++) {
        int cell = Math.min(begin + i, total - 1);
        vectors[i] = contexts.vector(cell / columns);
        rows[2 * i] = cell / columns;
        rows[2 * i + 1] = cell % columns;
      }
      byte[] pixels = sampler.draw(vectors, rows, seed);
      for (int i = 0; i < batch && begin + i < total; i++) {
        grid.put((begin + i) / columns, (begin + i) % columns, pixels, i * size * size * 3);
      }
    }
    String identities =
        labels.get(0) + (labels.size() > 1 ? " to " + labels.get(labels.size() - 1) : "");
    grid.write(file, new SyntheticOrigin(seed, identities, 0, model));
  }
}
