package dev.fizzy.recognition;

import dev.fizzy.engine.Philox;
import java.util.Arrays;

/**
 * Distinct pairs of images of two identities, drawn by a seed: any set of so many pairs is as
 * likely as any other. A pair is first * images + second, first below second.
 */
final class ImpostorPairs {
  private final Identities identities;
  private final long images;
  private final Philox random;

  private ImpostorPairs(Identities identities, long seed) {
    this.identities = identities;
    this.images = identities.imageCount();
    this.random = new Philox(seed, Philox.Purpose.IMPOSTORS, 0);
  }

  /** How many pairs there are. */
  static long all(Identities identities) {
    long images = identities.imageCount();
    return images * (images - 1) / 2 - identities.genuinePairs();
  }

  /**
   * @param count at most {@link #all}
   */
  static long[] drawn(Identities identities, int count, long seed) {
    ImpostorPairs pairs = new ImpostorPairs(identities, seed);
    return count > all(identities) / 2 ? pairs.listed(count) : pairs.tried(count);
  }

  /** Lists every pair and chooses some. */
  private long[] listed(int count) {
    long[] pairs = new long[(int) all(identities)];
    int at = 0;
    for (int i = 0; i < images; i++) {
      for (int j = i + 1; j < images; j++) {
        if (identities.owner(i) != identities.owner(j)) {
          pairs[at++] = i * images + j;
        }
      }
    }
    for (int i = 0; i < count && count < pairs.length; i++) {
      int other = i + random.nextInt(pairs.length - i);
      long kept = pairs[i];
      pairs[i] = pairs[other];
      pairs[other] = kept;
    }
    return Arrays.copyOf(pairs, count);
  }

  /** Draws pairs until so many different ones are there: more than half of the new ones are. */
  private long[] tried(int count) {
    long[] pairs = new long[count];
    int distinct = 0;
    while (distinct < count) {
      for (int k = distinct; k < count; k++) {
        pairs[k] = one();
      }
      Arrays.sort(pairs);
      distinct = 0;
      for (int k = 0; k < count; k++) {
        if (k == 0 || pairs[k] != pairs[k - 1]) {
          pairs[distinct++] = pairs[k];
        }
      }
    }
    return pairs;
  }

  private long one() {
    int i;
    int j;
    do {
      i = random.nextInt((int) images);
      j = random.nextInt((int) images);
    } while (identities.owner(i) == identities.owner(j));
    return Math.min(i, j) * images + Math.max(i, j);
  }
}
