package dev.fizzy.model;

import java.util.Arrays;

/**
 * The features of an {@link AutoregressiveTransformer}'s tokens: the vector of the code before the
 * position, zeros before the first one, and which row and which column the position is in.
 *
 * @param codebook vectors of the codes, [N z]
 */
public record CodeTokens(AutoregressiveConfig config, float[] codebook) {
  /** Of the position before the first one, which has no code. */
  public static final int NONE = -1;

  /** Writes the features of a position to {@code into}, from {@code at} on. */
  public void write(int position, int codeBefore, float[] into, int at) {
    int z = config.latentChannels();
    Arrays.fill(into, at, at + config.features(), 0);
    if (codeBefore != NONE) {
      System.arraycopy(codebook, codeBefore * z, into, at, z);
    }
    into[at + z + position / config.size()] = 1;
    into[at + z + config.size() + position % config.size()] = 1;
  }

  /** Writes the features of all positions of an image, [T F], to {@code into}. */
  public void write(int[] codes, float[] into, int at) {
    for (int i = 0; i < config.tokens(); i++) {
      write(i, i == 0 ? NONE : codes[i - 1], into, at + i * config.features());
    }
  }

  /** Writes the latents of an image, [T z]. */
  public void latents(int[] codes, float[] into, int at) {
    int z = config.latentChannels();
    for (int i = 0; i < codes.length; i++) {
      System.arraycopy(codebook, codes[i] * z, into, at + i * z, z);
    }
  }
}
