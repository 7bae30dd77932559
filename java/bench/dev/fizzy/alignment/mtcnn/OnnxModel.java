package dev.fizzy.alignment.mtcnn;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Builds an ONNX model of MTCNN's operations, a chain with several outputs; see onnx.proto for the
 * field numbers.
 */
final class OnnxModel {
  private static final int FLOAT = 1;
  private static final int OPSET = 17;

  /** A Protocol Buffers message. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    Message bytes(int field, byte[] value) {
      varint((long) field << 3 | 2);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      return bytes(field, value.out.toByteArray());
    }

    private void varint(long value) {
      for (; (value & ~0x7fL) != 0; value >>>= 7) {
        out.write((int) (value & 0x7f | 0x80));
      }
      out.write((int) value);
    }
  }

  private final Message graph = new Message().text(2, "mtcnn");
  private final MtcnnWeights weights;
  private String last = "x";
  private int count;

  OnnxModel(MtcnnWeights weights) {
    this.weights = weights;
    graph.message(11, value("x", 4));
  }

  private static Message value(String name, int rank) {
    Message dims = new Message();
    for (int i = 0; i < rank; i++) {
      dims.message(
          1,
          i == 1 && rank == 4 && name.equals("x")
              ? new Message().number(1, 3)
              : new Message().text(2, name + i));
    }
    Message type = new Message().message(1, new Message().number(1, FLOAT).message(2, dims));
    return new Message().text(1, name).message(2, type);
  }

  private String constant(String name, int... shape) {
    float[] values = weights.tensors().get(name).values();
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    Message tensor = new Message();
    for (int extent : shape.length > 0 ? shape : weights.tensors().get(name).shape()) {
      tensor.number(1, extent);
    }
    graph.message(5, tensor.number(2, FLOAT).text(8, name).bytes(9, raw.array()));
    return name;
  }

  private static Message integer(String name, long value) {
    return new Message().text(1, name).number(3, value).number(20, 2);
  }

  private static Message integers(String name, long... values) {
    Message m = new Message().text(1, name);
    for (long v : values) {
      m.number(8, v);
    }
    return m.number(20, 7);
  }

  private String node(String operation, String output, Message[] attributes, String... inputs) {
    Message node = new Message();
    for (String input : inputs) {
      node.text(1, input);
    }
    node.text(2, output).text(4, operation);
    for (Message attribute : attributes) {
      node.message(5, attribute);
    }
    graph.message(1, node);
    return output;
  }

  private String next() {
    return "t" + count++;
  }

  OnnxModel convolution(int number) {
    String c = "conv" + number;
    last =
        node("Conv", next(), new Message[0], last, constant(c + ".weight"), constant(c + ".bias"));
    return prelu(number, true);
  }

  private OnnxModel prelu(int number, boolean image) {
    String name = "prelu" + number + ".weight";
    int channels = weights.tensors().get(name).values().length;
    String slope = image ? constant(name, channels, 1, 1) : constant(name, channels);
    last = node("PRelu", next(), new Message[0], last, slope);
    return this;
  }

  OnnxModel pool(int k) {
    Message[] attributes = {
      integers("kernel_shape", k, k), integers("strides", 2, 2), integer("ceil_mode", 1)
    };
    last = node("MaxPool", next(), attributes, last);
    return this;
  }

  /** Flattens in the order columns, rows, channels, as the published weights need it. */
  OnnxModel flatten() {
    last = node("Transpose", next(), new Message[] {integers("perm", 0, 3, 2, 1)}, last);
    last = node("Flatten", next(), new Message[0], last);
    return this;
  }

  OnnxModel dense(int number) {
    String d = "dense" + number;
    last =
        node(
            "Gemm",
            next(),
            new Message[] {integer("transB", 1)},
            last,
            constant(d + ".weight"),
            constant(d + ".bias"));
    return prelu(number, false);
  }

  /** An output: a head after the last node. */
  OnnxModel head(String name, boolean convolution) {
    String w = constant(name + ".weight");
    String b = constant(name + ".bias");
    if (convolution) {
      node("Conv", name, new Message[0], last, w, b);
    } else {
      node("Gemm", name, new Message[] {integer("transB", 1)}, last, w, b);
    }
    graph.message(12, value(name, convolution ? 4 : 2));
    return this;
  }

  byte[] bytes() {
    return new Message()
        .number(1, 8)
        .message(7, graph)
        .message(8, new Message().number(2, OPSET))
        .out
        .toByteArray();
  }
}
