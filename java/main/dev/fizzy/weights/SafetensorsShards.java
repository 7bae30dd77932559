package dev.fizzy.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import dev.fizzy.file.Json;
import dev.fizzy.file.Quoted;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Safetensors in several files, from their index: {@code {"metadata": {..}, "weight_map": {tensor:
 * file}}}; the files are in the same folder.
 */
final class SafetensorsShards {
  private static final int LIMIT = 64 << 20;
  private static final int FILES = 1_000;

  private SafetensorsShards() {}

  static TensorFile open(Path file, ByteSource source, List<Closeable> open) throws IOException {
    JsonNode map = index(source).path("weight_map");
    if (!map.isObject()) {
      throw source.fault(
          "is JSON without a weight_map: not the index of a sharded safetensors file", 0);
    }
    Map<String, Map<String, StoredTensor>> shards = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (var entry : map.properties()) {
      String shard = entry.getValue().asText();
      if (!entry.getValue().isTextual() || shard.isEmpty() || shard.matches(".*[/\\\\\0].*")) {
        throw source.fault(
            "places a tensor in "
                + Quoted.of(entry.getValue())
                + ", which is not a file next to it",
            0);
      }
      Map<String, StoredTensor> in = shards.get(shard);
      if (in == null) {
        if (shards.size() == FILES) {
          throw source.fault("names more than " + FILES + " files", 0);
        }
        in = shard(file.resolveSibling(shard), metadata, open);
        shards.put(shard, in);
      }
      StoredTensor tensor = in.remove(entry.getKey());
      if (tensor == null) {
        throw source.fault(
            "says that " + Quoted.of(entry.getKey()) + " is in " + Quoted.of(shard) + "; it is not",
            0);
      }
      tensors.put(entry.getKey(), tensor);
    }
    TreeSet<String> left = new TreeSet<>();
    shards.values().forEach(in -> left.addAll(in.keySet()));
    if (!left.isEmpty()) {
      throw source.fault(
          "leaves out " + Quoted.of(left.first()) + " and " + (left.size() - 1) + " more", 0);
    }
    return new TensorFile(
        file, "safetensors in " + shards.size() + " files", tensors, metadata, open);
  }

  private static JsonNode index(ByteSource source) throws IOException {
    if (source.size() > LIMIT) {
      throw source.fault(
          "is JSON of " + source.size() + " bytes; an index has at most " + LIMIT, 0);
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) source.size());
    source.read(0, bytes);
    try {
      return Json.tree(bytes.array());
    } catch (JsonProcessingException e) {
      throw new FileException(source.name() + " is damaged JSON: " + Json.reason(e), e);
    }
  }

  private static Map<String, StoredTensor> shard(
      Path file, Map<String, String> metadata, List<Closeable> open) throws IOException {
    try {
      FileChannel channel = InputFile.channel(file);
      open.add(channel);
      SafetensorsHeader header = SafetensorsHeader.read(channel, file);
      metadata.putAll(header.metadata());
      return header.stored(ByteSource.of(file, channel));
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }
}
