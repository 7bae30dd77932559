package dev.fizzy.weights;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.Quoted;
import dev.fizzy.file.ZipIndex;
import dev.fizzy.weights.pickle.PickleReader;
import dev.fizzy.weights.pickle.PyGlobal;
import dev.fizzy.weights.pickle.PyStorage;
import dev.fizzy.weights.pickle.PyTuple;
import java.io.Closeable;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * PyTorch files: since 1.6 a zip with {@code data.pkl}, the storages as {@code data/KEY} and
 * optionally {@code byteorder}; before 1.6 a stream of pickles; also plain pickles of arrays.
 */
final class TorchFiles {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long PROTOCOL = 1001;

  private TorchFiles() {}

  static TensorFile zip(Path file, ZipIndex zip, List<Closeable> open) throws IOException {
    ZipIndex.Part pickle = zip.endingIn("data.pkl");
    String root = pickle.name().substring(0, pickle.name().length() - "data.pkl".length());
    ByteOrder order = order(zip, root);
    Map<String, PyStorage> storages = new HashMap<>();
    ByteSource source = zip.open(pickle);
    PickleReader.Persistent persistent =
        id -> {
          Storage wanted = Storage.of(id, source);
          return storages.computeIfAbsent(
              wanted.key, key -> storage(zip, root + "data/" + key, wanted, order));
        };
    PickleReader.Result result = PickleReader.read(source, 0, persistent);
    if (result.end() != source.size()) {
      throw source.fault("goes on after its pickle", result.end());
    }
    NamedTensors named = new NamedTensors(zip.source());
    named.flatten("", result.value());
    boolean script = zip.parts().containsKey(root + "constants.pkl");
    return new TensorFile(
        file,
        script ? "PyTorch file (TorchScript zip)" : "PyTorch file (zip, since 1.6)",
        named.tensors(),
        named.metadata(),
        open);
  }

  private static ByteOrder order(ZipIndex zip, String root) throws IOException {
    ZipIndex.Part part = zip.parts().get(root + "byteorder");
    if (part == null) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    ByteBuffer text = ByteBuffer.allocate((int) Math.min(16, part.size()));
    zip.open(part).read(0, text);
    String order = new String(text.array(), StandardCharsets.US_ASCII);
    return switch (order) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default -> throw zip.source().fault("has the unknown byte order " + order, part.begin());
    };
  }

  private static PyStorage storage(ZipIndex zip, String entry, Storage wanted, ByteOrder order) {
    ZipIndex.Part part = zip.parts().get(entry);
    if (part == null) {
      throw zip.source().fault("has no entry " + entry + ", which a tensor needs", 0);
    }
    if (part.deflated()) {
      throw zip.source()
          .fault("has compressed tensors; PyTorch stores them uncompressed", part.begin());
    }
    return new PyStorage(wanted.type, wanted.elements, order).bytes(zip.open(part));
  }

  /** ('storage', class, key, device, elements), and before 1.6 optionally (view, offset, size). */
  private record Storage(Safetensors.Type type, String key, long elements, List<Object> view) {
    static Storage of(Object id, ByteSource source) {
      if (id instanceof PyTuple tuple
          && tuple.items().size() >= 5
          && "storage".equals(tuple.items().get(0))
          && tuple.items().get(1) instanceof PyGlobal type
          && (tuple.items().get(2) instanceof String || tuple.items().get(2) instanceof Long)
          && tuple.items().get(4) instanceof Long elements) {
        Safetensors.Type element = PyStorage.type(type.name());
        if (element == null) {
          throw source.fault("has a tensor of " + Quoted.of(type) + ", which is not read", 0);
        }
        List<Object> view =
            tuple.items().size() > 5 && tuple.items().get(5) instanceof PyTuple v
                ? v.items()
                : null;
        return new Storage(element, String.valueOf(tuple.items().get(2)), elements, view);
      }
      throw source.fault("refers to an object that is not a storage", 0);
    }
  }

  /** Opens a stream from before 1.6, or a plain pickle of arrays. */
  static TensorFile pickle(Path file, ByteSource source, List<Closeable> open) throws IOException {
    PickleReader.Result first = PickleReader.read(source, 0, null);
    NamedTensors named = new NamedTensors(source);
    if (!MAGIC.equals(first.value())) {
      if (first.end() != source.size()) {
        throw source.fault("goes on after its pickle", first.end());
      }
      named.flatten("", first.value());
      return new TensorFile(file, "pickle of arrays", named.tensors(), named.metadata(), open);
    }
    PickleReader.Result version = PickleReader.read(source, first.end(), null);
    PickleReader.Result system = PickleReader.read(source, version.end(), null);
    boolean little =
        system.value() instanceof Map<?, ?> map && Boolean.TRUE.equals(map.get("little_endian"));
    if (!Long.valueOf(PROTOCOL).equals(version.value()) || !little) {
      throw source.fault(
          "is a PyTorch file of protocol "
              + Quoted.of(version.value())
              + (little ? "" : ", written by a big-endian machine")
              + "; protocol "
              + PROTOCOL
              + ", little-endian, is supported",
          first.end());
    }
    Map<String, PyStorage> storages = new HashMap<>();
    PickleReader.Persistent persistent =
        id -> {
          Storage wanted = Storage.of(id, source);
          if (wanted.view != null) {
            throw source.fault("has storages that are views, as PyTorch wrote before 0.4", 0);
          }
          return storages.computeIfAbsent(
              wanted.key,
              k -> new PyStorage(wanted.type, wanted.elements, ByteOrder.LITTLE_ENDIAN));
        };
    PickleReader.Result root = PickleReader.read(source, system.end(), persistent);
    PickleReader.Result keys = PickleReader.read(source, root.end(), null);
    place(source, keys, storages);
    named.flatten("", root.value());
    return new TensorFile(
        file, "PyTorch file (pickle stream, before 1.6)", named.tensors(), named.metadata(), open);
  }

  /** Locates the storages, each of which is its number of elements, i64, and the elements. */
  private static void place(
      ByteSource source, PickleReader.Result keys, Map<String, PyStorage> storages)
      throws IOException {
    if (!(keys.value() instanceof List<?> list)) {
      throw source.fault("does not list its storages", keys.end());
    }
    long at = keys.end();
    ByteBuffer count = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    for (Object key : list) {
      PyStorage storage =
          key instanceof List || key instanceof Map ? null : storages.remove("" + key);
      if (storage == null) {
        throw source.fault(
            "has a storage " + Quoted.of(key) + " that no tensor uses, or twice", at);
      }
      count.clear();
      source.read(at, count);
      long elements = count.getLong(0);
      if (elements != storage.elements() || elements < 0 || elements > source.size()) {
        throw source.fault(
            "has a storage of "
                + elements
                + " elements where "
                + storage.elements()
                + " were announced",
            at);
      }
      long bytes = elements * storage.type().bytes;
      storage.bytes(source.slice("storage " + key, at + 8, bytes));
      at += 8 + bytes;
    }
    if (!storages.isEmpty() || at != source.size()) {
      throw source.fault(
          storages.isEmpty() ? "has data after its storages" : "ends before all storages", at);
    }
  }
}
