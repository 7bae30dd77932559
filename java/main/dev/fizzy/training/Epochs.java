package dev.fizzy.training;

import dev.fizzy.engine.Philox;

/**
 * The order of the training examples: each epoch is a permutation that depends only on the seed and
 * the epoch.
 */
public final class Epochs {
  private final long seed;
  private final int count;
  private long epoch = -1;
  private int[] order;

  public Epochs(long seed, int count) {
    this.seed = seed;
    this.count = count;
  }

  /** The example at {@code position}, counted from the beginning of training. */
  public int example(long position) {
    long wanted = position / count;
    if (wanted != epoch) {
      epoch = wanted;
      order = permutation(wanted);
    }
    return order[(int) (position % count)];
  }

  /** Fisher-Yates shuffle. */
  private int[] permutation(long of) {
    Philox random = new Philox(seed, Philox.Purpose.SHUFFLE, of);
    int[] indices = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      indices[i] = indices[j];
      indices[j] = i;
    }
    return indices;
  }
}
