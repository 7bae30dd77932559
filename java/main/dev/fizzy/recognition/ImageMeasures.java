package dev.fizzy.recognition;

import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Cosines;
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
 * @param oddness of each image, see {@link Oddness}; null if no rule needs it
 * @param real the largest cosine of each vector and a real person; null without real people
 * @param near pairs of vectors that may be duplicates; null if no rule needs them
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
    double[] oddness,
    float[] real,
    NearPairs near,
    PixelStatistics[] pixels,
    double[] misaligned) {

  /**
   * Measures the vectors.
   *
   * @param faces null if no rule needs them
   * @param contexts null for none
   * @param oddness of each image; null if no rule needs it
   * @param found by the search for each vector; null without vectors
   */
  public static ImageMeasures of(
      List<String> names,
      Contexts faces,
      Contexts contexts,
      double[] oddness,
      VectorSearch.Found found,
      PixelStatistics[] pixels,
      double[] misaligned) {
    int[] vector = new int[names.size()];
    Arrays.setAll(vector, i -> faces == null ? -1 : faces.indexOf(names.get(i)));
    if (faces == null) {
      return new ImageMeasures(
          names, vector, null, null, null, oddness, null, null, pixels, misaligned);
    }
    Identities identities = Identities.of(faces.names());
    return new ImageMeasures(
        names,
        vector,
        faces,
        contexts == null ? null : adherence(faces, identities, contexts),
        center(faces, identities),
        oddness,
        found.real(),
        found.near(),
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
}
