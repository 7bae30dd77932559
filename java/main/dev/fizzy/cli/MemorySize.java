package dev.fizzy.cli;

import dev.fizzy.engine.EngineException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written as 24GB, 800 MiB or 1.5TB. */
record MemorySize(long bytes) {
  private static final Pattern FORM =
      Pattern.compile("(\\d+(?:\\.\\d+)?) ?([KMGT]i?)B", Pattern.CASE_INSENSITIVE);
  private static final Map<String, Double> UNITS =
      Map.of(
          "K", 1e3, "M", 1e6, "G", 1e9, "T", 1e12, "KI", 0x1p10, "MI", 0x1p20, "GI", 0x1p30, "TI",
          0x1p40);

  static MemorySize parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new EngineException("an amount of memory is a number with KB, MB, GB or GiB, as 24GB");
    }
    double unit = UNITS.get(form.group(2).toUpperCase(Locale.ROOT));
    return new MemorySize((long) (Double.parseDouble(form.group(1)) * unit));
  }

  /** For example "1.34 GB". */
  static String text(double bytes) {
    return bytes >= 1e9
        ? String.format(Locale.ROOT, "%.2f GB", bytes / 1e9)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
