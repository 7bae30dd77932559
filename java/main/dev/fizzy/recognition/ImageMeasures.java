package dev.fizzy.recognition;

import dev.fizzy.engine.Device;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Cosines;
import dev.fizzy.identity.Embeddings;
import dev.fizzy.image.PixelStatistics;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link Selection} knows about the images of a data set, which are named identity/image.
 *
 * @param names of all images
 * @param vector index of each image's vector; -1 without one
 * @param faces the vectors, null if no rule needs them
 * @param adherence cosine of each vector and the context of its identity; null without contexts
 * @param center cosine of each vector and the mean of its identity's unit vectors
 * @param real the largest cosine of each vector and a real person; null without real people
 * @param pixels of each image, null for one that cannot be decoded; null if no rule needs them
 * @param misaligned distance of each face from the template, see {@link
 *     dev.fizzy.alignment.Misalignment}; null if no rule needs it
 */
public record ImageMeasures(
    List<String> names,
    int[] vector,
    Contexts faces,
    float[] adherence,
    float[] center,
    float[] real,
    PixelStatistics[] pixels,
    double[] misaligned) {
  private static final int COLUMNS = 4096;

  /**
   * Measures the vectors.
   *
   * @param faces null if no rule needs them
   * @param contexts null for none
   * @param people vectors of real people, null for none
   */
  public static ImageMeasures of(
      Device device,
      List<String> names,
      Contexts faces,
      Contexts contexts,
      Embeddings people,
      PixelStatistics[] pixels,
      double[] misaligned) {
    int[] vector = new int[names.size()];
    Arrays.setAll(vector, i -> faces == null ? -1 : faces.indexOf(names.get(i)));
    if (faces == null) {
      return new ImageMeasures(names, vector, null, null, null, null, pixels, misaligned);
    }
    Identities identities = Identities.of(faces.names());
    return new ImageMeasures(
        names,
        vector,
        faces,
        contexts == null ? null : adherence(faces, identities, contexts),
        center(faces, identities),
        people == null ? null : nearest(device, faces, people),
        pixels,
        misaligned);
  }

  private static float[] adherence(Contexts faces, Identities identities, Contexts contexts) {
    UnitRows rows = new UnitRows(faces);
    UnitRows wanted = new UnitRows(contexts);
    int[] context = ContextOfIdentity.of(identities, contexts);
    float[] cosines = new float[faces.size()];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = rows.cosine(i, wanted, context[identities.owner(i)]);
    }
    return cosines;
  }

  private static float[] center(Contexts faces, Identities identities) {
    float[][] unit = Cosines.unit(faces);
    float[] cosines = new float[unit.length];
    for (int identity = 0; identity < identities.count(); identity++) {
      int[] images = identities.images(identity);
      double[] mean = new double[faces.width()];
      for (int image : images) {
        for (int k = 0; k < mean.length; k++) {
          mean[k] += unit[image][k];
        }
      }
      double squares = 0;
      for (double m : mean) {
        squares += m * m;
      }
      for (int image : images) {
        double product = 0;
        for (int k = 0; k < mean.length; k++) {
          product += mean[k] * unit[image][k];
        }
        cosines[image] = squares == 0 ? 0 : (float) (product / Math.sqrt(squares));
      }
    }
    return cosines;
  }

  private static float[] nearest(Device device, Contexts faces, Embeddings people) {
    float[][] unit = Cosines.unit(faces);
    float[] nearest = new float[unit.length];
    Arrays.fill(nearest, -1);
    for (int from = 0; from < unit.length; from += COLUMNS) {
      int begin = from;
      float[][] some = Arrays.copyOfRange(unit, from, Math.min(unit.length, from + COLUMNS));
      Cosines.forEach(
          device,
          people,
          some,
          (row, scores, at) -> {
            for (int i = 0; i < some.length; i++) {
              nearest[begin + i] = Math.max(nearest[begin + i], scores[at + i]);
            }
          });
    }
    return nearest;
  }
}
