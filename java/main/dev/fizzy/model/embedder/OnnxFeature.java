package dev.fizzy.model.embedder;

import dev.fizzy.file.FileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Chooses the embedding output of an ONNX network. Networks may have other outputs, such as norms,
 * qualities, logits and feature maps, in any order. If names and widths are ambiguous, the user
 * must choose.
 */
public final class OnnxFeature {
  private static final List<String> NAMES = List.of("embed", "feat", "fc1");

  private OnnxFeature() {}

  /**
   * @param widths values per face of each float output
   * @param wanted name given by the user, or null
   */
  public static String choose(Path file, Map<String, Integer> widths, String wanted) {
    if (wanted != null) {
      if (!widths.containsKey(wanted)) {
        throw new FileException(
            "the embedder "
                + file
                + " has no output "
                + wanted
                + " of floats, but "
                + list(widths));
      }
      return wanted;
    }
    List<String> wide = widths.keySet().stream().filter(name -> widths.get(name) > 1).toList();
    List<String> named =
        wide.stream()
            .filter(name -> NAMES.stream().anyMatch(name.toLowerCase(Locale.ROOT)::contains))
            .toList();
    if (wide.isEmpty()) {
      throw new FileException(
          "the embedder "
              + file
              + " gives no vector of floats"
              + (widths.isEmpty() ? "" : ", but " + list(widths)));
    }
    if (wide.size() > 1 && named.size() != 1) {
      throw new FileException(
          "the embedder "
              + file
              + " has several outputs, "
              + list(widths)
              + "; say which is the face's vector with --feature NAME");
    }
    return wide.size() == 1 ? wide.get(0) : named.get(0);
  }

  private static String list(Map<String, Integer> widths) {
    return String.join(
        ", ",
        widths.entrySet().stream()
            .map(output -> output.getKey() + " (" + output.getValue() + " values per face)")
            .toList());
  }
}
