package dev.fizzy.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * A measurement stored as a JSON file for the report, with what is needed to repeat it.
 *
 * @param kind what was made or measured: data set, verification, separability, leakage; the report
 *     recognizes a result by it
 * @param made time of the measurement, ISO 8601 in UTC
 * @param version of Fizzy
 * @param command the command line
 * @param folder that the command ran in, relative to the result's file: its paths start there
 * @param hardware device, instruction set, threads, library versions
 * @param seconds duration of the measurement
 * @param result what the command prints with --json
 */
public record StoredResult(
    String kind,
    String made,
    String version,
    String command,
    String folder,
    String hardware,
    double seconds,
    Map<String, Object> result) {
  private static final long LIMIT = 64 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  public void write(Path file) {
    AtomicFile.write(file, json());
  }

  /** The content of the file. */
  public byte[] json() {
    ObjectNode node = JSON.valueToTree(this);
    return (node.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** The result in a file, or null if the file is other JSON. */
  static StoredResult read(Path file) {
    JsonNode node = Json.read(file, LIMIT);
    if (!node.path("kind").isTextual() || !node.path("result").isObject()) {
      return null;
    }
    return new StoredResult(
        node.get("kind").asText(),
        node.path("made").asText(),
        node.path("version").asText(),
        node.path("command").asText(),
        node.path("folder").asText(),
        node.path("hardware").asText(),
        node.path("seconds").asDouble(),
        JSON.convertValue(node.get("result"), new TypeReference<>() {}));
  }
}
