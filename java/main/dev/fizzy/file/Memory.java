package dev.fizzy.file;

import java.util.Locale;

/** Checks that data of a size given by the user fits into memory, before it is allocated. */
public final class Memory {
  /** Advice if the heap is too small. */
  public static final String REMEDY = "JDK_JAVA_OPTIONS=-Xmx16g gives it more (here 16 GiB)";

  /** Share of the heap that may be used; the rest is for other objects. */
  private static final double SHARE = .9;

  private Memory() {}

  /** The heap limit in words. */
  public static String limit() {
    return size(Runtime.getRuntime().maxMemory());
  }

  /**
   * Throws if something does not fit into the heap.
   *
   * @param what the data, in the plural, such as "2000000000 contexts of width 512"
   * @param bytes size of the data; a double, so that products of large numbers do not overflow
   */
  public static void require(String what, double bytes) {
    if (bytes > SHARE * Runtime.getRuntime().maxMemory()) {
      throw new FileException(
          what + " need " + size(bytes) + ", and Java may use " + limit() + "; " + REMEDY);
    }
  }

  private static String size(double bytes) {
    return bytes < 1 << 30
        ? String.format(Locale.ROOT, "%.0f MiB", bytes / (1 << 20))
        : String.format(Locale.ROOT, "%,.1f GiB", bytes / (1 << 30));
  }
}
