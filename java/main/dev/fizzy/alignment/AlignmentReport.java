package dev.fizzy.alignment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The outcome of every image, one JSON object per line: {@code alignment.jsonl}. Lines are appended
 * when images are done, so that a run can be resumed, and sorted by name at the end. The writing
 * process holds a lock on the file.
 */
final class AlignmentReport implements AutoCloseable {
  static final String FILE = "alignment.jsonl";
  private static final ObjectMapper JSON = Json.mapper().build();

  /**
   * One image. If its face was aligned, everything but {@code skipped} is set; if none was found,
   * {@code faces} is 0; if it could not be used, {@code skipped} is the reason.
   *
   * @param image path relative to the folder of photos, with '/'
   * @param aligned path of the aligned face relative to the output folder
   * @param bytes of that file
   * @param faces number of faces found in the image
   * @param score of the chosen face
   * @param box left, top, right, bottom of the chosen face in pixels of the photo
   * @param points its five landmarks, x and y
   * @param outside share of the aligned face that lies outside the photo
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      String image,
      String aligned,
      Long bytes,
      Integer faces,
      Double score,
      double[] box,
      double[][] points,
      Double outside,
      String skipped) {

    static Line skipped(String image, String reason) {
      return new Line(image, null, null, null, null, null, null, null, reason);
    }

    static Line notFound(String image) {
      return new Line(image, null, null, 0, null, null, null, null, null);
    }

    static Line aligned(
        String image, String file, long bytes, int faces, Detection face, double outside) {
      Box b = face.box();
      double[] box = {round(b.left()), round(b.top()), round(b.right()), round(b.bottom())};
      double[][] points = new double[dev.fizzy.alignment.Landmarks.COUNT][];
      for (int i = 0; i < points.length; i++) {
        points[i] = new double[] {round(face.points().x(i)), round(face.points().y(i))};
      }
      double score = Math.round(face.score() * 1e6) / 1e6;
      double share = Math.round(outside * 1e4) / 1e4;
      return new Line(image, file, bytes, faces, score, box, points, share, null);
    }

    /** Rounds to hundredths of a pixel. */
    private static double round(double v) {
      return Math.round(v * 100) / 100.;
    }
  }

  private final Path file;
  private final FileChannel channel;
  private final Map<String, Line> lines = new LinkedHashMap<>();

  /** Opens and reads the report of an earlier run; throws if another process is writing it. */
  AlignmentReport(Path folder) {
    this.file = folder.resolve(FILE);
    FileChannel opened = null;
    try {
      opened =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!lock(opened)) {
        opened.close();
        throw new FileException("another process is aligning faces into " + folder);
      }
      channel = opened;
      read();
    } catch (IOException e) {
      throw FileException.of("open", file, e);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /**
   * Reads the complete lines; an incomplete or damaged one is ignored, and its image is done again.
   */
  private void read() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
      // until all is read
    }
    int begin = 0;
    for (int i = 0; i < bytes.position(); i++) {
      if (bytes.get(i) == '\n') {
        try {
          Line line = JSON.readValue(bytes.array(), begin, i - begin, Line.class);
          if (line.image() != null) {
            lines.put(line.image(), line);
          }
        } catch (IOException e) {
          // A damaged line is ignored.
        }
        begin = i + 1;
      }
    }
    channel.position(channel.size());
    if (begin < channel.size()) {
      channel.write(ByteBuffer.wrap(new byte[] {'\n'})); // ends an incomplete line
    }
  }

  /** The line of an image, or null. */
  synchronized Line line(String image) {
    return lines.get(image);
  }

  /** Removes the lines of all other images. */
  synchronized void retain(Collection<String> images) {
    lines.keySet().retainAll(new HashSet<>(images));
  }

  synchronized Map<String, Line> lines() {
    return new TreeMap<>(lines);
  }

  synchronized void append(Line line) {
    lines.put(line.image(), line);
    ByteBuffer text = ByteBuffer.wrap((json(line) + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (text.hasRemaining()) {
        channel.write(text);
      }
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    }
  }

  /** Rewrites the file with the last line of every image, sorted by name. */
  synchronized void sort() {
    AtomicFile.write(
        file,
        out -> {
          for (Line line : lines().values()) {
            out.write((json(line) + "\n").getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  private static String json(Line line) {
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(line.toString(), e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    }
  }
}
