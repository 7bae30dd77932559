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
 * The differences between the tensors of a file and those of a network.
 *
 * @param missing names that only the network has
 * @param mismatched names with another shape, with both shapes
 * @param unexpected names that only the file has, in a part of the network
 * @param unrelated names that belong to something else: losses, schedules, optimizers
 */
record Fit(
    List<String> missing,
    List<String> mismatched,
    List<String> unexpected,
    List<String> unrelated) {

  /** Counters of batch norms, which inference does not use. */
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
    List<String> mismatched = new ArrayList<>();
    List<String> unexpected = new ArrayList<>();
    List<String> unrelated = new ArrayList<>();
    Set<String> parts = new HashSet<>();
    layout.forEach(
        (name, shape) -> {
          parts.add(part(name));
          long[] has = tensors.get(name);
          if (has == null) {
            missing.add(name);
          } else if (!Arrays.equals(has, shape)) {
            mismatched.add(
                name + " " + Arrays.toString(has) + " instead of " + Arrays.toString(shape));
          }
        });
    for (String name : tensors.keySet()) {
      if (!layout.containsKey(name) && !name.endsWith(COUNTER)) {
        (parts.contains(part(name)) ? unexpected : unrelated).add(name);
      }
    }
    return new Fit(missing, mismatched, unexpected, unrelated);
  }

  private static String part(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  boolean exact() {
    return missing.isEmpty() && mismatched.isEmpty() && unexpected.isEmpty();
  }

  /** Throws if there is any difference, naming the tensors. */
  void require(String network, String from) {
    if (!exact()) {
      throw new FileException(from + " does not contain " + network + ": " + describe());
    }
  }

  String describe() {
    List<String> parts = new ArrayList<>();
    if (!missing.isEmpty()) {
      parts.add(missing.size() + " tensors are missing (" + Shapes.some(missing) + ")");
    }
    if (!mismatched.isEmpty()) {
      parts.add(mismatched.size() + " have another shape (" + Shapes.some(mismatched) + ")");
    }
    if (!unexpected.isEmpty()) {
      parts.add(unexpected.size() + " are unexpected (" + Shapes.some(unexpected) + ")");
    }
    return String.join("; ", parts);
  }
}
