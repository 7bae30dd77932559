package dev.fizzy.dataset.webdataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/** The naming convention and labels of WebDataset samples. */
final class Samples {
  /** The sample has no label. */
  static final int NONE = -1;

  /** The label cannot be read. */
  static final int BAD = -2;

  /**
   * Upper bound of labels, as in RecordIO: a wrong label must not create millions of identities.
   */
  private static final int LABEL_LIMIT = 1 << 24;

  private static final Set<String> IMAGES =
      Set.of(
          "jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff", "pbm", "pgm", "ppm", "pnm",
          "img");
  private static final int TEXT_LIMIT = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

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
   * Reads the label from {@code .cls} (digits) or {@code .json} (member label, cls or identity).
   */
  static int label(TarShard shard, TarShard.Member member) throws IOException {
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
      return number(new String(text, StandardCharsets.US_ASCII).strip());
    }
    try {
      JsonNode node = JSON.readTree(text);
      for (String field : new String[] {"label", "cls", "identity"}) {
        if (node != null && (node.path(field).isIntegralNumber() || node.path(field).isTextual())) {
          return number(node.get(field).asText().strip());
        }
      }
      return NONE;
    } catch (IOException e) {
      return BAD;
    }
  }

  private static int number(String text) {
    int label = text.matches("\\d{1,9}") ? Integer.parseInt(text) : BAD;
    return label < LABEL_LIMIT ? label : BAD;
  }

  /** The identity's name: the folder in the key, or empty. */
  static String folder(String key) {
    int slash = key.lastIndexOf('/');
    return slash < 0 ? "" : key.substring(0, slash);
  }

  /** A compact list of sample names. */
  static final class Names {
    private byte[] bytes = new byte[1 << 12];
    private int[] ends = new int[1 << 8];
    private int count;

    void add(String name) throws IOException {
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      int begin = count == 0 ? 0 : ends[count - 1];
      if (text.length > Integer.MAX_VALUE / 2 - begin) {
        throw new IOException("the names of the samples are too long");
      }
      if (begin + text.length > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(begin + text.length, 2 * bytes.length));
      }
      System.arraycopy(text, 0, bytes, begin, text.length);
      ends = count == ends.length ? Arrays.copyOf(ends, 2 * count) : ends;
      ends[count++] = begin + text.length;
    }

    String get(int i) {
      int begin = i == 0 ? 0 : ends[i - 1];
      return new String(bytes, begin, ends[i] - begin, StandardCharsets.UTF_8);
    }
  }
}
