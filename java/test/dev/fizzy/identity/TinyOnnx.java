package dev.fizzy.identity;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes ONNX files of one Flatten operation: an "embedding" that is the prepared input itself. */
public final class TinyOnnx {
  private static final int FLOAT = 1;
  private static final int OPSET = 13;
  private static final int INTS = 7;

  private TinyOnnx() {}

  /** A protocol-buffers message; see onnx.proto for the field numbers below. */
  public static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public Message number(int field, long value) {
      varint(field << 3);
      varint(value);
      return this;
    }

    public Message bytes(int field, byte[] value) {
      varint(field << 3 | 2);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    public Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    public Message message(int field, Message value) {
      return bytes(field, value.out.toByteArray());
    }

    public byte[] toByteArray() {
      return out.toByteArray();
    }

    private void varint(long value) {
      for (; (value & ~0x7fL) != 0; value >>>= 7) {
        out.write((int) (value & 0x7f | 0x80));
      }
      out.write((int) value);
    }
  }

  private static Message tensor(String name, long... shape) {
    Message dims = new Message();
    for (long extent : shape) {
      dims.message(1, extent > 0 ? new Message().number(1, extent) : new Message().text(2, "n"));
    }
    Message type = new Message().message(1, new Message().number(1, FLOAT).message(2, dims));
    return new Message().text(1, name).message(2, type);
  }

  /**
   * @param shape of the input; -1 is a free extent
   */
  public static Path flatten(Path file, long... shape) throws IOException {
    return flattenAndNorm(file, List.of("y"), shape);
  }

  /**
   * Several outputs: those called norm... are the input's norm, [batch, 1], all others the input.
   */
  public static Path flattenAndNorm(Path file, List<String> outputs, long... shape)
      throws IOException {
    Message graph = new Message();
    for (String output : outputs) {
      graph.message(1, output.startsWith("norm") ? norm(output) : flat(output));
    }
    graph.text(2, "g").message(11, tensor("x", shape));
    for (String output : outputs) {
      graph.message(
          12, output.startsWith("norm") ? tensor(output, -1, 1, 1, 1) : tensor(output, -1, -1));
    }
    Message model =
        new Message().number(1, 8).message(7, graph).message(8, new Message().number(2, OPSET));
    return Files.write(file, model.out.toByteArray());
  }

  private static Message flat(String output) {
    return new Message().text(1, "x").text(2, output).text(4, "Flatten");
  }

  private static Message norm(String output) {
    Message axes = new Message().text(1, "axes").number(8, 1).number(8, 2).number(8, 3);
    return new Message()
        .text(1, "x")
        .text(2, output)
        .text(4, "ReduceL2")
        .message(5, axes.number(20, INTS));
  }
}
