package dev.fizzy.model;

import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.weights.DigestedSafetensors;
import dev.fizzy.weights.FileException;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorDigest;
import dev.fizzy.weights.TensorReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model in one safetensors file: the configuration in the metadata, the weights under their
 * published names, and a checksum over them that is verified before anything is used.
 */
public final class ModelFile implements AutoCloseable {
  private static final String FORMAT = "fizzy-model-1";

  private final Path path;
  private final Safetensors file;
  private final ModelConfig config;
  private final String sha256;

  private ModelFile(Path path, Safetensors file) {
    this.path = path;
    this.file = file;
    Map<String, String> metadata = file.metadata();
    if (!FORMAT.equals(metadata.get("format")) || !metadata.containsKey("config")) {
      throw new FileException(
          path
              + " is not a Fizzy model: its metadata has format "
              + metadata.get("format")
              + ", not "
              + FORMAT);
    }
    TensorDigest.check(path, metadata);
    this.config = ModelConfig.parse(metadata.get("config"));
    this.sha256 = digest(file);
    if (!sha256.equals(metadata.get("sha256"))) {
      throw new FileException(
          path
              + " is damaged: its weights have checksum "
              + sha256
              + ", its header says "
              + metadata.get("sha256"));
    }
  }

  /** Opens and verifies a model. */
  public static ModelFile open(Path path) {
    Safetensors file = Safetensors.open(path);
    try {
      return new ModelFile(path, file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  public ModelConfig config() {
    return config;
  }

  /** Checksum of the weights: what manifests call the model's hash. */
  public String sha256() {
    return sha256;
  }

  public Map<String, String> metadata() {
    return file.metadata();
  }

  /** Whether the file holds the parameter's weights. */
  public boolean has(String tensor) {
    return file.has(tensor);
  }

  /** A tensor of the file that is no parameter of a network. */
  public float[] floats(String tensor) {
    return file.floats(tensor);
  }

  /**
   * Fills a region of parameters with the file's weights; every missing or misshapen tensor is
   * named.
   */
  public void fill(Parameters parameters, Region region) {
    List<String> wrong = new ArrayList<>();
    for (Parameters.Slot slot : parameters.slots()) {
      float[] values = new float[Math.toIntExact(slot.parameter().elements())];
      int at = 0;
      for (Piece piece : slot.parameter().pieces()) {
        if (!file.has(piece.name())) {
          wrong.add(piece.name() + " is missing");
        } else if (!Arrays.equals(file.shape(piece.name()), widen(piece.shape()))) {
          wrong.add(
              piece.name()
                  + " has shape "
                  + Arrays.toString(file.shape(piece.name()))
                  + ", not "
                  + Arrays.toString(piece.shape()));
        } else {
          float[] part = file.floats(piece.name());
          System.arraycopy(part, 0, values, at, part.length);
        }
        at += Math.toIntExact(piece.elements());
      }
      if (wrong.isEmpty()) {
        parameters.write(region, slot, values);
      }
    }
    if (!wrong.isEmpty()) {
      throw new FileException(
          path
              + " does not fit its configuration: "
              + String.join("; ", wrong.subList(0, Math.min(8, wrong.size())))
              + (wrong.size() > 8 ? "; and " + (wrong.size() - 8) + " more" : ""));
    }
  }

  /** Weights to write: a region of some parameters. */
  public record Source(Parameters parameters, Region region) {}

  /**
   * Writes a model.
   *
   * @param type F32 or BF16
   * @param notes further metadata for people: what it was trained on, for how long
   * @param more tensors that are no parameters of a network
   */
  public static void write(
      Path path,
      ModelConfig config,
      Safetensors.Type type,
      Map<String, String> notes,
      List<Source> sources,
      Map<String, float[]> more) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    more.forEach(
        (name, values) ->
            entries.add(
                new Safetensors.Entry(
                    name, type, new long[] {values.length}, () -> rounded(values.clone(), type))));
    for (Source source : sources) {
      for (Parameters.Slot slot : source.parameters().slots()) {
        int at = 0;
        for (Piece piece : slot.parameter().pieces()) {
          int from = at;
          int to = at + Math.toIntExact(piece.elements());
          at = to;
          entries.add(
              new Safetensors.Entry(
                  piece.name(),
                  type,
                  widen(piece.shape()),
                  () ->
                      rounded(
                          Arrays.copyOfRange(
                              source.parameters().read(source.region(), slot), from, to),
                          type)));
        }
      }
    }
    Map<String, String> metadata = new TreeMap<>(notes);
    metadata.put("format", FORMAT);
    metadata.put("config", config.toJson());
    metadata.put("sha256", digest(entries));
    metadata.put(TensorDigest.METADATA, TensorDigest.of(metadata));
    Safetensors.write(path, metadata, entries);
  }

  /**
   * Writes a model out of another file's tensors, which are read once and never held.
   *
   * @param tensors by published name, of the shapes that the configuration's networks have
   * @return the checksum of the weights
   */
  public static String write(
      Path path,
      ModelConfig config,
      Safetensors.Type type,
      Map<String, String> notes,
      Map<String, StoredTensor> tensors) {
    Map<String, String> metadata = new TreeMap<>(notes);
    metadata.put("format", FORMAT);
    metadata.put("config", config.toJson());
    List<DigestedSafetensors.Item> items = new ArrayList<>();
    tensors.forEach(
        (name, tensor) ->
            items.add(
                new DigestedSafetensors.Item(
                    name, type, tensor.shape(), () -> new TensorReader(tensor)::next)));
    return DigestedSafetensors.write(path, metadata, "sha256", items);
  }

  /** The values as they will be read back. */
  private static float[] rounded(float[] values, Safetensors.Type type) {
    if (type == Safetensors.Type.BF16) {
      for (int i = 0; i < values.length; i++) {
        int bits = Float.floatToRawIntBits(values[i]);
        values[i] = Float.intBitsToFloat(bits + 0x7fff + (bits >>> 16 & 1) & 0xffff0000);
      }
    }
    return values;
  }

  private static long[] widen(int[] shape) {
    return Arrays.stream(shape).asLongStream().toArray();
  }

  private static String digest(List<Safetensors.Entry> entries) {
    Map<String, Safetensors.Entry> byName = new TreeMap<>();
    entries.forEach(e -> byName.put(e.name(), e));
    TensorDigest digest = new TensorDigest();
    byName.forEach((name, entry) -> digest.add(name, entry.values().get()));
    return digest.hex();
  }

  private static String digest(Safetensors file) {
    TensorDigest digest = new TensorDigest();
    file.names().stream().sorted().forEach(name -> digest.add(name, file.floats(name)));
    return digest.hex();
  }

  @Override
  public void close() {
    file.close();
  }
}
