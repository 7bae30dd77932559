package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;

/**
 * Cosine of each image and the context it was generated from.
 *
 * @param histogram over [-1, 1] in the bins of {@link ScoreStatistics}
 * @param unused number of contexts without an image
 */
public record Adherence(double mean, double deviation, int[] histogram, int unused) {
  static Adherence of(UnitRows faces, Identities identities, UnitRows contexts) {
    if (contexts.contexts().width() != faces.contexts().width()) {
      throw new EngineException(
          "the contexts have width "
              + contexts.contexts().width()
              + " and the embedder's vectors "
              + faces.contexts().width());
    }
    float[] cosines = new float[identities.imageCount()];
    int[] context = ContextOfIdentity.of(identities, contexts.contexts());
    for (int image = 0; image < cosines.length; image++) {
      cosines[image] = faces.cosine(image, contexts, context[identities.owner(image)]);
    }
    double mean = ScoreStatistics.mean(cosines);
    return new Adherence(
        mean,
        Math.sqrt(ScoreStatistics.variance(cosines, mean)),
        ScoreStatistics.histogram(cosines),
        contexts.contexts().size() - identities.count());
  }
}
