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
    for (int identity = 0; identity < identities.count(); identity++) {
      int context = contexts.contexts().indexOf(identities.name(identity));
      if (context < 0) {
        throw new EngineException(
            "no context is named "
                + identities.name(identity)
                + " like an identity; the first context is named "
                + contexts.contexts().name(0));
      }
      for (int image : identities.images(identity)) {
        cosines[image] = faces.cosine(image, contexts, context);
      }
    }
    double mean = ScoreStatistics.mean(cosines);
    return new Adherence(
        mean,
        Math.sqrt(ScoreStatistics.variance(cosines, mean)),
        ScoreStatistics.histogram(cosines),
        contexts.contexts().size() - identities.count());
  }
}
