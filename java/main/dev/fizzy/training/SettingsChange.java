package dev.fizzy.training;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What differs between the texts of two records, whose fields may be records. */
final class SettingsChange {
  /** A field with its value, or with the type of its record and the bracket; or a record's end. */
  private static final Pattern FIELD = Pattern.compile("(\\w+)=(\\[[^\\]]*]|[^\\[\\],]*)(\\[?)|]");

  private SettingsChange() {}

  /**
   * For example "period=2500 instead of period=3100"; what differs in several records alike is told
   * once.
   *
   * @param name of the whole, told if its type differs
   */
  static String of(String name, String now, String before) {
    Map<String, String> is = fields(name + "=" + now);
    Map<String, String> was = fields(name + "=" + before);
    return different(is, was) + " instead of " + different(was, is);
  }

  private static String different(Map<String, String> these, Map<String, String> others) {
    Set<String> different = new LinkedHashSet<>();
    these.forEach(
        (path, field) -> {
          if (!field.equals(others.get(path))) {
            different.add(field);
          }
        });
    return String.join(", ", different);
  }

  /** The fields by their paths, such as generator/rate/period. */
  private static Map<String, String> fields(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    Deque<String> path = new ArrayDeque<>();
    Matcher field = FIELD.matcher(text);
    while (field.find()) {
      if (field.group(1) == null) {
        path.removeLast();
        continue;
      }
      path.addLast(field.group(1));
      fields.put(String.join("/", path), field.group(1) + "=" + field.group(2));
      if (field.group(3).isEmpty()) {
        path.removeLast();
      }
    }
    return fields;
  }
}
