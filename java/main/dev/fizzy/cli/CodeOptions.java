package dev.fizzy.cli;

import dev.fizzy.model.ModelConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Mixin: how an autoregressive model draws the codes of an image. */
final class CodeOptions {
  /** What manifests name instead of a sampler. */
  static final String SAMPLER = "autoregressive";

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "Autoregressive models: divide the logits of the codes by T; below 1 images vary less;"
              + " at 0 each code is the most probable one, so that images of an identity differ"
              + " only by --perturb; default: 1.")
  @Range(min = 0)
  private Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description =
          "Autoregressive models: draw each code from the K most probable ones; default: all.")
  @Range(min = 1)
  private Integer topK;

  double temperature() {
    return temperature == null ? 1 : temperature;
  }

  int topK() {
    return topK == null ? 0 : topK;
  }

  /**
   * Throws if options do not go with the kind of the model.
   *
   * @param denoising those given that only a diffusion model can follow
   */
  void check(ModelConfig model, List<String> denoising) {
    if (model.autoregressive() == null) {
      if (!settings().isEmpty()) {
        throw new OptionException(
            "--"
                + settings().keySet().iterator().next()
                + " is for autoregressive models; "
                + model.name()
                + " is a diffusion model");
      }
    } else if (!denoising.isEmpty()) {
      throw new OptionException(
          denoising.get(0) + " is for diffusion models; " + model.name() + " is autoregressive");
    } else if (topK != null && topK >= model.autoregressive().codes()) {
      throw new OptionException(
          "--top-k must be below the "
              + model.autoregressive().codes()
              + " codes of the model, not "
              + topK);
    } else if (topK != null && temperature() == 0) {
      throw new OptionException(
          "--top-k changes nothing at --temperature 0, which takes the most probable code");
    }
  }

  /** The options that were given, for the manifest of a data set. */
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("temperature", temperature);
    settings.put("top-k", topK);
    settings.values().removeIf(value -> value == null);
    return settings;
  }
}
