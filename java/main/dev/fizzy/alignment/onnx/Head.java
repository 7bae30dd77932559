package dev.fizzy.alignment.onnx;

import java.util.List;
import java.util.Map;

/** Input format and output decoding of a detector with five landmarks. */
interface Head {
  /** An output tensor, its values row by row. */
  record Output(int[] shape, float[] values) {
    int columns() {
      return shape[shape.length - 1];
    }

    int rows() {
      return values.length / Math.max(1, columns());
    }
  }

  /**
   * A face in pixels of the network's input.
   *
   * @param box left, top, right, bottom
   * @param points x and y of each of the five points
   */
  record Candidate(double score, double[] box, double[] points) {}

  String name();

  /** Whether the channel order is RGB; otherwise BGR. */
  boolean isRgb();

  /** Mean and divisor: a value v of 0 .. 255 becomes (v - mean) / divisor. */
  float[] normalization();

  /** Default minimum score of a face. */
  double threshold();

  /** Intersection over union above which two boxes are the same face. */
  double overlap();

  /** All faces with at least the threshold as score, for an input of width x height. */
  List<Candidate> faces(Map<String, Output> outputs, int width, int height, double threshold);

  /** The kind of detector that has these outputs, or null. */
  static Head of(Map<String, Output> outputs, int width, int height) {
    if (YuNet.fits(outputs, width, height)) {
      return new YuNet();
    }
    return Scrfd.fits(outputs, width, height) ? new Scrfd() : null;
  }
}
