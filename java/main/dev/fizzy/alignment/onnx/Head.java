package dev.fizzy.alignment.onnx;

import java.util.List;
import java.util.Map;

/** How a detector with five points is fed and what its outputs mean. */
interface Head {
  /**
   * An output.
   *
   * @param shape extents
   * @param values row by row
   */
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
   * @param points x and y of the five points in turn
   */
  record Found(double score, double[] box, double[] points) {}

  String name();

  /** Whether red comes first. */
  boolean redFirst();

  /** What is taken from a value of 0 .. 255, and what the rest is divided by. */
  float[] normalisation();

  /** Score from which a face counts where the user names none. */
  double threshold();

  /** Share of the union from which two boxes are one face. */
  double overlap();

  /** Every face of at least that score, for an input of so many pixels. */
  List<Found> faces(Map<String, Output> outputs, int width, int height, double threshold);

  /** The head that has these outputs, or null. */
  static Head of(Map<String, Output> outputs, int width, int height) {
    if (YuNet.fits(outputs, width, height)) {
      return new YuNet();
    }
    return Scrfd.fits(outputs, width, height) ? new Scrfd() : null;
  }
}
