package dev.fizzy.model.onnx;

import com.google.protobuf.CodedOutputStream;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * An ONNX model under construction: nodes, weights, inputs and outputs. Weights are read one at a
 * time while the file is written.
 */
final class OnnxModel {
  /** The operator set; 17 is widely supported. */
  private static final int OPSET = 17;

  private static final int IR_VERSION = 8;
  static final int FLOAT = 1;
  static final int INT64 = 7;

  /** Protocol Buffers are limited to 2 GiB; weights in separate files are not supported. */
  private static final long LIMIT = Integer.MAX_VALUE;

  private static final int GRAPH_FIELD = 7;
  private static final int INITIALIZER_FIELD = 5;
  private static final int RAW_FIELD = 9;
  private static final int STEP = 1 << 18;

  private record Weight(byte[] start, long bytes, Supplier<float[]> values) {
    /** Size of the message without its own tag and length. */
    long size() {
      return start.length
          + CodedOutputStream.computeTagSize(RAW_FIELD)
          + CodedOutputStream.computeUInt64SizeNoTag(bytes)
          + bytes;
    }
  }

  private final Proto nodes = new Proto();
  private final Proto ends = new Proto();
  private final List<Weight> weights = new ArrayList<>();
  private int count;

  /**
   * @param dims -1 is a free batch
   */
  private static Proto valueInfo(String name, int[] dims) {
    Proto shape = new Proto();
    for (int d : dims) {
      shape.message(1, d < 0 ? new Proto().text(2, "batch") : new Proto().number(1, d));
    }
    Proto type = new Proto().message(1, new Proto().number(1, FLOAT).message(2, shape));
    return new Proto().text(1, name).message(2, type);
  }

  void input(String name, int... dims) {
    ends.message(11, valueInfo(name, dims));
  }

  void output(String name, int... dims) {
    ends.message(12, valueInfo(name, dims));
  }

  /** A node's attribute: Long, Float, String or long[]. */
  private static Proto attribute(String name, Object value) {
    Proto a = new Proto().text(1, name);
    if (value instanceof Float f) {
      return a.real(2, f).number(20, 1);
    }
    if (value instanceof Long i) {
      return a.number(3, i).number(20, 2);
    }
    if (value instanceof String s) {
      return a.text(4, s).number(20, 3);
    }
    for (long i : (long[]) value) {
      a.number(8, i);
    }
    return a.number(20, 7);
  }

  int nodes() {
    return count;
  }

  /** Adds a node with several outputs; an empty name omits an output or an input. */
  void node(
      String type,
      String scope,
      List<String> inputs,
      List<String> outputs,
      Map<String, Object> attributes) {
    Proto node = new Proto();
    inputs.forEach(i -> node.text(1, i));
    outputs.forEach(o -> node.text(2, o));
    node.text(3, (scope.isEmpty() ? "" : scope + ".") + type + "_" + count++).text(4, type);
    new TreeMap<>(attributes).forEach((name, value) -> node.message(5, attribute(name, value)));
    nodes.message(1, node);
  }

  void floats(String name, long[] dims, Supplier<float[]> values) {
    long bytes = Float.BYTES;
    for (long d : dims) {
      bytes *= d;
    }
    weights.add(new Weight(start(name, dims, FLOAT).toBytes(), bytes, values));
  }

  void longs(String name, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    Proto tensor = start(name, new long[] {values.length}, INT64).raw(RAW_FIELD, raw.array());
    nodes.message(INITIALIZER_FIELD, tensor);
  }

  private static Proto start(String name, long[] dims, int type) {
    Proto start = new Proto();
    for (long d : dims) {
      start.number(1, d);
    }
    return start.number(2, type).text(8, name);
  }

  /** Writes the file atomically. */
  void write(Path file, String name, Map<String, String> metadata) {
    Proto head = new Proto().number(1, IR_VERSION).text(2, "fizzy");
    head.message(8, new Proto().number(2, OPSET));
    metadata.forEach((key, value) -> head.message(14, new Proto().text(1, key).text(2, value)));
    nodes.text(2, name);
    byte[] body = nodes.toBytes();
    byte[] tail = ends.toBytes();
    long graph = body.length + tail.length;
    for (Weight w : weights) {
      graph +=
          CodedOutputStream.computeTagSize(INITIALIZER_FIELD)
              + CodedOutputStream.computeUInt64SizeNoTag(w.size())
              + w.size();
    }
    byte[] start = head.toBytes();
    if (graph + start.length + 16 > LIMIT) {
      throw new FileException(
          file
              + " would have "
              + graph
              + " bytes, and an ONNX file ends at "
              + LIMIT
              + "; weights in separate files are not supported");
    }
    long size = graph;
    AtomicFile.write(
        file,
        stream -> {
          CodedOutputStream out = CodedOutputStream.newInstance(stream, 1 << 16);
          out.writeRawBytes(start);
          out.writeTag(GRAPH_FIELD, 2);
          out.writeUInt64NoTag(size);
          out.writeRawBytes(body);
          for (Weight w : weights) {
            out.writeTag(INITIALIZER_FIELD, 2);
            out.writeUInt64NoTag(w.size());
            out.writeRawBytes(w.start());
            out.writeTag(RAW_FIELD, 2);
            out.writeUInt64NoTag(w.bytes());
            out.flush();
            raw(stream, w);
          }
          out.writeRawBytes(tail);
          out.flush();
        });
  }

  private static void raw(OutputStream out, Weight w) throws IOException {
    float[] values = w.values().get();
    if (values.length * (long) Float.BYTES != w.bytes()) {
      throw new IOException(
          "a weight has " + values.length + " values for " + w.bytes() + " bytes");
    }
    ByteBuffer part = ByteBuffer.allocate(STEP).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < values.length; at += STEP / Float.BYTES) {
      int n = Math.min(STEP / Float.BYTES, values.length - at);
      part.asFloatBuffer().put(values, at, n);
      out.write(part.array(), 0, n * Float.BYTES);
    }
  }
}
