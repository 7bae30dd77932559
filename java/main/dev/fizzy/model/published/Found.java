package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a file under one prefix: {@code module.}, {@code eps_model.}, {@code ema.}, {@code
 * first_stage_model.}, {@code state_dict.} or any other text before the published names.
 *
 * @param tensors by name without the prefix
 * @param otherPrefixes prefixes of other copies of the same network, which are not used
 */
record Found(
    TensorFile file, String prefix, Map<String, StoredTensor> tensors, List<String> otherPrefixes) {

  /**
   * The network that has a tensor named {@code sign}, or null.
   *
   * @param wanted the prefix to use if there are several; null to choose
   */
  static Found by(String sign, TensorFile file, String wanted) {
    List<String> prefixes = new ArrayList<>();
    for (String name : file.names()) {
      if (name.equals(sign) || name.endsWith("." + sign)) {
        prefixes.add(name.substring(0, name.length() - sign.length()));
      }
    }
    if (prefixes.isEmpty()) {
      return null;
    }
    if (wanted != null) {
      if (!prefixes.contains(wanted)) {
        throw new FileException(
            file.path() + " has no " + sign + " under the prefix " + wanted + ", but " + prefixes);
      }
      prefixes.remove(wanted);
      prefixes.add(0, wanted);
    } else {
      // Averaged weights are preferred, then the shortest prefix.
      prefixes.sort(
          Comparator.comparing((String p) -> !averaged(p)).thenComparingInt(String::length));
    }
    String prefix = prefixes.get(0);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith(prefix)) {
                tensors.put(name.substring(prefix.length()), tensor);
              }
            });
    return new Found(file, prefix, tensors, prefixes.subList(1, prefixes.size()));
  }

  private static boolean averaged(String prefix) {
    return prefix.toLowerCase(java.util.Locale.ROOT).contains("ema");
  }

  /**
   * The tensor {@code name} under this or a shorter prefix, such as {@code module.betas} for the
   * network under {@code module.eps_model.}; the one with the longest prefix, or null.
   */
  StoredTensor outside(String name) {
    for (String at = prefix; ; at = at.substring(0, at.lastIndexOf('.', at.length() - 2) + 1)) {
      StoredTensor found = file.tensors().get(at + name);
      if (found != null || at.isEmpty()) {
        return found;
      }
    }
  }

  Map<String, long[]> shapes() {
    return shapes(tensors);
  }

  static Map<String, long[]> shapes(Map<String, StoredTensor> tensors) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    return shapes;
  }
}
