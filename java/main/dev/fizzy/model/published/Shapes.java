package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The shapes of a state dict's tensors, from which a network's configuration is read. */
final class Shapes {
  private final String network;
  private final Map<String, long[]> shapes;

  /**
   * @param network what it is taken for, for messages
   */
  Shapes(String network, Map<String, long[]> shapes) {
    this.network = network;
    this.shapes = shapes;
  }

  boolean has(String name) {
    return shapes.containsKey(name);
  }

  boolean any(String beginning, String end) {
    return shapes.keySet().stream().anyMatch(n -> n.startsWith(beginning) && n.endsWith(end));
  }

  /** One extent of a tensor that must be there. */
  int extent(String name, int dimension) {
    long[] shape = shapes.get(name);
    if (shape == null) {
      throw new FileException(
          "the tensors look like those of " + network + ", but " + name + " is missing");
    }
    if (dimension >= shape.length || shape[dimension] < 1 || shape[dimension] > 1 << 20) {
      throw new FileException(
          "the tensors look like those of "
              + network
              + ", but "
              + name
              + " has shape "
              + Arrays.toString(shape));
    }
    return (int) shape[dimension];
  }

  /** How many of NAME.0, NAME.1, .. begin some tensor's name. */
  int count(String name) {
    int n = 0;
    while (any(name + "." + n + ".", "")) {
      n++;
    }
    return n;
  }

  FileException fault(String what) {
    return new FileException("the tensors look like those of " + network + ", but " + what);
  }

  /** As a list for messages: at most a handful of names. */
  static String some(List<String> names) {
    int n = Math.min(6, names.size());
    return String.join(", ", names.subList(0, n))
        + (names.size() > n ? " and " + (names.size() - n) + " more" : "");
  }
}
