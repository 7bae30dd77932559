package dev.fizzy.alignment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import dev.fizzy.file.Quoted;
import dev.fizzy.file.TextFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Landmarks from a file, one face per line: the photo's path, then x and y of left eye, right eye,
 * nose, left and right corner of the mouth as seen in the image, then an optional score, separated
 * by spaces, tabs or commas (the lists of CelebA and IJB); or JSON objects with {@code image} and
 * {@code points} [5][2], as in the report of {@code fizzy align}. The first two lines may be a
 * header. A photo with several lines has several faces.
 */
public final class PointsFile implements FaceDetector {
  private static final long LONGEST = 1L << 30;
  private static final int HEADER = 2;
  private static final int COORDINATES = 2 * Landmarks.COUNT;

  private final Map<String, List<Detection>> faces = new HashMap<>();

  private PointsFile() {}

  public static PointsFile read(Path file) {
    PointsFile points = new PointsFile();
    List<String> lines = TextFile.lines(file, LONGEST);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      boolean header = i < HEADER && points.faces.isEmpty();
      if (!line.isEmpty() && !line.startsWith("#") && !points.add(line) && !header) {
        throw new FileException(
            file
                + ", line "
                + (i + 1)
                + ": expected a path, five points (10 numbers) and an optional score, not: "
                + Quoted.of(line));
      }
    }
    if (points.faces.isEmpty()) {
      throw new FileException(file + " contains no landmarks");
    }
    return points;
  }

  /** Number of photos that have landmarks. */
  public int photos() {
    return faces.size();
  }

  /** Adds the face of a line; false if the line has another form. */
  private boolean add(String line) {
    return line.startsWith("{") ? addJson(line) : addFields(line);
  }

  private boolean addFields(String line) {
    String[] fields = line.split(line.contains(",") ? "\\s*,\\s*" : "\\s+");
    int numbers = fields.length - 1;
    if (numbers != COORDINATES && numbers != COORDINATES + 1) {
      return false;
    }
    double[] values = new double[numbers];
    try {
      for (int i = 0; i < numbers; i++) {
        values[i] = Double.parseDouble(fields[i + 1]);
      }
    } catch (NumberFormatException e) {
      return false;
    }
    double score = numbers > COORDINATES ? values[COORDINATES] : 1;
    return add(fields[0], Arrays.copyOf(values, COORDINATES), score);
  }

  private boolean addJson(String line) {
    try {
      JsonNode node = Json.tree(line.getBytes(StandardCharsets.UTF_8));
      if (!node.path("image").isTextual()) {
        return false;
      }
      if (!node.has("points")) {
        return true; // no face was found in the photo
      }
      double[] xy = new double[COORDINATES];
      for (int i = 0; i < COORDINATES; i++) {
        xy[i] = node.path("points").path(i / 2).path(i % 2).asDouble(Double.NaN);
      }
      return add(node.get("image").asText(), xy, node.path("score").asDouble(1));
    } catch (IOException e) {
      return false;
    }
  }

  private boolean add(String photo, double[] xy, double score) {
    double left = Double.POSITIVE_INFINITY;
    double top = left;
    double right = -left;
    double bottom = -left;
    for (int i = 0; i < COORDINATES; i += 2) {
      if (!Double.isFinite(xy[i]) || !Double.isFinite(xy[i + 1])) {
        return false;
      }
      left = Math.min(left, xy[i]);
      right = Math.max(right, xy[i]);
      top = Math.min(top, xy[i + 1]);
      bottom = Math.max(bottom, xy[i + 1]);
    }
    String name = photo.replace('\\', '/').replaceFirst("^(\\./)+", "");
    faces
        .computeIfAbsent(name, k -> new ArrayList<>())
        .add(new Detection(new Box(left, top, right, bottom), score, new Landmarks(xy)));
    return true;
  }

  @Override
  public List<List<Detection>> detect(List<Photo> photos) {
    return photos.stream().map(p -> faces.getOrDefault(p.name(), List.of())).toList();
  }

  @Override
  public void close() {
    // It holds no resources.
  }
}
