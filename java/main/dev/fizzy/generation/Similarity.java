package dev.fizzy.generation;

import dev.fizzy.engine.Philox;

/**
 * How near each image is to be to its context: uniform between two cosines, one draw an image.
 *
 * @param seed of the draws, counted by identity and image number
 */
public record Similarity(double from, double to, long seed) {
  double of(int identity, int image) {
    long place = (long) identity << Integer.SIZE | image & 0xffffffffL;
    return from + (to - from) * new Philox(seed, Philox.Purpose.SIMILARITY, place).nextDouble();
  }
}
