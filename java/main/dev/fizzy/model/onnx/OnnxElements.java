package dev.fizzy.model.onnx;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.DepthwiseConvolution;
import dev.fizzy.engine.op.L2Normalize;
import dev.fizzy.engine.op.Multiply;
import dev.fizzy.engine.op.PRelu;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.model.onnx.OnnxFile.Node;
import dev.fizzy.model.onnx.OnnxValue.Constant;
import dev.fizzy.model.onnx.OnnxValue.Image;
import dev.fizzy.model.onnx.OnnxValue.Length;
import dev.fizzy.model.onnx.OnnxValue.Plain;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** Operators element by element, and the length of rows. */
final class OnnxElements {
  private final OnnxRecording r;

  OnnxElements(OnnxRecording recording) {
    this.r = recording;
  }

  /** Records the node and returns true, or returns false if it is none of these operators. */
  boolean record(Node node) {
    switch (node.type()) {
      case "BatchNormalization" -> affine(node, 0, e -> e.normalize(node));
      case "PRelu", "Relu", "LeakyRelu" -> slopes(node);
      case "Sigmoid" -> activation(node, Activation.Kind.SIGMOID);
      case "HardSwish" -> activation(node, Activation.Kind.HARD_SWISH);
      case "HardSigmoid" -> hardSigmoid(node);
      case "Clip" -> clip(node);
      case "Add", "Sub", "Mul", "Div", "Max" -> arithmetic(node);
      case "ReduceL2" -> length(node);
      case "LpNormalization" -> normalization(node);
      default -> {
        return false;
      }
    }
    return true;
  }

  private OnnxValue like(OnnxValue value, Tensor t) {
    return value instanceof Image ? new Image(t) : new Plain(t);
  }

  /** A factor and a term for each channel, together with what follows: one pass over x. */
  private void affine(Node node, int input, UnaryOperator<Epilogue> composition) {
    OnnxValue value = r.value(node, input);
    Tensor x = r.tensor(node, value);
    int c = x.dim(-1);
    Epilogue epilogue =
        composition.apply(new Epilogue(r, node, c, !(value instanceof Image))).follow(false);
    float[] ones = new float[c];
    Arrays.fill(ones, 1);
    Tensor weights = r.weight(node, "scale", epilogue.scaled(ones), 1, 1, c);
    Tensor map = x.rank() == 4 ? x : Reshape.of(x, x.dim(0), x.rows() / x.dim(0), 1, c);
    epilogue.finish(
        (bias, slope) -> {
          Tensor y = DepthwiseConvolution.of(map, weights, bias, slope, 1, Padding.same(0));
          return x.rank() == 4 ? y : Reshape.of(y, x.shape());
        });
  }

  private void slopes(Node node) {
    OnnxValue value = r.value(node, 0);
    Tensor x = r.tensor(node, value);
    float[] slopes = Channels.slopes(r, node, x.dim(-1), !(value instanceof Image));
    Tensor slope = r.weight(node, "slope", slopes, x.dim(-1));
    r.put(node.output(), like(value, PRelu.of(x, slope)));
  }

  private void activation(Node node, Activation.Kind kind) {
    OnnxValue value = r.value(node, 0);
    r.put(node.output(), like(value, Activation.of(kind, r.tensor(node, value))));
  }

  private void hardSigmoid(Node node) {
    float alpha = node.real("alpha", .2f);
    float beta = node.real("beta", .5f);
    if (Math.abs(alpha - 1 / 6f) > 1e-7 || beta != .5f) {
      throw r.unknown(node, "with alpha " + alpha + " and beta " + beta + ", not 1/6 and .5");
    }
    activation(node, Activation.Kind.HARD_SIGMOID);
  }

  private float bound(Node node, String attribute, int input, float otherwise) {
    return node.input(input).isEmpty() ? node.real(attribute, otherwise) : r.floats(node, input)[0];
  }

  private void clip(Node node) {
    OnnxValue value = r.value(node, 0);
    float low = bound(node, "min", 1, Float.NEGATIVE_INFINITY);
    float high = bound(node, "max", 2, Float.POSITIVE_INFINITY);
    if (value instanceof Length && low < 1e-3 && high > 1e30) {
      r.put(node.output(), value);
    } else if (low == 0 && high == 6) {
      activation(node, Activation.Kind.RELU6);
    } else if (low == 0 && high > 1e30) {
      Tensor x = r.tensor(node, value);
      Tensor slope = r.weight(node, "slope", new float[x.dim(-1)], x.dim(-1));
      r.put(node.output(), like(value, PRelu.of(x, slope)));
    } else {
      throw r.unknown(node, "to [" + low + ", " + high + "], neither [0, 6] nor from 0 on");
    }
  }

