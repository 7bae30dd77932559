package dev.fizzy.alignment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.dataset.write.ImageWriter;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Everything that decides what aligned faces look like: {@code alignment.json} in their folder.
 *
 * @param points where the five points come from, with its settings and a checksum
 * @param face which of several faces is taken
 * @param size side of the aligned squares in pixels
 * @param imageFormat see {@link ImageWriter#name}
 */
public record AlignmentRun(String points, String face, int size, String imageFormat) {
  /** Of alignment.json and the lines of alignment.jsonl. */
  public static final int FORMAT = 1;

  static final String FILE = "alignment.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ObjectNode json() {
    ObjectNode node = JSON.createObjectNode().put("format", FORMAT);
    node.setAll((ObjectNode) JSON.valueToTree(this));
    return node;
  }

  /** Writes alignment.json, or compares the one that is there and refuses another run's. */
  void claim(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      AtomicFile.write(file, (json().toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
      return;
    }
    try {
      JsonNode there = JSON.readTree(file.toFile());
      for (var field : json().properties()) {
        JsonNode other = there.path(field.getKey());
        if (!other.equals(field.getValue())) {
          throw new FileException(
              folder
                  + " holds faces that were aligned otherwise: their "
                  + field.getKey()
                  + " is "
                  + (other.isMissingNode() ? "missing" : other)
                  + ", this run's is "
                  + field.getValue()
                  + "; choose another folder");
        }
      }
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }
}
