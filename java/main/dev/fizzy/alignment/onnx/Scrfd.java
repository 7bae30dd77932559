package dev.fizzy.alignment.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * SCRFD with key points (Guo et al., ICLR 2022) as InsightFace exports it: for each stride of 8,
 * 16, 32 (and for some 64 and 128) scores [N,1], boxes [N,4] and points [N,10] under any names; N
 * counts the cells row by row, with one or two anchors each. Boxes are the distances of their sides
 * from the cell's corner, points are offsets from it, both in units of the stride.
 */
final class Scrfd implements Head {
  private static final int[][] STRIDES = {{8, 16, 32, 64, 128}, {8, 16, 32}};
  private static final int[] COLUMNS = {1, 4, 10};

  /** Outputs of one stride: scores, boxes, points. */
  private record Level(int stride, int anchors, Output[] parts) {}

  static boolean fits(Map<String, Output> outputs, int width, int height) {
    return levels(outputs, width, height) != null;
  }

  /** Outputs are identified by their number of columns, strides by the number of rows. */
  private static List<Level> levels(Map<String, Output> outputs, int width, int height) {
    for (int[] strides : STRIDES) {
      for (int anchors = 1; anchors <= 2 && outputs.size() == 3 * strides.length; anchors++) {
        List<Level> levels = new ArrayList<>();
        for (int s : strides) {
          Level level = level(outputs, s, anchors, (width / s) * (height / s) * anchors);
          if (level != null) {
            levels.add(level);
          }
        }
        if (levels.size() == strides.length) {
          return levels;
        }
      }
    }
    return null;
  }

  private static Level level(Map<String, Output> outputs, int stride, int anchors, int rows) {
    Output[] parts = new Output[COLUMNS.length];
    for (Output o : outputs.values()) {
      for (int k = 0; k < COLUMNS.length; k++) {
        if (o.columns() == COLUMNS[k] && o.rows() == rows) {
          parts[k] = o;
        }
      }
    }
    boolean whole = parts[0] != null && parts[1] != null && parts[2] != null;
    return whole ? new Level(stride, anchors, parts) : null;
  }

  @Override
  public String name() {
    return "scrfd";
  }

  @Override
  public boolean isRgb() {
    return true;
  }

  @Override
  public float[] normalization() {
    return new float[] {127.5f, 128};
  }

  @Override
  public double threshold() {
    return .5;
  }

  @Override
  public double overlap() {
    return .4;
  }

  @Override
  public List<Candidate> faces(
      Map<String, Output> outputs, int width, int height, double threshold) {
    List<Candidate> found = new ArrayList<>();
    for (Level level : levels(outputs, width, height)) {
      int s = level.stride;
      float[] scores = level.parts[0].values();
      float[] boxes = level.parts[1].values();
      float[] kps = level.parts[2].values();
      for (int i = 0; i < scores.length; i++) {
        if (!(scores[i] >= threshold)) {
          continue;
        }
        int cell = i / level.anchors;
        double x = (cell % (width / s)) * (double) s;
        double y = (cell / (width / s)) * (double) s;
        double[] box = {
          x - boxes[4 * i] * s,
          y - boxes[4 * i + 1] * s,
          x + boxes[4 * i + 2] * s,
          y + boxes[4 * i + 3] * s
        };
        double[] points = new double[10];
        for (int k = 0; k < 10; k++) {
          points[k] = (k % 2 == 0 ? x : y) + kps[10 * i + k] * s;
        }
        found.add(new Candidate(scores[i], box, points));
      }
    }
    return found;
  }
}
