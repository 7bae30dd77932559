package dev.fizzy.cli;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was measured on this machine, by name, in a JSON file of the cache folder. A file that
 * cannot be read or written costs another measurement, no result.
 */
final class CacheTable<T> {
  private static final Logger log = LoggerFactory.getLogger(CacheTable.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path file;
  private final JavaType type;

  CacheTable(Path file, Class<T> type) {
    this.file = file;
    this.type = JSON.getTypeFactory().constructMapType(TreeMap.class, String.class, type);
  }

  TreeMap<String, T> read() {
    if (!Files.exists(file)) {
      return new TreeMap<>();
    }
    try {
      return JSON.readValue(file.toFile(), type);
    } catch (IOException e) {
      log.warn("{} cannot be read and will be replaced", file);
      return new TreeMap<>();
    }
  }

  void change(UnaryOperator<TreeMap<String, T>> change) {
    try {
      AtomicFile.write(file, JSON.writeValueAsBytes(change.apply(read())));
    } catch (FileException | IOException e) {
      log.warn("what was measured cannot be kept: {}", e.getMessage());
    }
  }
}
