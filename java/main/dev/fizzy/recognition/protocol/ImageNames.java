package dev.fizzy.recognition.protocol;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the image that a list names: by its path, by its path without the ending, or by its file
 * without the ending, in any folder; with '_' where the list has blanks.
 */
final class ImageNames {
  private final Map<String, String> known = new HashMap<>();

  ImageNames(List<String> names) {
    names.forEach(name -> known.put(name, name));
    names.forEach(name -> known.putIfAbsent(stem(name), name));
    names.forEach(name -> known.putIfAbsent(stem(file(name)), name));
  }

  /** The image's name, or null. */
  String find(String listed) {
    for (String name : List.of(listed, listed.replace(' ', '_'))) {
      for (String form : List.of(name, stem(name), stem(file(name)))) {
        String found = known.get(form);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private static String file(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  private static String stem(String name) {
    int dot = name.lastIndexOf('.');
    return dot > name.lastIndexOf('/') + 1 ? name.substring(0, dot) : name;
  }
}
