package dev.fizzy.model.published;

import dev.fizzy.engine.DType;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.Recorded.Network;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The tensor layouts of the published networks, to describe a file that matches none of them. */
final class KnownLayouts {
  private KnownLayouts() {}

  private static Map<String, Map<String, long[]>> all() {
    Map<String, Map<String, long[]>> all = new LinkedHashMap<>();
    for (String name : new String[] {"idiff-face", "idiff-face-adagn"}) {
      all.put("the U-Net of " + name, layout(ModelConfig.load(name), Network.UNET));
    }
    all.put("the VQ-f4 autoencoder", layout(ModelConfig.load("idiff-face"), Network.AUTOENCODER));
    for (String name : new String[] {"iresnet18", "iresnet34", "iresnet50", "iresnet100"}) {
      all.put(name, layout(IResNetConfig.load(name)));
    }
    return all;
  }

  static Map<String, long[]> layout(IResNetConfig config) {
    return Fit.layout(Recorded.recognizer(config, 1).parameters());
  }

  static Map<String, long[]> layout(ModelConfig config, Network network) {
    return Fit.layout(Recorded.graph(config, network, 1, DType.F32, false).parameters());
  }

  /** Describes the known layout that shares most names with the tensors, and the differences. */
  static String nearest(Map<String, long[]> tensors) {
    Map<String, long[]> suffixes = new LinkedHashMap<>();
    tensors.forEach(
        (name, shape) -> {
          for (int dot = -1; dot + 1 < name.length(); ) {
            suffixes.putIfAbsent(name.substring(dot + 1), shape);
            dot = name.indexOf('.', dot + 1);
            if (dot < 0) {
              break;
            }
          }
        });
    String best = "";
    double most = 0;
    for (var known : all().entrySet()) {
      Set<String> shared = new HashSet<>(known.getValue().keySet());
      shared.retainAll(suffixes.keySet());
      double share = (double) shared.size() / known.getValue().size();
      if (share > most) {
        most = share;
        Map<String, long[]> common = new LinkedHashMap<>();
        shared.forEach(name -> common.put(name, suffixes.get(name)));
        best =
            "the nearest is "
                + known.getKey()
                + ": of its "
                + known.getValue().size()
                + " tensors "
                + shared.size()
                + " are present; "
                + Fit.of(known.getValue(), common).describe();
      }
    }
    return best.isEmpty() ? "no tensor has the name of one of theirs" : best;
  }
}
