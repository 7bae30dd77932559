package dev.fizzy.model.onnx;

import com.google.protobuf.CodedInputStream;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An ONNX file that was read: its graph's nodes in order, its weights, inputs and outputs. Field
 * numbers are those of onnx.proto.
 *
 * @param inputs extents of each input that is not a weight; -1 where an extent is free; none for a
 *     type that is not f32
 * @param outputs names, in order
 */
record OnnxFile(
    Path path,
    List<Node> nodes,
    Map<String, OnnxTensor> weights,
    Map<String, long[]> inputs,
    List<String> outputs) {

  /**
   * @param name for messages; the first output's name where the file has none
   * @param attributes Float, Long, String, long[], float[] or {@link OnnxTensor}
   */
  record Node(
      String type,
      String name,
      List<String> inputs,
      List<String> outputs,
      Map<String, Object> attributes) {
    String output() {
      return outputs.get(0);
    }

    /** The name of an input, or "" where it is left out. */
    String input(int i) {
      return i < inputs.size() ? inputs.get(i) : "";
    }

    long number(String attribute, long otherwise) {
      return attributes.get(attribute) instanceof Long value ? value : otherwise;
    }

    float real(String attribute, float otherwise) {
      return attributes.get(attribute) instanceof Float value ? value : otherwise;
    }

    long[] numbers(String attribute, long... otherwise) {
      return attributes.get(attribute) instanceof long[] value ? value : otherwise;
    }

    String text(String attribute, String otherwise) {
      return attributes.get(attribute) instanceof String value ? value : otherwise;
    }
  }

  /** Reads a field of a message; fields that it does not read are skipped. */
  @FunctionalInterface
  interface Fields {
    /** Returns whether it has read the field. */
    boolean read(int field, CodedInputStream in) throws IOException;
  }

  static OnnxFile read(Path file) {
    OnnxFile[] found = new OnnxFile[1];
    try {
      CodedInputStream in = CodedInputStream.newInstance(Files.readAllBytes(file));
      in.setSizeLimit(Integer.MAX_VALUE);
      fields(
          in,
          (field, value) -> {
            if (field != 7) {
              return false;
            }
            found[0] = graph(file, value);
            return true;
          });
    } catch (IOException e) {
      throw new FileException(file + " cannot be read as ONNX: " + FileException.reason(e), e);
    } catch (IndexOutOfBoundsException | ArithmeticException | NegativeArraySizeException e) {
      throw new FileException(file + " cannot be read as ONNX: its extents are invalid", e);
    }
    if (found[0] == null || found[0].outputs.isEmpty()) {
      throw new FileException(file + " cannot be read as ONNX: it has no graph with an output");
    }
    return found[0];
  }

  static void fields(CodedInputStream in, Fields fields) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!fields.read(tag >>> 3, in)) {
        in.skipField(tag);
      }
    }
  }

  /** Reads an embedded message. */
  static void message(CodedInputStream in, Fields fields) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    fields(in, fields);
    in.popLimit(limit);
  }

  private static OnnxFile graph(Path file, CodedInputStream in) throws IOException {
    List<Node> nodes = new ArrayList<>();
    Map<String, OnnxTensor> weights = new HashMap<>();
    Map<String, long[]> inputs = new LinkedHashMap<>();
    Map<String, long[]> outputs = new LinkedHashMap<>();
    message(
        in,
        (field, value) -> {
          switch (field) {
            case 1 -> nodes.add(node(value));
            case 5 -> {
              OnnxTensor weight = OnnxTensor.read(value);
              weights.put(weight.name(), weight);
            }
            case 11 -> valueInfo(value, inputs);
            case 12 -> valueInfo(value, outputs);
            default -> {
              return false;
            }
          }
          return true;
        });
    inputs.keySet().removeAll(weights.keySet());
    return new OnnxFile(file, nodes, weights, inputs, List.copyOf(outputs.keySet()));
  }

  private static Node node(CodedInputStream in) throws IOException {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    String[] names = {"", ""};
    Map<String, Object> attributes = new HashMap<>();
    message(
        in,
        (field, value) -> {
          switch (field) {
            case 1 -> inputs.add(value.readString());
            case 2 -> outputs.add(value.readString());
            case 3 -> names[1] = value.readString();
            case 4 -> names[0] = value.readString();
            case 5 -> attribute(value, attributes);
            default -> {
              return false;
            }
          }
          return true;
        });
    String name = names[1].isEmpty() && !outputs.isEmpty() ? outputs.get(0) : names[1];
    return new Node(names[0], name, inputs, outputs, attributes);
  }

  private static void attribute(CodedInputStream in, Map<String, Object> attributes)
      throws IOException {
    String[] name = {""};
    Object[] one = {null};
    List<Long> longs = new ArrayList<>();
    List<Float> floats = new ArrayList<>();
    message(
        in,
        (field, value) -> {
          switch (field) {
            case 1 -> name[0] = value.readString();
            case 2 -> one[0] = value.readFloat();
            case 3 -> one[0] = value.readInt64();
            case 4 -> one[0] = value.readString();
            case 5 -> one[0] = OnnxTensor.read(value);
            case 7 -> packed(value, 4, v -> floats.add(v.readFloat()));
            case 8 -> packed(value, 0, v -> longs.add(v.readInt64()));
            default -> {
              return false;
            }
          }
          return true;
        });
    if (one[0] == null && !floats.isEmpty()) {
      float[] all = new float[floats.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = floats.get(i);
      }
      one[0] = all;
    }
    Object list = longs.stream().mapToLong(Long::longValue).toArray();
    attributes.put(name[0], one[0] == null ? list : one[0]);
  }

  /** Reads one value of a repeated field. */
  @FunctionalInterface
  interface Item {
    void read(CodedInputStream in) throws IOException;
  }

  /**
   * A repeated number: packed into one field, or one field each.
   *
   * @param bytes of an item, 0 where it varies
   */
  static void packed(CodedInputStream in, int bytes, Item item) throws IOException {
    if ((in.getLastTag() & 7) != 2) {
      item.read(in);
      return;
    }
    int limit = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() >= Math.max(1, bytes)) {
      item.read(in);
    }
    in.popLimit(limit);
  }

  private static void valueInfo(CodedInputStream in, Map<String, long[]> into) throws IOException {
    String[] name = {""};
    List<Long> extents = new ArrayList<>();
    Fields extent =
        (field, value) -> {
          if (field == 1) {
            extents.set(extents.size() - 1, value.readInt64());
          }
          return field == 1;
        };
    Fields shape =
        (field, value) -> {
          if (field == 1) {
            extents.add(-1L);
            message(value, extent);
          }
          return field == 1;
        };
    int[] type = {0};
    Fields tensor =
        (field, value) -> {
          if (field == 1) {
            type[0] = value.readInt32();
            return true;
          }
          return within(2, shape).read(field, value);
        };
    message(
        in,
        (field, value) -> {
          if (field == 1) {
            name[0] = value.readString();
          } else if (field == 2) {
            message(value, within(1, tensor));
          }
          return field == 1 || field == 2;
        });
    boolean real = type[0] == OnnxModel.FLOAT;
    into.put(
        name[0], real ? extents.stream().mapToLong(e -> e > 0 ? e : -1).toArray() : new long[0]);
  }

  /** Reads the message in one field. */
  private static Fields within(int wanted, Fields inner) {
    return (field, value) -> {
      if (field == wanted) {
        message(value, inner);
      }
      return field == wanted;
    };
  }
}
