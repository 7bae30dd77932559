package dev.fizzy.alignment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.dataset.write.ImageWriter;
import dev.fizzy.file.FileException;
import dev.fizzy.file.RunFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The settings that determine aligned faces: {@code alignment.json} in their folder.
 *
 * @param points source of the landmarks, with its settings and a checksum
 * @param face which of several faces is used
 * @param size side of the aligned squares in pixels
 * @param imageFormat see {@link ImageWriter#name}
 */
public record AlignmentRun(String points, String face, int size, String imageFormat) {
  /** Version of the format of alignment.json and alignment.jsonl. */
  public static final int FORMAT = 1;

  static final String FILE = "alignment.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ObjectNode json() {
    ObjectNode node = JSON.createObjectNode().put("format", FORMAT);
    node.setAll((ObjectNode) JSON.valueToTree(this));
    return node;
  }

  /** Writes alignment.json, or throws if the existing one is of another run. */
  void claim(Path folder) {
    try {
      RunFile.claim(folder.resolve(FILE), json());
    } catch (IOException e) {
      throw FileException.of("read", folder.resolve(FILE), e);
    }
  }
}
