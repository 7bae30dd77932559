package dev.fizzy.cli;

import dev.fizzy.engine.EngineException;
import java.util.Arrays;
import java.util.List;

/**
 * Values of one number of a shape.
 *
 * @param index of the number, from 1
 */
record Sweep(int index, int[] values) {
  /** From "4=64,128,256". */
  static Sweep parse(String text) {
    if (!text.matches("[1-9]=\\d{1,9}(,\\d{1,9})*")) {
      throw new EngineException("a sweep is I=N,N,..., as 4=64,128,256, not " + text);
    }
    String[] parts = text.split("=");
    return new Sweep(
        Integer.parseInt(parts[0]),
        Arrays.stream(parts[1].split(",")).mapToInt(Integer::parseInt).toArray());
  }

  /** The shape with each of the values. */
  List<int[]> shapes(int[] shape) {
    if (index > shape.length) {
      throw new OptionException(
          "--sweep changes number " + index + " of a shape of " + shape.length);
    }
    return Arrays.stream(values)
        .mapToObj(
            value -> {
              int[] changed = shape.clone();
              changed[index - 1] = value;
              return changed;
            })
        .toList();
  }
}
