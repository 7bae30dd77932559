package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.generation.Calibration;
import dev.fizzy.identity.Recognizer;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.Recorded;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** Mixin: one network of a configuration, at a batch size and type. */
final class NetworkOptions {
  private static final String BUILT_IN = "default";

  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      description =
          "Built-in configuration or a JSON file; default: face112, or iresnet50 for a recognizer.")
  private String config;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description =
          "Take configuration and weights from a model or a recognizer; `default` is the built-in"
              + " model; default: random weights.")
  private String model;

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
      converter = ActivationType.OrIntegers.class,
      description =
          "Type of the activations, f32, bf16 or int8, which is bf16 with most products of a U-Net"
              + " in integers, for inference on the CPU; default: ${DEFAULT-VALUE}.")
  private DType type;

  @Option(
      names = "--training",
      description = "A whole training step: forward, backward, optimizer; default: inference only.")
  private boolean training;

  @Option(
      names = "--distill",
      paramLabel = "K",
      description =
          "With --training: a step of `fizzy train distill` in which the teacher takes K steps; 0:"
              + " one that distills guidance alone; default: a step of `fizzy train diffusion`.")
  @Range(min = 0)
  private Integer distill;

  boolean training() {
    return training;
  }

  int batch() {
    return batch;
  }

  DType type() {
    return type;
  }

  /** The smallest batch: batch norm trains on two rows or more. */
  int leastBatch() {
    return training && network() == Recorded.Network.RECOGNIZER ? 2 : 1;
  }

  /** Throws if the type is not for this network or these devices. */
  void check(DeviceOptions devices) {
    if (type == DType.INT8) {
      if (training || network() != Recorded.Network.UNET) {
        throw new OptionException("--type int8 is for drawing with a U-Net: give f32 or bf16");
      }
      Calibration.requireUnet(model());
      Devices.requireType(type, devices.names());
    }
  }

  /** The network's work for the given batch. */
  NetworkWork work(int batch) {
    if (network() == Recorded.Network.RECOGNIZER) {
      IResNetConfig of = recognizer();
      return training
          ? NetworkWork.training(of, batch, type)
          : NetworkWork.evaluation(Recorded.recognizer(of, batch, type, false));
    }
    ModelConfig of = model();
    if (distill != null) {
      if (!training || network() != Recorded.Network.UNET) {
        throw new OptionException("--distill needs --training and the network UNET");
      }
      return NetworkWork.distillation(of, distill, batch, type);
    }
    return training
        ? NetworkWork.training(of, network(), batch, type)
        : NetworkWork.evaluation(Recorded.graph(of, network(), batch, type, false));
  }

  NetworkWork work() {
    return work(batch);
  }

  /** Fills the weights, from the file or at random. */
  void start(Parameters parameters) {
    parameters.initialize(1);
    if (model != null) {
      if (network() == Recorded.Network.RECOGNIZER) {
        try (RecognizerFile file = RecognizerFile.open(path())) {
          Recognizer.fill(file, parameters);
        }
      } else {
        try (ModelFile file = DefaultModel.openOr(path())) {
          if (type == DType.INT8) {
            Calibration.require(file);
          }
          file.fill(parameters, Region.VALUES);
        }
      }
    }
  }

  /** The configuration of a model with several networks. */
  ModelConfig model() {
    if (model == null) {
      return OptionTypes.config(config(), ModelConfig.SHIPPED, ModelConfig::load);
    }
    try (ModelFile file = DefaultModel.openOr(path())) {
      return file.config();
    }
  }

  private IResNetConfig recognizer() {
    if (model == null) {
      return OptionTypes.config(config(), IResNetConfig.SHIPPED, IResNetConfig::load);
    }
    try (RecognizerFile file = RecognizerFile.open(path())) {
      return file.config();
    }
  }

  /** The file of --model; null is the built-in one. */
  private Path path() {
    return model.equals(BUILT_IN) ? null : Path.of(model);
  }

  /** Whether the network was named. */
  boolean chosen() {
    return network != null;
  }

  /** The network's name in lower case. */
  String name() {
    return name(network());
  }

  static String name(Recorded.Network network) {
    return network.name().toLowerCase(Locale.ROOT);
  }

  private Recorded.Network network() {
    if (model != null && config != null) {
      throw new OptionException("--model has a configuration of its own; leave out --config");
    }
    if (network != null) {
      return network;
    }
    boolean recognizer =
        model == null
            ? config != null && IResNetConfig.SHIPPED.contains(config)
            : path() != null && RecognizerFile.isRecognizer(path());
    return recognizer ? Recorded.Network.RECOGNIZER : Recorded.Network.UNET;
  }

  private String config() {
    String standard = network() == Recorded.Network.RECOGNIZER ? "iresnet50" : "face112";
    return config == null ? standard : config;
  }

  /** For the JSON result. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (model == null) {
      fields.put("config", config());
    } else {
      fields.put("model", model);
    }
    fields.put("network", name());
    fields.put("batch", batch);
    fields.put("type", type.name().toLowerCase(Locale.ROOT));
    fields.put("training", training);
    if (distill != null) {
      fields.put("distill", distill);
    }
    return fields;
  }
}
