package dev.fizzy.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A JSON file that identifies the run that its folder belongs to. */
public final class RunFile {
  /** The member with the day since which Fizzy computes these bits: runs of others are refused. */
  public static final String BITS_SINCE = "bitsSince";

  private static final long LIMIT = 64 << 20;

  private RunFile() {}

  /** Writes the file; if it exists, throws if a member differs from the run's. */
  public static void claim(Path file, ObjectNode run) throws IOException {
    if (!Files.exists(file)) {
      AtomicFile.write(file, (run.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
      return;
    }
    check(file.getParent().toString(), Json.read(file, LIMIT), run);
  }

  /**
   * Throws if a member of what was found differs from the run's.
   *
   * @param folder for the message
   */
  public static void check(String folder, JsonNode found, ObjectNode run) throws IOException {
    // Parsed from text, so that numbers compare equal independent of their Java types.
    require(folder, "", found, Json.tree(run.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static void require(String folder, String path, JsonNode found, JsonNode wanted) {
    for (var member : wanted.properties()) {
      JsonNode other = found.path(member.getKey());
      JsonNode value = member.getValue();
      if (other.equals(value)) {
        continue;
      }
      if (path.isEmpty() && member.getKey().equals(BITS_SINCE)) {
        throw new FileException(
            folder
                + " was begun by a version of Fizzy that computes other bits, "
                + (other.isMissingNode() ? "before the change of " + value : "of " + other)
                + ": finish it with that version or choose another folder");
      }
      if (other.isObject() && value.isObject()) {
        require(folder, path + member.getKey() + ".", other, value);
      }
      throw new FileException(
          folder
              + " is the output folder of another run: its "
              + path
              + member.getKey()
              + " is "
              + (other.isMissingNode() ? "missing" : other)
              + ", this run's is "
              + value
              + "; choose another folder");
    }
  }
}
