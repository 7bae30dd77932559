package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Contexts;
import java.util.function.LongConsumer;

/**
 * The cosines of a {@link Separability}, which may be computed in parts: those of all genuine
 * pairs, identity by identity, then those of distinct impostor pairs drawn by a seed.
 */
public final class PairScores {
  /** Scores are sorted in memory, 4 bytes each. */
  private static final long MAX_PAIRS = 1L << 28;

  private static final int REPORT = 1 << 12;

  private final Identities identities;
  private final UnitRows rows;
  private final long seed;
  private final int genuine;
  private final long[] impostors;

  /**
   * @param faces named identity/image; need not be unit vectors
   * @param impostors number of impostor pairs to draw; all, where there are fewer
   */
  public PairScores(Contexts faces, int impostors, long seed) {
    identities = Identities.of(faces.names());
    check(identities);
    rows = new UnitRows(faces);
    this.seed = seed;
    genuine = (int) identities.genuinePairs();
    this.impostors = ImpostorPairs.drawn(identities, impostors(identities, impostors), seed);
  }

  private static void check(Identities identities) {
    long pairs = identities.genuinePairs();
    if (identities.count() < 2 || pairs == 0) {
      throw new EngineException(
          "there are "
              + identities.count()
              + " identities with "
              + pairs
              + " pairs of images; at least two identities and one pair are needed");
    }
    if (pairs > MAX_PAIRS) {
      throw new EngineException(
          "there are "
              + pairs
              + " genuine pairs, more than the "
              + MAX_PAIRS
              + " that fit in memory; measure a part of the images");
    }
  }

  /** As many as are wanted, or all there are. */
  static int impostors(Identities identities, int wanted) {
    long count = Math.min(wanted, ImpostorPairs.all(identities));
    if (count > MAX_PAIRS) {
      throw new EngineException(
          count + " impostor pairs are more than the " + MAX_PAIRS + " that fit in memory");
    }
    return (int) count;
  }

  Identities identities() {
    return identities;
  }

  UnitRows rows() {
    return rows;
  }

  long seed() {
    return seed;
  }

  /** Number of pairs. */
  public int count() {
    return genuine + impostors.length;
  }

  /**
   * The scores of pairs {@code from} to {@code to - 1}.
   *
   * @param done is told the number of these that are done
   */
  public float[] of(int from, int to, LongConsumer done) {
    float[] scores = new float[to - from];
    genuine(from, Math.min(to, genuine), scores, done);
    for (int k = Math.max(from, genuine); k < to; k++) {
      long pair = impostors[k - genuine];
      int i = (int) (pair / identities.imageCount());
      int j = (int) (pair % identities.imageCount());
      scores[k - from] = rows.cosine(i, j);
      if (k % REPORT == 0 || k == to - 1) {
        done.accept(k + 1L - from);
      }
    }
    return scores;
  }

  private void genuine(int from, int to, float[] scores, LongConsumer done) {
    int at = 0;
    for (int identity = 0; at < to; identity++) {
      int pairs = identities.size(identity) * (identities.size(identity) - 1) / 2;
      if (at + pairs <= from) {
        at += pairs;
        continue;
      }
      int[] images = identities.images(identity);
      for (int i = 0; i < images.length; i++) {
        for (int j = i + 1; j < images.length; j++, at++) {
          if (at >= from && at < to) {
            scores[at - from] = rows.cosine(images[i], images[j]);
          }
        }
      }
      done.accept(Math.min(at, to) - from);
    }
  }
}
