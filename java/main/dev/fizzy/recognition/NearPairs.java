package dev.fizzy.recognition;

import dev.fizzy.file.FileException;
import java.io.Serializable;
import java.util.Arrays;

/** Pairs of vectors, by their numbers. */
final class NearPairs implements Serializable {
  /** 512 MiB of them. */
  private static final int MOST = 1 << 26;

  private long[] pairs = new long[1 << 10];
  private int count;

  /** Adds a pair; throws if there are too many. */
  void add(int one, int other) {
    if (count == MOST) {
      throw new FileException(
          "more than " + MOST + " pairs of images are near duplicates; raise --max-duplicate");
    }
    if (count == pairs.length) {
      pairs = Arrays.copyOf(pairs, 2 * count);
    }
    pairs[count++] = (long) one << Integer.SIZE | other;
  }

  void addAll(NearPairs more) {
    more.forEach(this::add);
  }

  /** Takes a pair. */
  @FunctionalInterface
  interface Pair {
    void accept(int one, int other);
  }

  void forEach(Pair each) {
    for (int i = 0; i < count; i++) {
      each.accept((int) (pairs[i] >>> Integer.SIZE), (int) pairs[i]);
    }
  }
}
