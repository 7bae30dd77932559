package dev.fizzy.dataset.write;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Names of the identities' folders: the names of the contexts if all are valid folder names, else
 * numbers.
 */
public final class FolderNames {
  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");

  private FolderNames() {}

  public static List<String> of(List<String> contextNames) {
    Set<String> seen = new HashSet<>();
    boolean safe =
        contextNames.stream()
            .allMatch(
                n ->
                    SAFE.matcher(n).matches()
                        && !n.startsWith("manifest")
                        && seen.add(n.toLowerCase(Locale.ROOT)));
    return safe
        ? List.copyOf(contextNames)
        : IntStream.range(0, contextNames.size()).mapToObj(i -> String.format("%06d", i)).toList();
  }
}
