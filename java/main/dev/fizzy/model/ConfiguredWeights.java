package dev.fizzy.model;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.file.FileSignature;
import dev.fizzy.weights.DigestedSafetensors;
import dev.fizzy.weights.Floats;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorDigest;
import dev.fizzy.weights.TensorReader;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Weights in one safetensors file under their published names, with a format, a configuration and a
 * checksum in the metadata: the common part of model files and recognizer files.
 */
final class ConfiguredWeights implements AutoCloseable {
  private static final String CONFIG = "config";

  private final Path path;
  private final Safetensors file;
  private final String sha256;

  private ConfiguredWeights(
      Path path, Safetensors file, List<String> formats, String what, String remedy) {
    this.path = path;
    this.file = file;
    Map<String, String> metadata = file.metadata();
    if (!formats.contains(metadata.getOrDefault("format", "")) || !metadata.containsKey(CONFIG)) {
      throw new FileException(
          path
              + " is not a Fizzy "
              + what
              + ": its metadata has format "
              + metadata.get("format")
              + ", not "
              + String.join(" or ", formats)
              + "; "
              + remedy);
    }
    TensorDigest.check(path, metadata);
    Int8Weights.check(path, file);
    this.sha256 = digest(path, file);
    if (!sha256.equals(metadata.get("sha256"))) {
      throw new FileException(
          path
              + " is damaged: its weights have checksum "
              + sha256
              + ", its header says "
              + metadata.get("sha256"));
    }
  }

  /**
   * Opens and verifies a file.
   *
   * @param formats that are read
   * @param what kind of file, for error messages
   * @param remedy for a file of another kind or format
   */
  static ConfiguredWeights open(Path path, List<String> formats, String what, String remedy) {
    Safetensors file = openOwn(path, remedy);
    try {
      return new ConfiguredWeights(path, file, formats, what, remedy);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Refuses files of other kinds, before they are taken for damaged ones. */
  private static Safetensors openOwn(Path path, String remedy) {
    FileSignature signature;
    try {
      signature = FileSignature.of(path);
    } catch (IOException e) {
      throw FileException.of("read", path, e);
    }
    if (signature == FileSignature.PYTORCH) {
      throw new FileException(path + " " + signature.sentence() + "; " + remedy);
    }
    if (signature != FileSignature.SAFETENSORS && signature != FileSignature.OTHER) {
      throw new FileException(path + " " + signature.sentence());
    }
    return Safetensors.open(path);
  }

  /** The remedy for a published checkpoint. */
  static String imported(Path path, String what) {
    return "`fizzy import "
        + path
        + " --out FILE.safetensors` makes a "
        + what
        + " of a published checkpoint";
  }

  Path path() {
    return path;
  }

  String config() {
    return file.metadata().get(CONFIG);
  }

  String sha256() {
    return sha256;
  }

  /** The metadata except the entries that writing adds itself. */
  Map<String, String> notes() {
    Map<String, String> notes = new TreeMap<>(file.metadata());
    notes.keySet().removeAll(List.of("format", CONFIG, "sha256", TensorDigest.METADATA));
    return notes;
  }

  /** The tensors as they are stored. */
  Safetensors file() {
    return file;
  }

  /** The values of a tensor, whatever type it is stored in. */
  float[] floats(String name) {
    return Int8Weights.floats(file, name);
  }

  /** The tensors to write for all values of this file in another type. */
  List<Safetensors.Entry> as(Safetensors.Type type) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (String name : file.names()) {
      if (!Int8Weights.isScale(file, name)) {
        entries.addAll(stored(name, file.shape(name), type, () -> floats(name)));
      }
    }
    return entries;
  }

  /** Fills a region of parameters with the file's weights, after {@link #require}. */
  void fill(Parameters parameters, Region region) {
    require(parameters.slots().stream().map(Parameters.Slot::parameter).toList());
    for (Parameters.Slot slot : parameters.slots()) {
      if (slot.parameter().constant() != null) {
        continue;
      }
      float[] values = new float[Math.toIntExact(slot.parameter().elements())];
      int at = 0;
      for (Piece piece : slot.parameter().pieces()) {
        float[] part = floats(piece.name());
        System.arraycopy(part, 0, values, at, part.length);
        at += Math.toIntExact(piece.elements());
      }
      parameters.write(region, slot, values);
    }
  }

  /** Throws if a tensor is missing or has another shape; the error names every one. */
  void require(List<Parameter> parameters) {
    List<String> wrong = new ArrayList<>();
    for (Parameter parameter : parameters) {
      for (Piece piece : parameter.pieces()) {
        if (!file.has(piece.name())) {
          wrong.add(piece.name() + " is missing");
        } else if (!Arrays.equals(file.shape(piece.name()), widen(piece.shape()))) {
          wrong.add(
              piece.name()
                  + " has shape "
                  + Arrays.toString(file.shape(piece.name()))
                  + ", not "
                  + Arrays.toString(piece.shape()));
        }
      }
    }
    if (!wrong.isEmpty()) {
      throw new FileException(
          path
              + " does not fit the configuration: "
              + String.join("; ", wrong.subList(0, Math.min(8, wrong.size())))
              + (wrong.size() > 8 ? "; and " + (wrong.size() - 8) + " more" : ""));
    }
  }

  /** The tensors of regions of parameters, with the names of the state dict. */
  static List<Safetensors.Entry> entries(List<ModelFile.Source> sources, Safetensors.Type type) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (ModelFile.Source source : sources) {
      for (Parameters.Slot slot : source.parameters().slots()) {
        int at = 0;
        for (Piece piece : slot.parameter().pieces()) {
          int from = at;
          int to = at + Math.toIntExact(piece.elements());
          at = to;
          entries.addAll(
              stored(
                  piece.name(),
                  widen(piece.shape()),
                  type,
                  () ->
                      Arrays.copyOfRange(
                          source.parameters().read(source.region(), slot), from, to)));
        }
      }
    }
    return entries;
  }

