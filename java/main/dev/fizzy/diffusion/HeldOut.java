package dev.fizzy.diffusion;

import java.util.Arrays;

/**
 * People who are not trained on, and how a training is measured on them.
 *
 * @param faces of these people
 * @param every steps between measurements
 * @param similarity that faces are drawn with, see {@link SimilarityCondition}
 * @param drawing how faces of them are drawn; null to measure the loss alone
 */
public record HeldOut(
    DiffusionTask.Examples faces, long every, double similarity, Drawing drawing) {
  /**
   * How faces are drawn.
   *
   * @param judge the embedder of the contexts, which judges the faces
   * @param steps of the sampler
   * @param guidance weight, 1 for none
   * @param people to draw, at most as many as there are
   */
  public record Drawing(Judge judge, Sampler sampler, int steps, double guidance, int people) {}

  /** The context of each person's first face. */
  float[][] contexts() {
    float[][] contexts = new float[faces.contexts().length][];
    int people = 0;
    for (int face = 0; face < contexts.length; face++) {
      if (faces.people()[face] == people) {
        contexts[people++] = faces.contexts()[face];
      }
    }
    return Arrays.copyOf(contexts, people);
  }
}
