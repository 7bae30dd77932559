package dev.fizzy.report;

import dev.fizzy.engine.Workers;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.image.Rgb;
import dev.fizzy.image.SyntheticOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A grid of generated faces: one row per identity. */
public final class SampleGrid {
  private SampleGrid() {}

  /**
   * @param model SHA-256 of the model, or another name of its weights
   */
  public static void draw(
      Workers<FaceSampler> samplers,
      ImageConditions conditions,
      int columns,
      int size,
      long seed,
      String model,
      Path file) {
    List<String> labels = new ArrayList<>(conditions.contexts().names());
    Grid grid = new Grid(labels, columns, size);
    int total = labels.size() * columns;
    int batch = samplers.first().batch();
    samplers.forEach(
        (total + batch - 1) / batch,
        (sampler, number) -> {
          int begin = number * batch;
          List<FaceSampler.Face> faces =
              IntStream.range(begin, Math.min(total, begin + batch))
                  .mapToObj(i -> conditions.face(i / columns, i % columns))
                  .toList();
          List<Rgb> images = sampler.draw(faces, seed);
          for (int i = 0; i < images.size(); i++) {
            grid.put((begin + i) / columns, (begin + i) % columns, images.get(i).pixels(), 0);
          }
        });
    String identities =
        labels.get(0) + (labels.size() > 1 ? " to " + labels.get(labels.size() - 1) : "");
    grid.write(file, new SyntheticOrigin(seed, identities, 0, model));
  }
}