  /** The tensors to write for one; with I8, what is not stored in int8 is bf16. */
  static List<Safetensors.Entry> stored(
      String name, long[] shape, Safetensors.Type type, Supplier<float[]> values) {
    if (type != Safetensors.Type.I8) {
      return List.of(new Safetensors.Entry(name, type, shape, () -> rounded(values.get(), type)));
    }
    return Int8Weights.stores(name, shape)
        ? Int8Weights.entries(name, shape, values)
        : stored(name, shape, Safetensors.Type.BF16, values);
  }

  static void write(
      Path path,
      String format,
      String config,
      Map<String, String> notes,
      List<Safetensors.Entry> entries) {
    Map<String, String> metadata = new TreeMap<>(notes);
    metadata.put("format", format);
    metadata.put(CONFIG, config);
    metadata.put("sha256", digest(path, entries));
    metadata.put(TensorDigest.METADATA, TensorDigest.of(metadata));
    Safetensors.write(path, metadata, entries);
  }

  /** Writes another file's tensors, which are streamed, and returns their checksum. */
  static String copy(
      Path path,
      String format,
      String config,
      Safetensors.Type type,
      Map<String, String> notes,
      Map<String, StoredTensor> tensors) {
    Map<String, String> metadata = new TreeMap<>(notes);
    metadata.put("format", format);
    metadata.put(CONFIG, config);
    List<DigestedSafetensors.Item> items = new ArrayList<>();
    tensors.forEach(
        (name, tensor) ->
            items.add(
                new DigestedSafetensors.Item(
                    name, type, tensor.shape(), () -> finite(name, tensor, type))));
    return DigestedSafetensors.write(path, metadata, "sha256", items);
  }

  /** A tensor's elements, each finite in the type that it is written in. */
  private static DigestedSafetensors.Elements finite(
      String name, StoredTensor tensor, Safetensors.Type type) {
    TensorReader reader = new TensorReader(tensor);
    long[] done = {0};
    return out -> {
      int begin = out.position();
      int n = reader.next(out);
      FloatBuffer values = out.duplicate().order(out.order()).position(begin).asFloatBuffer();
      for (int i = 0; i < n; i++) {
        float value = rounded(values.get(i), type);
        if (!Float.isFinite(value)) {
          throw notFinite(tensor.bytes().name(), name, done[0] + i, value);
        }
      }
      done[0] += n;
      return n;
    };
  }

  /** The values after rounding to the type, as they will be read back. */
  static float[] rounded(float[] values, Safetensors.Type type) {
    for (int i = 0; i < values.length; i++) {
      values[i] = rounded(values[i], type);
    }
    return values;
  }

  private static float rounded(float value, Safetensors.Type type) {
    return type == Safetensors.Type.BF16 ? Floats.fromBf16(DType.bf16(value)) : value;
  }

  private static long[] widen(int[] shape) {
    return Arrays.stream(shape).asLongStream().toArray();
  }

  private static String digest(Path path, List<Safetensors.Entry> entries) {
    Map<String, Safetensors.Entry> byName = new TreeMap<>();
    entries.forEach(e -> byName.put(e.name(), e));
    TensorDigest digest = new TensorDigest();
    byName.forEach((name, entry) -> digest.add(name, finite(path, name, entry.values().get())));
    return digest.hex();
  }

  private static String digest(Path path, Safetensors file) {
    TensorDigest digest = new TensorDigest();
    file.names().stream()
        .sorted()
        .forEach(name -> digest.add(name, finite(path, name, file.floats(name))));
    return digest.hex();
  }

  /** Refuses weights that no network computes with: of one NaN everything becomes NaN. */
  private static float[] finite(Path path, String name, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw notFinite(path.toString(), name, i, values[i]);
      }
    }
    return values;
  }

  private static FileException notFinite(String file, String name, long element, float value) {
    return new FileException(
        file
            + ": the weight "
            + name
            + " is not finite: element "
            + element
            + " is "
            + value
            + "; a network with it computes nothing");
  }

  @Override
  public void close() {
    file.close();
  }
}
