package dev.fizzy.alignment.mtcnn;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Candidate boxes of one image in pixels counted from 1, both ends included, as in the networks'
 * training. Each has a score, the network's corrections and, after the last stage, landmarks.
 */
final class Proposals {
  static final int WIDTH = 4;
  private static final double SAME_FACE = .5;

  private int count;
  private double[] boxes = new double[WIDTH * 16];
  private float[] scores = new float[16];
  private float[] corrections = new float[WIDTH * 16];
  private double[][] points = new double[16][];

  int count() {
    return count;
  }

  double box(int i, int side) {
    return boxes[WIDTH * i + side];
  }

  float score(int i) {
    return scores[i];
  }

  double[] points(int i) {
    return points[i];
  }

  /**
   * @param regression holds the box's corrections from {@code at} on
   */
  void add(double x1, double y1, double x2, double y2, float score, float[] regression, int at) {
    grow();
    double[] box = {x1, y1, x2, y2};
    System.arraycopy(box, 0, boxes, WIDTH * count, WIDTH);
    System.arraycopy(regression, at, corrections, WIDTH * count, WIDTH);
    scores[count++] = score;
  }

  /** Box i of others, with the score and corrections of the next network. */
  void addScored(Proposals others, int i, float score, float[] regression, int at) {
    int b = WIDTH * i;
    double[] from = others.boxes;
    add(from[b], from[b + 1], from[b + 2], from[b + 3], score, regression, at);
  }

  void points(int i, double[] xy) {
    points[i] = xy;
  }

  private void grow() {
    if (count == scores.length) {
      boxes = Arrays.copyOf(boxes, 2 * boxes.length);
      scores = Arrays.copyOf(scores, 2 * count);
      corrections = Arrays.copyOf(corrections, 2 * corrections.length);
      points = Arrays.copyOf(points, 2 * count);
    }
  }

  void addAll(Proposals others) {
    for (int i = 0; i < others.count; i++) {
      addScored(others, i, others.scores[i], others.corrections, WIDTH * i);
      points[count - 1] = others.points[i];
    }
  }

  /**
   * Non-maximum suppression: drops every box whose intersection with one of higher score is more
   * than {@code limit} of their union or, if {@code ofSmaller}, of the smaller box. The result is
   * sorted by falling score.
   */
  void suppress(double limit, boolean ofSmaller) {
    int[] order =
        IntStream.range(0, count)
            .boxed()
            .sorted((i, k) -> Float.compare(scores[k], scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] areas = new double[count];
    for (int i = 0; i < count; i++) {
      int b = WIDTH * i;
      areas[i] = (boxes[b + 2] - boxes[b] + 1) * (boxes[b + 3] - boxes[b + 1] + 1);
    }
    Proposals kept = new Proposals();
    boolean[] dropped = new boolean[count];
    for (int at = 0; at < order.length; at++) {
      int i = order[at];
      if (dropped[i]) {
        continue;
      }
      kept.addScored(this, i, scores[i], corrections, WIDTH * i);
      kept.points[kept.count - 1] = points[i] == null ? null : meanPoints(i, areas);
      for (int later = at + 1; later < order.length; later++) {
        int k = order[later];
        if (!dropped[k]) {
          double common = intersection(i, k);
          double whole = ofSmaller ? Math.min(areas[i], areas[k]) : areas[i] + areas[k] - common;
          dropped[k] = common > limit * whole;
        }
      }
    }
    take(kept);
  }

  /**
   * The mean of the landmarks of all boxes of the same face, weighted by score. Published programs
   * take those of the box with the highest score, which jump by a pixel when the box does.
   */
  private double[] meanPoints(int i, double[] areas) {
    double[] mean = new double[points[i].length];
    double total = 0;
    for (int k = 0; k < count; k++) {
      double common = intersection(i, k);
      if (common > SAME_FACE * (areas[i] + areas[k] - common)) {
        total += scores[k];
        for (int j = 0; j < mean.length; j++) {
          mean[j] += scores[k] * points[k][j];
        }
      }
    }
    for (int j = 0; j < mean.length; j++) {
      mean[j] /= total;
    }
    return mean;
  }

  private double intersection(int i, int k) {
    int a = WIDTH * i;
    int b = WIDTH * k;
    double w = Math.min(boxes[a + 2], boxes[b + 2]) - Math.max(boxes[a], boxes[b]) + 1;
    double h = Math.min(boxes[a + 3], boxes[b + 3]) - Math.max(boxes[a + 1], boxes[b + 1]) + 1;
    return Math.max(0, w) * Math.max(0, h);
  }

  private void take(Proposals others) {
    count = others.count;
    boxes = others.boxes;
    scores = others.scores;
    corrections = others.corrections;
    points = others.points;
  }

  /**
   * Moves each side by its correction.
   *
   * @param unit 1 if the corrections are fractions of the number of pixels, 0 if they are fractions
   *     of the distance between the first and the last
   */
  void correct(int unit) {
    for (int i = 0; i < count; i++) {
      int b = WIDTH * i;
      double w = boxes[b + 2] - boxes[b] + unit;
      double h = boxes[b + 3] - boxes[b + 1] + unit;
      for (int side = 0; side < WIDTH; side++) {
        boxes[b + side] += corrections[b + side] * (side % 2 == 0 ? w : h);
      }
    }
  }

  /**
   * Turns each box into a square with the same center and its longer side, with integer corners.
   */
  void square() {
    for (int i = 0; i < count; i++) {
      int b = WIDTH * i;
      double w = boxes[b + 2] - boxes[b];
      double h = boxes[b + 3] - boxes[b + 1];
      double side = Math.max(w, h);
      double x = boxes[b] + w / 2 - side / 2;
      double y = boxes[b + 1] + h / 2 - side / 2;
      boxes[b] = (int) x; // toward zero
      boxes[b + 1] = (int) y;
      boxes[b + 2] = (int) (x + side);
      boxes[b + 3] = (int) (y + side);
    }
  }

  /** Drops boxes without a pixel. */
  void dropEmpty() {
    Proposals kept = new Proposals();
    for (int i = 0; i < count; i++) {
      int b = WIDTH * i;
      if (boxes[b + 2] >= boxes[b] && boxes[b + 3] >= boxes[b + 1]) {
        kept.addScored(this, i, scores[i], corrections, b);
        kept.points[kept.count - 1] = points[i];
      }
    }
    take(kept);
  }
}
