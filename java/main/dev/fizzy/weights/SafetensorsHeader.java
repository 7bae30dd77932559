package dev.fizzy.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import dev.fizzy.file.Quoted;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, checked against the file: the tensors cover the data without
 * overlaps or holes.
 *
 * @param dataStart offset of the data in the file; tensor offsets are relative to it
 */
record SafetensorsHeader(long dataStart, Map<String, String> metadata, Map<String, Slot> tensors) {
  /** The position of a tensor: bytes begin..end of the data. */
  record Slot(Safetensors.Type type, long[] shape, long begin, long end) {}

  private static final long LIMIT = 100_000_000;

  /** The tensors of the file. */
  Map<String, StoredTensor> stored(ByteSource file) {
    ByteSource data = file.slice("", dataStart, file.size() - dataStart);
    Map<String, StoredTensor> stored = new LinkedHashMap<>();
    tensors.forEach(
        (name, slot) ->
            stored.put(name, StoredTensor.rows(slot.type(), slot.shape(), data, slot.begin())));
    return stored;
  }

  static SafetensorsHeader read(FileChannel in, Path file) throws IOException {
    long size = in.size();
    if (size < 8) {
      throw new FileException(
          file
              + " has "
              + size
              + " bytes; a safetensors file begins with 8 bytes of header length");
    }
    long length = read(in, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > LIMIT || length > size - 8) {
      throw new FileException(
          file
              + " announces a header of "
              + Long.toUnsignedString(length)
              + " bytes at offset 0, and "
              + (size - 8)
              + " follow (limit "
              + LIMIT
              + "); it is damaged or not a safetensors file");
    }
    JsonNode root;
    try {
      root = Json.tree(read(in, 8, (int) length).array());
    } catch (JsonProcessingException e) {
      throw new FileException(
          file + " has a damaged header: " + Quoted.message(e.getOriginalMessage()) + where(e), e);
    }
    if (root == null || !root.isObject()) {
      throw new FileException(file + " has a header that is not a JSON object, at offset 8");
    }
    return new SafetensorsHeader(
        8 + length, metadata(root, file), tensors(root, size - 8 - length, file));
  }

  private static String where(JsonProcessingException e) {
    return e.getLocation() == null ? "" : ", at offset " + (8 + e.getLocation().getByteOffset());
  }

  private static ByteBuffer read(FileChannel in, long at, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (in.read(buffer, at + buffer.position()) < 0) {
        throw new EOFException("it ends after " + in.size() + " bytes");
      }
    }
    return buffer.flip();
  }

  private static Map<String, String> metadata(JsonNode root, Path file) {
    Map<String, String> metadata = new LinkedHashMap<>();
    JsonNode node = root.path("__metadata__");
    for (var field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw new FileException(
            file
                + ": metadata "
                + Quoted.of(field.getKey())
                + " is "
                + Quoted.of(field.getValue())
                + ", not a string");
      }
      metadata.put(field.getKey(), field.getValue().textValue());
    }
    return metadata;
  }

  private static Map<String, Slot> tensors(JsonNode root, long dataBytes, Path file) {
    List<Map.Entry<String, Slot>> slots = new ArrayList<>();
    for (var field : root.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        slots.add(
            Map.entry(field.getKey(), slot(field.getKey(), field.getValue(), dataBytes, file)));
      }
    }
    slots.sort(
        Comparator.comparingLong((Map.Entry<String, Slot> s) -> s.getValue().begin())
            .thenComparingLong(s -> s.getValue().end()));
    Map<String, Slot> tensors = new LinkedHashMap<>();
    long at = 0;
    String before = "the start";
    for (var entry : slots) {
      long begin = entry.getValue().begin();
      if (begin != at) {
        throw new FileException(
            file
                + ": tensor "
                + Quoted.of(entry.getKey())
                + " begins at offset "
                + begin
                + ", "
                + (begin < at ? "inside " : "leaving a hole after ")
                + Quoted.of(before)
                + ", which ends at "
                + at);
      }
      at = entry.getValue().end();
      before = entry.getKey();
      tensors.put(entry.getKey(), entry.getValue());
    }
    if (at != dataBytes) {
      throw new FileException(
          file + " has " + dataBytes + " bytes of data and its tensors cover " + at);
    }
    return tensors;
  }

  private static Slot slot(String name, JsonNode node, long dataBytes, Path file) {
    JsonNode offsets = node.path("data_offsets");
    if (!node.path("dtype").isTextual()
        || !node.path("shape").isArray()
        || !offsets.isArray()
        || offsets.size() != 2) {
      throw new FileException(
          file
              + ": tensor "
              + Quoted.of(name)
              + " needs dtype, shape and two data_offsets and has "
              + Quoted.of(node));
    }
    Safetensors.Type type = type(name, node.get("dtype").textValue(), file);
    long[] shape = new long[node.get("shape").size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = count(name, node.get("shape").get(i), file);
    }
    long begin = count(name, offsets.get(0), file);
    long end = count(name, offsets.get(1), file);
    if (begin > end || end > dataBytes) {
      throw new FileException(
          file
              + ": tensor "
              + Quoted.of(name)
              + " is at offsets "
              + begin
              + ".."
              + end
              + " of "
              + dataBytes
              + " bytes of data");
    }
    if (bytes(shape, type.bytes) != end - begin) {
      throw new FileException(
          file
              + ": tensor "
              + Quoted.of(name)
              + " of shape "
              + Quoted.of(Arrays.toString(shape))
              + " and type "
              + type
              + " does not fill offsets "
              + begin
              + ".."
              + end);
    }
    return new Slot(type, shape, begin, end);
  }

  private static Safetensors.Type type(String name, String dtype, Path file) {
    try {
      return Safetensors.Type.valueOf(dtype);
    } catch (IllegalArgumentException e) {
      throw new FileException(
          file
              + ": tensor "
              + Quoted.of(name)
              + " is of type "
              + Quoted.of(dtype)
              + "; known are "
              + Arrays.toString(Safetensors.Type.values()),
          e);
    }
  }

  private static long count(String name, JsonNode value, Path file) {
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw new FileException(
          file
              + ": tensor "
              + Quoted.of(name)
              + " has "
              + Quoted.of(value)
              + " where an integer from 0 to 2^63 - 1 belongs");
    }
    return value.longValue();
  }

  /** Bytes of a tensor; -1 if they do not fit into a long. */
  private static long bytes(long[] shape, int size) {
    long product = size;
    for (long extent : shape) {
      try {
        product = Math.multiplyExact(product, extent);
      } catch (ArithmeticException e) {
        return -1;
      }
    }
    return product;
  }
}
