package dev.fizzy.alignment;

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
      names.put(photo, (alone ? stem : photo) + "." + ending);
    }
    return names;
  }

  private static String stem(String photo) {
    int dot = photo.lastIndexOf('.');
    return dot > photo.lastIndexOf('/') + 1 ? photo.substring(0, dot) : photo;
  }
}
