package dev.fizzy.alignment;

import dev.fizzy.file.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Names of aligned faces: the photo's path with the extension of the new format. If two photos
 * would get the same name ({@code a.jpg} and {@code a.png}, on some systems {@code A.jpg}), each
 * keeps its own extension before the new one.
 */
final class AlignedNames {
  /** Bytes of a file's name without its ending. */
  private static final int LONGEST = 245;

  /** Characters that remain of a longer name. */
  private static final int KEPT = 50;

  private static final int HASH = 16;

  private AlignedNames() {}

  /**
   * @param ending extension without a dot
   */
  static Map<String, String> of(List<String> photos, String ending) {
    Map<String, Integer> stems = new HashMap<>();
    photos.forEach(p -> stems.merge(stem(p).toLowerCase(Locale.ROOT), 1, Integer::sum));
    Map<String, String> names = new HashMap<>();
    for (String photo : photos) {
      String stem = stem(photo);
      boolean alone = stems.get(stem.toLowerCase(Locale.ROOT)) == 1;
      names.put(photo, shortened(alone ? stem : photo) + "." + ending);
    }
    return names;
  }

  /** The name with a hash instead of its end if a file cannot be called so with an ending. */
  private static String shortened(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    if (last.getBytes(StandardCharsets.UTF_8).length <= LONGEST) {
      return name;
    }
    String kept = last.substring(0, last.offsetByCodePoints(0, KEPT));
    String hash = Sha256.of(last.getBytes(StandardCharsets.UTF_8)).substring(0, HASH);
    return name.substring(0, name.length() - last.length()) + kept + "-" + hash;
  }

  private static String stem(String photo) {
    int dot = photo.lastIndexOf('.');
    return dot > photo.lastIndexOf('/') + 1 ? photo.substring(0, dot) : photo;
  }
}
