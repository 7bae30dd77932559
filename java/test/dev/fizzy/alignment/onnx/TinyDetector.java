package dev.fizzy.alignment.onnx;

import dev.fizzy.identity.TinyOnnx.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes ONNX files with the outputs of YuNet or SCRFD whose scores are the mean of one color over
 * each cell, and whose boxes and points are the same for every cell.
 */
final class TinyDetector {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int OPSET = 13;
  private static final int[] STRIDES = {8, 16, 32};

  private final Message graph = new Message().text(2, "g");
  private final int width;
  private final int height;

  private TinyDetector(int width, int height) {
    this.width = width;
    this.height = height;
    graph.message(11, value("x", 1, 3, height, width));
  }

  private static Message value(String name, long... shape) {
    Message dims = new Message();
    for (long extent : shape) {
      dims.message(1, new Message().number(1, extent));
    }
    Message type = new Message().message(1, new Message().number(1, FLOAT).message(2, dims));
    return new Message().text(1, name).message(2, type);
  }

  private void floats(String name, float[] values, int... shape) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    constant(name, FLOAT, raw.array(), shape);
  }

  private void constant(String name, int type, byte[] raw, int... shape) {
    Message tensor = new Message();
    for (int extent : shape) {
      tensor.number(1, extent);
    }
    graph.message(5, tensor.number(2, type).text(8, name).bytes(9, raw));
  }

  private static Message integers(String name, long... values) {
    Message m = new Message().text(1, name);
    for (long v : values) {
      m.number(8, v);
    }
    return m.number(20, 7);
  }

  private void node(String operation, String output, Message attribute, String... inputs) {
    Message node = new Message();
    Arrays.stream(inputs).forEach(i -> node.text(1, i));
    node.text(2, output).text(4, operation);
    if (attribute != null) {
      node.message(5, attribute);
    }
    graph.message(1, node);
  }

  /**
   * The mean of a plane over cells, [rows, 1] behind as many extents of 1 as wanted.
   *
   * @param anchors how many scores a cell has; all but the first are 0
   */
  private void scores(String name, int s, int plane, float scale, int anchors, int rank) {
    float[] weights = new float[anchors * 3 * s * s];
    Arrays.fill(weights, plane * s * s, (plane + 1) * s * s, scale / (s * s));
    floats(name + ".w", weights, anchors, 3, s, s);
    node("Conv", name + ".map", integers("strides", s, s), "x", name + ".w");
    node("Transpose", name + ".rows", integers("perm", 0, 2, 3, 1), name + ".map");
    ByteBuffer shape = ByteBuffer.allocate(8 * rank).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rank; i++) {
      shape.putLong(i == rank - 2 ? -1 : 1);
    }
    constant(name + ".shape", INT64, shape.array(), rank);
    node("Reshape", name, null, name + ".rows", name + ".shape");
    output(name, anchors * cells(s), 1, rank);
  }

  private void same(String name, int rows, int rank, double... row) {
    float[] values = new float[rows * row.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) row[i % row.length];
    }
    int[] shape = rank == 3 ? new int[] {1, rows, row.length} : new int[] {rows, row.length};
    floats(name + ".c", values, shape);
    node("Identity", name, null, name + ".c");
    output(name, rows, row.length, rank);
  }

  private void output(String name, int rows, int columns, int rank) {
    graph.message(12, rank == 3 ? value(name, 1, rows, columns) : value(name, rows, columns));
  }

  private int cells(int s) {
    return (width / s) * (height / s);
  }

  private Path write(Path file) throws IOException {
    Message model =
        new Message().number(1, 8).message(7, graph).message(8, new Message().number(2, OPSET));
    return Files.write(file, model.toByteArray());
  }

  /** Sees blue, which is the first plane. */
  static Path yunet(Path file, int width, int height, double[] box, double[] points)
      throws IOException {
    TinyDetector d = new TinyDetector(width, height);
    for (int s : STRIDES) {
      d.scores("cls_" + s, s, 0, 1 / 255f, 1, 3);
      d.scores("obj_" + s, s, 0, 1 / 255f, 1, 3);
      d.same("bbox_" + s, d.cells(s), 3, box);
      d.same("kps_" + s, d.cells(s), 3, points);
    }
    return d.write(file);
  }

  /** Sees red, which is the first plane; two anchors a cell. */
  static Path scrfd(Path file, int width, int height, double[] box, double[] points)
      throws IOException {
    TinyDetector d = new TinyDetector(width, height);
    for (int s : STRIDES) {
      d.scores("a" + s, s, 0, 1, 2, 2);
    }
    for (int s : STRIDES) {
      d.same("b" + s, 2 * d.cells(s), 2, box);
      d.same("c" + s, 2 * d.cells(s), 2, points);
    }
    return d.write(file);
  }
}
