package dev.fizzy.dataset.webdataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.dataset.read.IdentityNames;
import dev.fizzy.file.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** The naming convention and labels of WebDataset samples. */
final class Samples {
  /** The sample has no label. */
  static final int NONE = -1;

  /** The label cannot be read. */
  static final int BAD = -2;

  /** Longest name of an identity; longer text is something else. */
  private static final int NAME_LIMIT = 200;

  private static final Set<String> IMAGES =
      Set.of(
          "jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff", "pbm", "pgm", "ppm", "pnm",
          "img");
  private static final int TEXT_LIMIT = 1 << 20;

  private Samples() {}

  /**
   * The key of a name: the part before the first dot after the last '/', including following parts
   * that are digits only: {@code img.000017.left.png} has the key {@code img.000017}.
   */
  static String key(String name) {
    int dot = keyEnd(name);
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static int keyEnd(String name) {
    int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
    int next = name.indexOf('.', dot + 1);
    while (dot >= 0 && next > dot + 1 && isNumber(name, dot + 1, next)) {
      dot = next;
      next = name.indexOf('.', dot + 1);
    }
    return dot;
  }

  private static boolean isNumber(String name, int begin, int end) {
    return name.substring(begin, end).chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** A name without its extension. */
  static String stem(String name) {
    int dot = name.lastIndexOf('.');
    return dot <= name.lastIndexOf('/') ? name : name.substring(0, dot);
  }

  /** The part between key and extension: {@code left} in {@code 17.left.png}. */
  static String role(String name) {
    String stem = stem(name);
    int begin = keyEnd(name) + 1;
    return begin == 0 || begin > stem.length() ? "" : stem.substring(begin);
  }

  /** The extension in lower case. */
  private static String extension(String name) {
    String stem = stem(name);
    return stem.length() == name.length()
        ? ""
        : name.substring(stem.length() + 1).toLowerCase(Locale.ROOT);
  }

  static boolean isHidden(String name) {
    return name.startsWith(".", name.lastIndexOf('/') + 1);
  }

  static boolean isImage(String name) {
    return IMAGES.contains(extension(name));
  }

  /**
   * Reads the label from {@code .cls} or {@code .json} (member label, cls or identity).
   *
   * @return its code in {@code names}, {@link #NONE} or {@link #BAD}
   */
  static int label(TarShard shard, TarShard.Member member, IdentityNames names) throws IOException {
    String extension = extension(member.name());
    boolean json = extension.equals("json");
    if (!json && !extension.equals("cls")) {
      return NONE;
    }
    if (member.size() > TEXT_LIMIT) {
      return BAD;
    }
    byte[] text = shard.read(member.offset(), member.size());
    if (!json) {
      return code(new String(text, StandardCharsets.UTF_8).strip(), names);
    }
    try {
      JsonNode node = Json.tree(text);
      for (String field : new String[] {"label", "cls", "identity"}) {
        if (node.path(field).isIntegralNumber() || node.path(field).isTextual()) {
          return code(node.get(field).asText().strip(), names);
        }
      }
      return NONE;
    } catch (IOException e) {
      return BAD;
    }
  }

  /** A label is a number or a name, not a negative number nor what cannot be read as text. */
  private static int code(String text, IdentityNames names) {
    boolean readable = text.codePoints().noneMatch(c -> Character.isISOControl(c) || c == 0xfffd);
    if (text.isEmpty() || text.length() > NAME_LIMIT || !readable || text.matches("-\\d+")) {
      return BAD;
    }
    boolean number = text.matches("\\d{1,18}");
    return names.code(number ? Long.toString(Long.parseLong(text)) : text);
  }

  /** The identity's name: the folder in the key, or empty. */
  static String folder(String key) {
    int slash = key.lastIndexOf('/');
    return slash < 0 ? "" : key.substring(0, slash);
  }
}
