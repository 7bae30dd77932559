package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The tensor shapes of a state dict, from which a network's configuration is derived. */
final class Shapes {
  private final String network;
  private final Map<String, long[]> shapes;

  /**
   * @param network the expected network, for messages
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

  /** The size of one dimension of a required tensor. */
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

  /** The number n of modules NAME.0 .. NAME.n-1. */
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

  /** The first few names, for messages. */
  static String some(List<String> names) {
    int n = Math.min(6, names.size());
    return String.join(", ", names.subList(0, n))
        + (names.size() > n ? " and " + (names.size() - n) + " more" : "");
  }
}
