package dev.fizzy.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The curves in a run's {@code metrics.jsonl}: one JSON object per line with {@code step} and
 * numbers. Long curves are reduced to the means of equal intervals.
 *
 * @param name of the run: its folder
 * @param steps the last step
 * @param series curves by name
 * @param last last value of each curve
 * @param damaged number of lines that could not be read
 */
record RunCurves(
    String name, long steps, Map<String, Series> series, Map<String, Double> last, int damaged) {
  private static final int POINTS = 400;
  private static final String STEP = "step";

  /** Points of a curve. */
  record Series(double[] steps, double[] values) {}

  static RunCurves read(String name, Path file) {
    Map<String, List<double[]>> points = new LinkedHashMap<>();
    Map<String, Double> last = new LinkedHashMap<>();
    long steps = 0;
    int damaged = 0;
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode node = parse(line);
        if (node == null || !node.path(STEP).isNumber()) {
          damaged += line.isBlank() ? 0 : 1;
          continue;
        }
        double step = node.get(STEP).asDouble();
        steps = (long) step;
        for (var field : node.properties()) {
          double value = field.getValue().asDouble();
          if (field.getValue().isNumber() && !field.getKey().equals(STEP)) {
            points
                .computeIfAbsent(field.getKey(), k -> new ArrayList<>())
                .add(new double[] {step, value});
            last.put(field.getKey(), value);
          }
        }
      }
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
    Map<String, Series> series = new LinkedHashMap<>();
    points.forEach((key, of) -> series.put(key, thinned(of)));
    return new RunCurves(name, steps, series, last, damaged);
  }

  /** The line's object, or null if it is incomplete, as a killed run leaves it. */
  private static JsonNode parse(String line) {
    try {
      return Json.tree(line.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return null;
    }
  }

  private static Series thinned(List<double[]> points) {
    int n = Math.min(POINTS, points.size());
    double[] steps = new double[n];
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      int from = (int) ((long) i * points.size() / n);
      int to = (int) ((long) (i + 1) * points.size() / n);
      for (double[] point : points.subList(from, to)) {
        steps[i] += point[0] / (to - from);
        values[i] += point[1] / (to - from);
      }
    }
    return new Series(steps, values);
  }
}
