package dev.fizzy.model;

import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model in one safetensors file: the configuration in the metadata, the weights under their
 * published names, and a checksum over them that is verified before anything is used.
 */
public final class ModelFile implements AutoCloseable {
  private static final String FORMAT = "fizzy-model-1";

  /** With int8 weights, whose scales a reader of the first format would ignore. */
  private static final String INT8_FORMAT = "fizzy-model-2";

  private static final List<String> FORMATS = List.of(FORMAT, INT8_FORMAT);

  private final ConfiguredWeights weights;
  private final ModelConfig config;

  private ModelFile(ConfiguredWeights weights) {
    this.weights = weights;
    this.config = ModelConfig.parse(weights.config());
  }

  /** Whether the file has the format of a Fizzy model. */
  public static boolean isModel(TensorFile file) {
    return FORMATS.contains(file.metadata().getOrDefault("format", ""));
  }

  /** Opens and verifies a model. */
  public static ModelFile open(Path path) {
    ConfiguredWeights weights =
        ConfiguredWeights.open(path, FORMATS, "model", ConfiguredWeights.imported(path, "model"));
    try {
      return new ModelFile(weights);
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  public Path path() {
    return weights.path();
  }

  public ModelConfig config() {
    return config;
  }

  /** Returns this model; throws if it was imported without one of its networks. */
  public ModelFile whole() {
    if (config.network() == null || config.autoencoder() == null) {
      throw new FileException(
          "the model has no "
              + (config.network() == null ? "U-Net" : "autoencoder")
              + "; give `fizzy import` its checkpoint too");
    }
    return this;
  }

  /** Checksum of the weights: what manifests call the model's hash. */
  public String sha256() {
    return weights.sha256();
  }

  public Map<String, String> metadata() {
    return weights.file().metadata();
  }

  /** The metadata that is only for people to read. */
  public Map<String, String> notes() {
    return weights.notes();
  }

  /** Whether the file contains the tensor. */
  public boolean has(String tensor) {
    return weights.file().has(tensor);
  }

  /** The values of a tensor that is not a parameter of a network. */
  public float[] floats(String tensor) {
    return weights.floats(tensor);
  }

  /**
   * Fills a region of parameters with the file's weights. The error names every tensor that is
   * missing or has another shape.
   */
  public void fill(Parameters parameters, Region region) {
    weights.fill(parameters, region);
  }

  /**
   * Throws if the file does not have the weights of these parameters; the error names every tensor
   * that is missing or has another shape.
   */
  public void require(List<Parameter> parameters) {
    weights.require(parameters);
  }

  /** Whether weights are stored in int8. */
  public boolean int8() {
    Safetensors file = weights.file();
    return file.names().stream().anyMatch(name -> file.type(name) == Safetensors.Type.I8);
  }

  /**
   * Writes this model with its weights in another type.
   *
   * @param as its configuration, which may draw in another way
   * @param type F32, BF16 or I8
   */
  public void convert(Path out, ModelConfig as, Safetensors.Type type) {
    write(out, as, weights.as(type));
  }

  /**
   * Writes this model with further tensors, in place of those that have their names.
   *
   * @param further f32 vectors by name
   */
  public void writeWith(Path out, Map<String, float[]> further) {
    Safetensors file = weights.file();
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (String name : file.names()) {
      if (!further.containsKey(name)) {
        entries.add(
            new Safetensors.Entry(
                name, file.type(name), file.shape(name), () -> file.floats(name)));
      }
    }
    new TreeMap<>(further)
        .forEach(
            (name, values) ->
                entries.add(
                    new Safetensors.Entry(
                        name, Safetensors.Type.F32, new long[] {values.length}, values::clone)));
    write(out, config, entries);
  }

  /** Weights to write: a region of some parameters. */
  public record Source(Parameters parameters, Region region) {}

  /**
   * Writes a model.
   *
   * @param type F32, BF16, or I8 for int8 matrices and filters, with the rest in BF16
   * @param notes further metadata for people: what it was trained on, for how long
   * @param extra tensors that are not parameters of a network
   */
  public static void write(
      Path path,
      ModelConfig config,
      Safetensors.Type type,
      Map<String, String> notes,
      List<Source> sources,
      Map<String, float[]> extra) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    new TreeMap<>(extra)
        .forEach(
            (name, values) ->
                entries.addAll(
                    ConfiguredWeights.stored(
                        name, new long[] {values.length}, type, values::clone)));
    entries.addAll(ConfiguredWeights.entries(sources, type));
    write(path, config, notes, entries);
  }

  /**
   * Writes a model from another file's tensors, which are streamed.
   *
   * @param tensors by published name, with the shapes of the configuration's networks
   * @return the checksum of the weights
   */
  public static String write(
      Path path,
      ModelConfig config,
      Safetensors.Type type,
      Map<String, String> notes,
      Map<String, StoredTensor> tensors) {
    return ConfiguredWeights.copy(path, FORMAT, config.toJson(), type, notes, tensors);
  }

  Safetensors tensors() {
    return weights.file();
  }

  /** Writes a model with these notes from other tensors. */
  void write(Path path, ModelConfig config, List<Safetensors.Entry> entries) {
    write(path, config, notes(), entries);
  }

  private static void write(
      Path path, ModelConfig config, Map<String, String> notes, List<Safetensors.Entry> entries) {
    boolean int8 = entries.stream().anyMatch(e -> e.type() == Safetensors.Type.I8);
    ConfiguredWeights.write(path, int8 ? INT8_FORMAT : FORMAT, config.toJson(), notes, entries);
  }

  @Override
  public void close() {
    weights.close();
  }
}
