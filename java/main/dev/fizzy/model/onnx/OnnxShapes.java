package dev.fizzy.model.onnx;

import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Concat;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.model.onnx.OnnxFile.Node;
import dev.fizzy.model.onnx.OnnxValue.Constant;
import dev.fizzy.model.onnx.OnnxValue.Image;
import dev.fizzy.model.onnx.OnnxValue.Length;
import dev.fizzy.model.onnx.OnnxValue.Plain;
import java.util.Arrays;
import java.util.List;

/** Operators on shapes; extents are computed while the graph is recorded. */
final class OnnxShapes {
  private final OnnxRecording r;

  OnnxShapes(OnnxRecording recording) {
    this.r = recording;
  }

  /** Returns the node's output, or null if it is none of these operators. */
  OnnxValue record(Node node) {
    return switch (node.type()) {
      case "Constant" -> constant(node);
      case "Shape" -> new Constant(OnnxTensor.of(r.extents(node, r.value(node, 0))));
      case "Identity", "Dropout" -> r.value(node, 0);
      case "Cast" -> cast(node);
      case "Gather" -> gather(node);
      case "Unsqueeze" -> unsqueeze(node);
      case "Squeeze" -> squeeze(node);
      case "Concat" -> concat(node);
      case "Slice" -> slice(node);
      case "Flatten" -> flatten(node);
      case "Reshape" -> reshape(node);
      case "Transpose" -> transpose(node);
      case "Expand" -> expand(node);
      default -> null;
    };
  }

  private OnnxValue constant(Node node) {
    Object value = node.attributes().get("value");
    if (value instanceof OnnxTensor tensor) {
      return new Constant(tensor);
    }
    if (node.attributes().get("value_float") instanceof Float f) {
      return new Constant(new OnnxTensor("", new long[0], new float[] {f}, null));
    }
    if (node.attributes().get("value_int") instanceof Long i) {
      return new Constant(new OnnxTensor("", new long[0], null, new long[] {i}));
    }
    if (node.attributes().get("value_ints") instanceof long[] all) {
      return new Constant(OnnxTensor.of(all));
    }
    throw r.unknown(node, "holds neither floats nor integers");
  }

  /** Only between integers, or between floats. */
  private OnnxValue cast(Node node) {
    OnnxValue value = r.value(node, 0);
    boolean real = node.number("to", 1) == 1;
    boolean integers = value instanceof Constant c && c.value().longs() != null;
    if (real == integers) {
      throw r.unknown(node, "to another kind of number");
    }
    return value;
  }

  private long[] integers(Node node, int input) {
    long[] values = r.constant(node, input).longs();
    if (values == null) {
      throw r.unknown(node, "takes integers");
    }
    return values;
  }

  private OnnxValue gather(Node node) {
    long[] from = integers(node, 0);
    OnnxTensor index = r.constant(node, 1);
    if (node.number("axis", 0) != 0 || index.longs() == null) {
      throw r.unknown(node, "selects from more than a list of extents");
    }
    long[] found =
        Arrays.stream(index.longs()).map(i -> from[(int) (i < 0 ? i + from.length : i)]).toArray();
    return new Constant(new OnnxTensor("", index.dims(), null, found));
  }

