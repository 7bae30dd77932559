package dev.fizzy.file;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** Names in a text file, one per line; empty lines and lines that begin with # are ignored. */
public final class NameList {
  private static final long LONGEST = 1L << 30;

  private NameList() {}

  public static Set<String> read(Path file) {
    Set<String> names = new LinkedHashSet<>();
    for (String line : TextFile.lines(file, LONGEST)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        names.add(line.strip());
      }
    }
    return names;
  }

  /**
   * @param about a comment for the first line
   */
  public static void write(Path file, String about, Collection<String> names) {
    StringBuilder text = new StringBuilder("# ").append(about).append('\n');
    names.forEach(name -> text.append(name).append('\n'));
    AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
