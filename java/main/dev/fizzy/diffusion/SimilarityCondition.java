package dev.fizzy.diffusion;

import dev.fizzy.engine.Philox;
import java.util.Arrays;

/**
 * The condition m of CemiFace (Sun et al., NeurIPS 2024): the cosine of an image's own vector and
 * the context that it is drawn from. Networks that are configured with it read it as the last
 * element of the context.
 */
public final class SimilarityCondition {
  /** Tensor of a model file: the mean over the training faces. */
  public static final String MEAN = "context_similarity.mean";

  private SimilarityCondition() {}

  /** A context with the similarity that images are to have. */
  public static float[] with(float[] context, double similarity) {
    float[] wider = Arrays.copyOf(context, context.length + 1);
    wider[context.length] = (float) similarity;
    return wider;
  }

  /**
   * Writes a training face's context, with its similarity where there is room for it.
   *
   * @param own vector of the image
   * @param width of the context in {@code to}: its own, or one more
   */
  static void write(float[] context, float[] own, float[] to, int at, int width) {
    System.arraycopy(context, 0, to, at, context.length);
    if (width > context.length) {
      to[at + context.length] = (float) Vectors.cosine(own, context);
    }
  }

  /** The mean over the training faces, with one draw of each face's context. */
  public static double mean(DiffusionTask.Examples examples, ContextSource source) {
    ContextSource.Choice choice = source.among(examples.contexts(), examples.people());
    Philox random = new Philox(0, Philox.Purpose.OTHER_IMAGE, 0);
    double sum = 0;
    for (int face = 0; face < examples.contexts().length; face++) {
      sum += Vectors.cosine(examples.contexts()[face], choice.of(face, random));
    }
    return sum / examples.contexts().length;
  }
}
