package dev.fizzy.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.file.Json;
import java.io.IOException;
import java.util.List;

/**
 * Says that a part of an output is complete; written after all of its files. Attempts of one part
 * write the same receipt.
 *
 * @param run checksum of the run's description
 * @param shard 1 .. number of parts
 * @param images number of images in the part
 * @param processor kind of the processor that computed it, see {@link Processors}
 */
record Receipt(String run, int shard, long images, String processor, List<StoredFile> files) {
  private static final ObjectMapper JSON = Json.mapper().build();

  byte[] json() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads a receipt; null if it is damaged. */
  static Receipt of(byte[] json) {
    try {
      return JSON.readValue(json, Receipt.class);
    } catch (IOException e) {
      return null;
    }
  }

  long bytes() {
    return files.stream().mapToLong(StoredFile::bytes).sum();
  }
}
