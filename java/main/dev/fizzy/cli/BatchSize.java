package dev.fizzy.cli;

import java.util.function.IntToLongFunction;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of images, or {@code auto}, which is null. */
final class BatchSize implements ITypeConverter<Integer> {
  /** The largest batch of a GPU, on which larger ones gain nothing. */
  private static final int GPU = 256;

  private static final int PLANNED = 4;

  /** The batch of a CPU thread: see docs/performance.md. */
  static final int CPU = 32;

  @Override
  public Integer convert(String text) {
    if (text.equals("auto")) {
      return null;
    }
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is neither auto nor a number of images");
    }
  }

  /**
   * The largest power of two whose memory is at most half of what is free on a GPU, and not more
   * than the items ask for. Only two batches are planned: what a batch takes grows linearly.
   *
   * @param items to compute
   * @param bytes that a batch takes
   */
  static int fitting(long free, long items, IntToLongFunction bytes) {
    long small = bytes.applyAsLong(PLANNED);
    long each = Math.max(1, (bytes.applyAsLong(2 * PLANNED) - small) / PLANNED);
    int batch = GPU;
    while (batch > 1
        && (small + (batch - PLANNED) * each > free / 2 || batch / 2 >= Math.max(1, items))) {
      batch /= 2;
    }
    return batch;
  }
}
