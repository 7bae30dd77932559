package dev.fizzy.model;

import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.StoredTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A recognizer in one safetensors file: its configuration in the metadata, its state dict with the
 * published names, including running statistics, and a checksum that is verified before anything is
 * used. The counters {@code num_batches_tracked}, which PyTorch's strict loading requires, are
 * written as zeros.
 */
public final class RecognizerFile implements AutoCloseable {
  /** The value of {@code format} in the metadata. */
  public static final String FORMAT = "fizzy-recognizer-1";

  private static final String STATISTIC = ".running_var";
  private static final String COUNTER = ".num_batches_tracked";

  private final ConfiguredWeights weights;
  private final IResNetConfig config;

  private RecognizerFile(ConfiguredWeights weights) {
    this.weights = weights;
    this.config = IResNetConfig.parse(weights.config());
  }

  /** Opens and verifies a recognizer. */
  public static RecognizerFile open(Path path) {
    ConfiguredWeights weights =
        ConfiguredWeights.open(
            path, List.of(FORMAT), "recognizer", ConfiguredWeights.imported(path, "recognizer"));
    try {
      return new RecognizerFile(weights);
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  /** Whether a file of tensors has the format of a recognizer. */
  public static boolean isRecognizer(Path path) {
    try (Safetensors file = Safetensors.open(path)) {
      return FORMAT.equals(file.metadata().get("format"));
    }
  }

  public IResNetConfig config() {
    return config;
  }

  /** Checksum of the weights. */
  public String sha256() {
    return weights.sha256();
  }

  public Map<String, String> metadata() {
    return weights.file().metadata();
  }

  /** Fills VALUES. The error names every tensor that is missing or has another shape. */
  public void fill(Parameters parameters) {
    weights.fill(parameters, Region.VALUES);
  }

  /**
   * Writes a recognizer without the margin head among its parameters, which only training needs.
   *
   * @param type F32 or BF16
   * @param notes further metadata for people: what it was trained on, for how long
   */
  public static void write(
      Path path,
      IResNetConfig config,
      Safetensors.Type type,
      Map<String, String> notes,
      Parameters parameters) {
    List<ModelFile.Source> sources = List.of(new ModelFile.Source(parameters, Region.VALUES));
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (Safetensors.Entry entry : ConfiguredWeights.entries(sources, type)) {
      if (entry.name().startsWith("head.")) {
        continue;
      }
      entries.add(entry);
      if (entry.name().endsWith(STATISTIC)) {
        String norm = entry.name().substring(0, entry.name().length() - STATISTIC.length());
        entries.add(Safetensors.Entry.f32(norm + COUNTER, new float[1]));
      }
    }
    ConfiguredWeights.write(path, FORMAT, config.toJson(), notes, entries);
  }

  /**
   * Writes a recognizer from another file's tensors, which are streamed.
   *
   * @param tensors by published name, with the shapes of the configuration
   * @return the checksum of the weights
   */
  public static String write(
      Path path,
      IResNetConfig config,
      Safetensors.Type type,
      Map<String, String> notes,
      Map<String, StoredTensor> tensors) {
    return ConfiguredWeights.copy(path, FORMAT, config.toJson(), type, notes, tensors);
  }

  @Override
  public void close() {
    weights.close();
  }
}
