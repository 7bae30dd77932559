package dev.fizzy.alignment.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * YuNet (Wu et al., Machine Intelligence Research 2023) as in OpenCV's model zoo since 2023: for
 * each stride s of 8, 16 and 32 the outputs {@code cls_s} and {@code obj_s} [1,N,1], {@code bbox_s}
 * [1,N,4] and {@code kps_s} [1,N,10], N counts the cells row by row. A face's score is the
 * geometric mean of class and objectness. Center and points are offsets from the cell in units of
 * the stride; width and height are logarithms in the same unit.
 */
final class YuNet implements Head {
  private static final int[] STRIDES = {8, 16, 32};

  static boolean fits(Map<String, Output> outputs, int width, int height) {
    for (int s : STRIDES) {
      int cells = (width / s) * (height / s);
      for (var part : Map.of("cls_", 1, "obj_", 1, "bbox_", 4, "kps_", 10).entrySet()) {
        Output o = outputs.get(part.getKey() + s);
        if (o == null || o.columns() != part.getValue() || o.rows() != cells) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public String name() {
    return "yunet";
  }

  @Override
  public boolean isRgb() {
    return false;
  }

  @Override
  public float[] normalization() {
    return new float[] {0, 1};
  }

  @Override
  public double threshold() {
    return .6;
  }

  @Override
  public double overlap() {
    return .3;
  }

  @Override
  public List<Candidate> faces(
      Map<String, Output> outputs, int width, int height, double threshold) {
    List<Candidate> found = new ArrayList<>();
    for (int s : STRIDES) {
      float[] cls = outputs.get("cls_" + s).values();
      float[] obj = outputs.get("obj_" + s).values();
      float[] bbox = outputs.get("bbox_" + s).values();
      float[] kps = outputs.get("kps_" + s).values();
      int columns = width / s;
      for (int i = 0; i < cls.length; i++) {
        double score = Math.sqrt(clamp(cls[i]) * clamp(obj[i]));
        if (!(score >= threshold)) {
          continue;
        }
        int x = i % columns;
        int y = i / columns;
        double cx = (x + bbox[4 * i]) * s;
        double cy = (y + bbox[4 * i + 1]) * s;
        double w = Math.exp(bbox[4 * i + 2]) * s;
        double h = Math.exp(bbox[4 * i + 3]) * s;
        double[] points = new double[10];
        for (int k = 0; k < 10; k++) {
          points[k] = (kps[10 * i + k] + (k % 2 == 0 ? x : y)) * s;
        }
        found.add(
            new Candidate(
                score, new double[] {cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2}, points));
      }
    }
    return found;
  }

  private static double clamp(float v) {
    return Math.min(1, Math.max(0, v));
  }
}
