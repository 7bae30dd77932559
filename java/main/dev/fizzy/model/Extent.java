package dev.fizzy.model;

import dev.fizzy.engine.EngineException;
import dev.fizzy.file.Quoted;
import java.util.List;
import java.util.Objects;

/**
 * Bounds on a configuration's numbers, far beyond any network that is trained: a larger one is a
 * slip of the pen, and would be recorded for hours or not fit before anybody is told.
 */
final class Extent {
  static final int PIXELS = 8_192;
  static final int CHANNELS = 1 << 16;
  static final int BLOCKS = 512;
  static final int CODES = 1 << 20;
  private static final int LEVELS = 12;

  private Extent() {}

  static void check(String name, int value, int most) {
    if (value < 1 || value > most) {
      throw new EngineException(name + " must be in 1.." + most + ", not " + value);
    }
  }

  /** The width of each level where every multiplier applies to the level before. */
  static int[] cumulative(int channels, List<Integer> multipliers) {
    return widths(channels, multipliers, true);
  }

  /** The width of each level where every multiplier applies to the first width. */
  static int[] multiples(int channels, List<Integer> multipliers) {
    return widths(channels, multipliers, false);
  }

  private static int[] widths(int channels, List<Integer> multipliers, boolean cumulative) {
    if (multipliers == null
        || multipliers.isEmpty()
        || multipliers.size() > LEVELS
        || multipliers.stream().anyMatch(Objects::isNull)) {
      throw new EngineException(
          "multipliers must be 1 to " + LEVELS + " whole numbers, not " + Quoted.of(multipliers));
    }
    int[] widths = new int[multipliers.size()];
    for (int i = 0; i < widths.length; i++) {
      Extent.check("a multiplier", multipliers.get(i), CHANNELS);
      long width = (long) multipliers.get(i) * (cumulative && i > 0 ? widths[i - 1] : channels);
      Extent.check("the channels of level " + i, (int) Math.min(width, CHANNELS + 1), CHANNELS);
      widths[i] = (int) width;
    }
    return widths;
  }
}
