package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** Mixin: one network of a configuration, at a batch size and type. */
final class NetworkOptions {
  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      description =
          "Built-in configuration or a JSON file; default: face64, or iresnet50 for a recognizer.")
  private String config;

  @Option(
      names = "--network",
      description =
          "Network: ${COMPLETION-CANDIDATES}; default: RECOGNIZER for a built-in recognizer"
              + " configuration, else UNET.")
  private Recorded.Network network;

  @Option(
      names = "--batch",
      defaultValue = "1",
      description = "Batch size; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int batch;

  @Option(
      names = "--type",
      defaultValue = "f32",
      description = "Type of the activations, f32 or bf16; default: ${DEFAULT-VALUE}.")
  private DType type;

  @Option(
      names = "--training",
      description = "Include the backward pass of a training step; default: inference only.")
  private boolean training;

  boolean training() {
    return training;
  }

  int batch() {
    return batch;
  }

  Graph graph() {
    if (network() == Recorded.Network.RECOGNIZER) {
      return Recorded.recognizer(IResNetConfig.load(config()), batch, type, training);
    }
    return Recorded.graph(ModelConfig.load(config()), network(), batch, type, training);
  }

  private Recorded.Network network() {
    if (network != null) {
      return network;
    }
    boolean recognizer = config != null && IResNetConfig.SHIPPED.contains(config);
    return recognizer ? Recorded.Network.RECOGNIZER : Recorded.Network.UNET;
  }

  private String config() {
    String standard = network() == Recorded.Network.RECOGNIZER ? "iresnet50" : "face64";
    return config == null ? standard : config;
  }

  /** For the JSON result. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("config", config());
    fields.put("network", network().name().toLowerCase(Locale.ROOT));
    fields.put("batch", batch);
    fields.put("type", type.name().toLowerCase(Locale.ROOT));
    fields.put("training", training);
    return fields;
  }
}
