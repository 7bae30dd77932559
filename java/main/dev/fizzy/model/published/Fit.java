package dev.fizzy.model.published;

import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.file.FileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a file's tensors fit a network's.
 *
 * @param missing names that the network has and the file has not
 * @param misshapen names of another shape, with both shapes
 * @param surplus names within the network's parts that it does not have
 * @param beside names that belong to something else: losses, schedules, optimisers
 */
record Fit(
    List<String> missing, List<String> misshapen, List<String> surplus, List<String> beside) {

  /** Batch norm's counters: they take no part in what a network computes. */
  static final String COUNTER = ".num_batches_tracked";

  static Map<String, long[]> layout(List<Parameter> parameters) {
    Map<String, long[]> layout = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      for (Piece piece : parameter.pieces()) {
        layout.put(piece.name(), Arrays.stream(piece.shape()).asLongStream().toArray());
      }
    }
    return layout;
  }

  static Fit of(Map<String, long[]> layout, Map<String, long[]> tensors) {
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    List<String> surplus = new ArrayList<>();
    List<String> beside = new ArrayList<>();
    Set<String> parts = new HashSet<>();
    layout.forEach(
        (name, shape) -> {
          parts.add(part(name));
          long[] has = tensors.get(name);
          if (has == null) {
            missing.add(name);
          } else if (!Arrays.equals(has, shape)) {
            misshapen.add(
                name + " " + Arrays.toString(has) + " instead of " + Arrays.toString(shape));
          }
        });
    for (String name : tensors.keySet()) {
      if (!layout.containsKey(name) && !name.endsWith(COUNTER)) {
        (parts.contains(part(name)) ? surplus : beside).add(name);
      }
    }
    return new Fit(missing, misshapen, surplus, beside);
  }

  private static String part(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  boolean exact() {
    return missing.isEmpty() && misshapen.isEmpty() && surplus.isEmpty();
  }

  /** Refuses what does not fit, naming the tensors. */
  void require(String network, String from) {
    if (!exact()) {
      throw new FileException(from + " does not hold " + network + ": " + describe());
    }
  }

  String describe() {
    List<String> parts = new ArrayList<>();
    if (!missing.isEmpty()) {
      parts.add(missing.size() + " tensors are missing (" + Shapes.some(missing) + ")");
    }
    if (!misshapen.isEmpty()) {
      parts.add(misshapen.size() + " have another shape (" + Shapes.some(misshapen) + ")");
    }
    if (!surplus.isEmpty()) {
      parts.add(surplus.size() + " are too many (" + Shapes.some(surplus) + ")");
    }
    return String.join("; ", parts);
  }
}
