package dev.fizzy.recognition;

import dev.fizzy.engine.Philox;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Pairs of a data set's own images for the 10-fold protocol of Labeled Faces in the Wild (Huang et
 * al. 2007): no person is in two folds, and each fold has up to 300 genuine and as many impostor
 * pairs, none twice. Identities with a single image are skipped.
 *
 * @param first image of each pair
 * @param second image of each pair
 * @param same whether they are of one identity
 * @param fold of each pair
 */
record FoldedPairs(int[] first, int[] second, boolean[] same, int[] fold) {
  static final int FOLDS = 10;
  private static final int PAIRS_OF_A_KIND = 300;

  /** Two identities with two images in each fold. */
  static final int IDENTITIES_NEEDED = 2 * FOLDS;

  /** Draws pairs with the seed; null if there are too few identities. */
  static FoldedPairs of(Identities identities, long seed) {
    int[] usable =
        IntStream.range(0, identities.count()).filter(i -> identities.size(i) > 1).toArray();
    if (usable.length < IDENTITIES_NEEDED) {
      return null;
    }
    Philox random = new Philox(seed, Philox.Purpose.IMPOSTORS, 1);
    shuffle(usable, random);
    int[][] folds = new int[FOLDS][];
    long pairs = PAIRS_OF_A_KIND;
    for (int f = 0; f < FOLDS; f++) {
      folds[f] =
          IntStream.range(f * usable.length / FOLDS, (f + 1) * usable.length / FOLDS)
              .map(i -> usable[i])
              .toArray();
      pairs = Math.min(pairs, available(identities, folds[f]));
    }
    int n = (int) pairs;
    FoldedPairs all =
        new FoldedPairs(
            new int[2 * n * FOLDS],
            new int[2 * n * FOLDS],
            new boolean[2 * n * FOLDS],
            new int[2 * n * FOLDS]);
    int at = 0;
    for (int f = 0; f < FOLDS; f++) {
      for (boolean same : new boolean[] {true, false}) {
        Set<Long> taken = new HashSet<>();
        while (taken.size() < n) {
          int[] pair = pair(identities, folds[f], same, random);
          long key = (long) Math.min(pair[0], pair[1]) << 32 | Math.max(pair[0], pair[1]);
          if (taken.add(key)) {
            all.first[at] = pair[0];
            all.second[at] = pair[1];
            all.same[at] = same;
            all.fold[at++] = f;
          }
        }
      }
    }
    return all;
  }

  private static void shuffle(int[] values, Philox random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  }

  /** Number of distinct genuine or impostor pairs, whichever is smaller. */
  private static long available(Identities identities, int[] fold) {
    long images = 0;
    long squares = 0;
    for (int identity : fold) {
      long n = identities.size(identity);
      images += n;
      squares += n * n;
    }
    return Math.min((squares - images) / 2, (images * images - squares) / 2);
  }

  private static int[] pair(Identities identities, int[] fold, boolean same, Philox random) {
    int a = random.nextInt(fold.length);
    int b = same ? a : other(a, fold.length, random);
    int[] first = identities.images(fold[a]);
    int[] second = identities.images(fold[b]);
    int i = random.nextInt(first.length);
    int j = same ? other(i, second.length, random) : random.nextInt(second.length);
    return new int[] {first[i], second[j]};
  }

  /** Draws uniformly from 0 .. bound-1 except {@code value}. */
  private static int other(int value, int bound, Philox random) {
    int drawn = random.nextInt(bound - 1);
    return drawn < value ? drawn : drawn + 1;
  }
}
