package dev.fizzy.generation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The candidates of a data set, kept and dropped: a JSON object a line for each group, beside the
 * manifest. A line is written before the images of its group; one that a restart repeats is the
 * same, and {@link #finish} leaves it once, in the order of identities.
 */
public final class ChoiceLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  /**
   * The candidates of a group.
   *
   * @param image number of the group's first image
   * @param kept places of the candidates that became images
   * @param cosines of all candidates to the identity's context
   */
  private record Line(String identity, int image, int[] kept, float[] cosines) {}

  /** Continues the file, without a line that a killed run left incomplete. */
  public ChoiceLog(Path file) {
    this.file = file;
    try {
      if (Files.exists(file)) {
        String text = Files.readString(file);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        if (whole.length() < text.length()) {
          AtomicFile.write(file, whole.getBytes(StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  /**
   * @param image number of the group's first image
   * @param kept places of the kept candidates among those of the group
   */
  synchronized void add(String identity, int image, int[] kept, float[] cosines) {
    try {
      String line = JSON.writeValueAsString(new Line(identity, image, kept, cosines)) + "\n";
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    }
  }

  /** Leaves each line once, sorted; call when all images are drawn. */
  public synchronized void finish() {
    if (!Files.exists(file)) {
      return;
    }
    try (Stream<String> lines = Files.lines(file)) {
      List<String> sorted = List.copyOf(new TreeSet<>(lines.toList()));
      AtomicFile.write(file, (String.join("\n", sorted) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    }
  }
}