  private OnnxValue unsqueeze(Node node) {
    OnnxValue value = r.value(node, 0);
    long[] axes = r.integers(node, "axes", 1);
    long[] before = r.extents(node, value);
    int[] shape = new int[before.length + axes.length];
    Arrays.fill(shape, -1);
    for (long axis : axes) {
      shape[(int) (axis < 0 ? axis + shape.length : axis)] = 1;
    }
    int next = 0;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = shape[i] == 1 ? 1 : Math.toIntExact(before[next++]);
    }
    return reshaped(node, value, shape);
  }

  private OnnxValue squeeze(Node node) {
    OnnxValue value = r.value(node, 0);
    long[] before = r.extents(node, value);
    long[] axes = r.integers(node, "axes", 1);
    List<Long> all = axes == null ? null : Arrays.stream(axes).boxed().toList();
    int[] shape = new int[before.length];
    int rank = 0;
    for (int i = 0; i < before.length; i++) {
      boolean named =
          all != null && (all.contains((long) i) || all.contains((long) i - shape.length));
      boolean dropped = all == null ? before[i] == 1 && i > 0 : named;
      if (!dropped) {
        shape[rank++] = Math.toIntExact(before[i]);
      }
    }
    return reshaped(node, value, Arrays.copyOf(shape, rank));
  }

  private OnnxValue concat(Node node) {
    OnnxValue first = r.value(node, 0);
    if (first instanceof Constant) {
      long[] all = new long[0];
      for (int i = 0; i < node.inputs().size(); i++) {
        long[] part = integers(node, i);
        all = Arrays.copyOf(all, all.length + part.length);
        System.arraycopy(part, 0, all, all.length - part.length, part.length);
      }
      return new Constant(OnnxTensor.of(all));
    }
    int rank = r.extents(node, first).length;
    long axis = node.number("axis", 1);
    Tensor y = r.tensor(node, first);
    for (int i = 1; i < node.inputs().size(); i++) {
      OnnxValue next = r.value(node, i);
      boolean channels = (axis < 0 ? axis + rank : axis) == (first instanceof Image ? 1 : rank - 1);
      if (!channels || next.getClass() != first.getClass()) {
        throw r.unknown(node, "joins more than channels");
      }
      y = Concat.of(y, r.tensor(node, next));
    }
    return first instanceof Image ? new Image(y) : new Plain(y);
  }

  /** Only of lists of extents. */
  private OnnxValue slice(Node node) {
    long[] from = integers(node, 0);
    long[] begin = r.integers(node, "starts", 1);
    long[] end = r.integers(node, "ends", 2);
    long[] step = node.input(4).isEmpty() ? new long[] {1} : integers(node, 4);
    if (begin.length != 1 || end.length != 1 || step[0] != 1) {
      throw r.unknown(node, "cuts more than a list of extents");
    }
    int first = position(begin[0], from.length);
    return new Constant(
        OnnxTensor.of(
            Arrays.copyOfRange(from, first, Math.max(first, position(end[0], from.length)))));
  }

  private static int position(long index, int length) {
    return (int) Math.max(0, Math.min(length, index < 0 ? index + length : index));
  }

  private OnnxValue flatten(Node node) {
    OnnxValue value = r.value(node, 0);
    long elements = r.tensor(node, value).elements();
    if (node.number("axis", 1) != 1) {
      throw r.unknown(node, "does not keep the batch");
    }
    return reshaped(node, value, r.batch(), Math.toIntExact(elements / r.batch()));
  }

  private OnnxValue reshape(Node node) {
    OnnxValue value = r.value(node, 0);
    long[] target = r.integers(node, "shape", 1);
    if (value instanceof Constant c) {
      long open = c.value().elements() / Math.max(1, -product(target));
      long[] shape = Arrays.stream(target).map(d -> d < 0 ? open : d).toArray();
      return new Constant(c.value().as(shape));
    }
    long[] before = r.extents(node, value);
    long elements = r.tensor(node, value).elements();
    int[] shape = new int[target.length];
    long known = 1;
    int open = -1;
    for (int i = 0; i < shape.length; i++) {
      long extent = target[i] == 0 && i < before.length ? before[i] : target[i];
      // A file with a fixed batch has that batch in its shapes.
      if (i == 0 && extent == r.stored()) {
        extent = r.batch();
      }
      if (extent < 0) {
        open = i;
      } else {
        known *= extent;
        shape[i] = Math.toIntExact(extent);
      }
    }
    if (open >= 0) {
      shape[open] = Math.toIntExact(elements / known);
    }
    return reshaped(node, value, shape);
  }

  private static long product(long... extents) {
    return Arrays.stream(extents).reduce(1, (a, b) -> a * b);
  }

  /** Checks that the faces stay apart. */
  private OnnxValue reshaped(Node node, OnnxValue value, int... shape) {
    long[] extents = Arrays.stream(shape).asLongStream().toArray();
    if (value instanceof Constant c) {
      return new Constant(c.value().as(extents));
    }
    boolean fits = product(extents) == r.tensor(node, value).elements();
    if (shape.length == 0 || shape[0] != r.batch() || !fits) {
      throw r.unknown(node, "to " + Arrays.toString(shape) + " does not keep the batch");
    }
    return r.reshape(value, shape);
  }

  private OnnxValue transpose(Node node) {
    OnnxValue value = r.value(node, 0);
    String turn = Arrays.toString(node.numbers("perm"));
    if (value instanceof Image image && turn.equals("[0, 2, 3, 1]")) {
      return new Plain(image.tensor());
    }
    if (value instanceof Plain plain && turn.equals("[0, 3, 1, 2]")) {
      return new Image(plain.tensor());
    }
    if (value instanceof Plain plain && turn.equals("[0, 2, 1]")) {
      return new Plain(Transpose.of(plain.tensor()));
    }
    if (value instanceof Constant c && turn.equals("[1, 0]") && c.value().floats() != null) {
      return new Constant(transposed(c.value()));
    }
    throw r.unknown(node, "in the order " + turn);
  }

  private static OnnxTensor transposed(OnnxTensor matrix) {
    int rows = matrix.dim(0);
    int columns = matrix.dim(1);
    float[] turned = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        turned[j * rows + i] = matrix.floats()[i * columns + j];
      }
    }
    return new OnnxTensor("", new long[] {columns, rows}, turned, null);
  }

  /** Only of lengths, to the rows that they divide. */
  private OnnxValue expand(Node node) {
    if (r.value(node, 0) instanceof Length length) {
      return length;
    }
    throw r.unknown(node, "of more than the lengths of rows");
  }
}
