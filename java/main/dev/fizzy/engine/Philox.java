package dev.fizzy.engine;

import java.util.Arrays;

/**
 * Philox 4x32-10 (Salmon et al., SC 2011): random numbers with the seed as key and their purpose in
 * the counter, so that any of them can be computed without the others. Gives the same numbers as
 * the kernel {@code philox}.
 */
public final class Philox {
  /** The purpose of a number; part of the counter, so that no two purposes share a number. */
  public enum Purpose {
    INITIALIZE,
    NOISE,
    TIMESTEP,
    CONTEXT_DROPOUT,
    FLIP,
    SHUFFLE,
    CONTEXT,
    SAMPLER,
    Q_SAMPLE,
    EMPTY_CONTEXT,
    IMPOSTORS,
    DROPOUT,
    MARGIN,
    AUGMENT,
    SPLIT,
    OTHER_IMAGE,
    PERTURBATION,
    NEGATIVE,
    SIMILARITY,
    GUIDANCE,
    CODE
  }

  private final long seed;
  private final int[] counter;
  private final int[] block = new int[4];
  private int used = 4;
  private double spare = Double.NaN;

  /**
   * @param index the stream within the purpose: an identity, a step, a parameter
   */
  public Philox(long seed, Purpose purpose, long index) {
    this.seed = seed;
    this.counter = new int[] {0, purpose.ordinal() << 24, (int) index, (int) (index >>> 32)};
  }

  public int nextInt() {
    if (used == 4) {
      block(seed, counter, block);
      if (++counter[0] == 0 && (++counter[1] & 0xffffff) == 0) {
        throw new EngineException("all 2^58 random numbers of the stream are used");
      }
      used = 0;
    }
    return block[used++];
  }

  /** Uniform on [0, 1), 24 bits. */
  public float nextFloat() {
    return (nextInt() >>> 8) * 0x1p-24f;
  }

  /** Uniform on [0, 1), 53 bits. */
  public double nextDouble() {
    return ((((long) nextInt() & 0xffffffffL) << 21) ^ (nextInt() >>> 11)) * 0x1p-53;
  }

  /** Uniform on 0 .. bound-1, without bias (Lemire 2019). */
  public int nextInt(int bound) {
    long product = (nextInt() & 0xffffffffL) * bound;
    long threshold = ((1L << 32) - bound) % bound;
    while ((product & 0xffffffffL) < threshold) {
      product = (nextInt() & 0xffffffffL) * bound;
    }
    return (int) (product >>> 32);
  }

  /**
   * The first {@code count} of a shuffle of 0 .. from-1: that many different numbers, any of them
   * as likely as any other.
   */
  public int[] draw(int count, int from) {
    int[] order = new int[from];
    for (int i = 0; i < from; i++) {
      order[i] = i;
    }
    for (int i = 0; i < count; i++) {
      int other = i + nextInt(from - i);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return Arrays.copyOf(order, count);
  }

  /** N(0, 1) by Box and Muller. */
  public double nextGaussian() {
    if (!Double.isNaN(spare)) {
      double z = spare;
      spare = Double.NaN;
      return z;
    }
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    double angle = 2 * Math.PI * nextDouble();
    spare = radius * StrictMath.sin(angle);
    return radius * StrictMath.cos(angle);
  }

  /** One block: ten rounds over four words. */
  public static void block(long seed, int[] counter, int[] out) {
    int c0 = counter[0];
    int c1 = counter[1];
    int c2 = counter[2];
    int c3 = counter[3];
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    for (int round = 0; round < 10; round++) {
      long p0 = 0xD2511F53L * (c0 & 0xffffffffL);
      long p1 = 0xCD9E8D57L * (c2 & 0xffffffffL);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
