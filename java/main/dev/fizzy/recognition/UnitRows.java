package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Contexts;

/** Vectors with their norms, so that cosines need no normalized copy. */
final class UnitRows {
  private final Contexts contexts;
  private final double[] norms;

  UnitRows(Contexts contexts) {
    this.contexts = contexts;
    norms = new double[contexts.size()];
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Math.sqrt(dot(contexts.vector(i), contexts.vector(i)));
      if (!(norms[i] > 0)) {
        throw new EngineException(
            "the vector of " + contexts.name(i) + " is zero and has no direction");
      }
    }
  }

  Contexts contexts() {
    return contexts;
  }

  private static double dot(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return sum;
  }

  /** Cosine of two of these vectors. */
  float cosine(int i, int j) {
    return cosine(i, this, j);
  }

  /** Cosine of one of these vectors and one of {@code other}, of the same width. */
  float cosine(int i, UnitRows other, int j) {
    double product = dot(contexts.vector(i), other.contexts.vector(j));
    return (float) (product / (norms[i] * other.norms[j]));
  }
}