  private void arithmetic(Node node) {
    if (node.inputs().size() != 2) {
      throw r.unknown(node, "of " + node.inputs().size() + " values");
    }
    OnnxValue a = r.value(node, 0);
    OnnxValue b = r.value(node, 1);
    if (a instanceof Constant x && b instanceof Constant y) {
      r.put(node.output(), new Constant(extents(node, x.value(), y.value())));
    } else if (a instanceof Length && b instanceof Constant) {
      r.put(node.output(), a); // a small number that keeps the length from zero
    } else if (b instanceof Length length) {
      divide(node, a, length);
    } else if (b instanceof Constant) {
      constant(node, a, 0, 1);
    } else if (a instanceof Constant) {
      constant(node, b, 1, 0);
    } else {
      tensors(node, a, b);
    }
  }

  private OnnxTensor extents(Node node, OnnxTensor a, OnnxTensor b) {
    if (a.longs() == null || b.longs() == null || a.longs().length != b.longs().length) {
      throw r.unknown(node, "of two weights");
    }
    long[] y = new long[a.longs().length];
    for (int i = 0; i < y.length; i++) {
      y[i] =
          switch (node.type()) {
            case "Add" -> a.longs()[i] + b.longs()[i];
            case "Sub" -> a.longs()[i] - b.longs()[i];
            case "Mul" -> a.longs()[i] * b.longs()[i];
            case "Div" -> a.longs()[i] / b.longs()[i];
            default -> Math.max(a.longs()[i], b.longs()[i]);
          };
    }
    return new OnnxTensor("", a.dims(), null, y);
  }

  private void constant(Node node, OnnxValue value, int input, int other) {
    int c = r.tensor(node, value).dim(-1);
    float[] k = Channels.of(r, node, other, c, !(value instanceof Image));
    double[] factor = new double[c];
    double[] term = new double[c];
    boolean swapped = input == 1;
    for (int i = 0; i < c; i++) {
      switch (node.type()) {
        case "Add" -> set(factor, term, i, 1, k[i]);
        case "Sub" -> set(factor, term, i, swapped ? -1 : 1, swapped ? k[i] : -k[i]);
        case "Mul" -> set(factor, term, i, k[i], 0);
        case "Div" -> set(factor, term, i, 1. / k[i], 0);
        default -> throw r.unknown(node, "of a weight");
      }
    }
    if (node.type().equals("Div") && swapped) {
      throw r.unknown(node, "of a weight by what the engine computes");
    }
    affine(node, input, e -> e.affine(factor, term));
  }

  private static void set(double[] factor, double[] term, int i, double by, double plus) {
    factor[i] = by;
    term[i] = plus;
  }

  private void tensors(Node node, OnnxValue a, OnnxValue b) {
    Tensor x = r.tensor(node, a);
    Tensor y = r.tensor(node, b);
    boolean same = Arrays.equals(x.shape(), y.shape()) && a.getClass() == b.getClass();
    boolean gate = a instanceof Image && b instanceof Image && x.dim(-1) == y.dim(-1);
    boolean larger = x.elements() >= y.elements();
    boolean gated = gate && ((Image) (larger ? b : a)).isPixel();
    if (node.type().equals("Add") && same) {
      r.put(node.output(), like(a, Add.of(x, y)));
    } else if (node.type().equals("Mul") && (same || gated)) {
      r.put(node.output(), like(a, larger ? Multiply.of(x, y) : Multiply.of(y, x)));
    } else {
      throw r.unknown(node, "of " + x + " and " + y);
    }
  }

  private void length(Node node) {
    OnnxValue value = r.value(node, 0);
    long[] axes = r.integers(node, "axes", 1);
    boolean rows = value instanceof Plain p && p.tensor().rank() == 2;
    if (!rows || axes == null || axes.length != 1 || axes[0] != 1 && axes[0] != -1) {
      throw r.unknown(node, "over " + Arrays.toString(axes) + ", not over the rows of a matrix");
    }
    r.put(node.output(), new Length(r.tensor(node, value)));
  }

  private void divide(Node node, OnnxValue a, Length length) {
    if (!node.type().equals("Div") || r.tensor(node, a) != length.of()) {
      throw r.unknown(node, "with the lengths of other rows");
    }
    r.put(node.output(), normalized(length.of()));
  }

  private void normalization(Node node) {
    OnnxValue value = r.value(node, 0);
    Tensor x = r.tensor(node, value);
    long axis = node.number("axis", -1);
    if (!(value instanceof Plain)
        || x.rank() != 2
        || axis != 1 && axis != -1
        || node.number("p", 2) != 2) {
      throw r.unknown(node, "of more than the rows of a matrix, or by another norm than L2");
    }
    r.put(node.output(), normalized(x));
  }

  private static Plain normalized(Tensor x) {
    return new Plain(Cast.of(L2Normalize.of(Cast.of(x, DType.F32)).y(), x.type()));
  }
}
