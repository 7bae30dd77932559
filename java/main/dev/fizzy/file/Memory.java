package dev.fizzy.file;

import java.util.Locale;

/** Sizes that a user asks for, checked before anything of that size is allocated. */
public final class Memory {
  /** What to do where Java's memory is too small. */
  public static final String REMEDY = "JAVA_TOOL_OPTIONS=-Xmx16g gives it more (here 16 GiB)";

  /** Java's own objects and what else is held meanwhile. */
  private static final double SHARE = .9;

  private Memory() {}

  /** What Java may use, in words. */
  public static String limit() {
    return size(Runtime.getRuntime().maxMemory());
  }

  /**
   * Refuses what cannot fit into Java's memory.
   *
   * @param what is asked for, in the plural, such as "2000000000 contexts of width 512"
   * @param bytes that it takes; a double, so that products of large numbers do not overflow
   */
  public static void require(String what, double bytes) {
    if (bytes > SHARE * Runtime.getRuntime().maxMemory()) {
      throw new FileException(
          what + " take " + size(bytes) + ", and Java may use " + limit() + "; " + REMEDY);
    }
  }

  private static String size(double bytes) {
    return bytes < 1 << 30
        ? String.format(Locale.ROOT, "%.0f MiB", bytes / (1 << 20))
        : String.format(Locale.ROOT, "%,.1f GiB", bytes / (1 << 30));
  }
}
