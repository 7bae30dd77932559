package dev.fizzy.model.onnx;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Attention;
import dev.fizzy.engine.op.BatchNorm;
import dev.fizzy.engine.op.Concat;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Fill;
import dev.fizzy.engine.op.GroupNorm;
import dev.fizzy.engine.op.L2Normalize;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.Multiply;
import dev.fizzy.engine.op.PRelu;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Softmax;
import dev.fizzy.engine.op.Split;
import dev.fizzy.engine.op.TimestepEmbedding;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.engine.op.TransposedConvolution;
import dev.fizzy.engine.op.Upsample;
import dev.fizzy.engine.op.VectorQuantize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes each operation of an evaluation as ONNX nodes (operator set 17). */
final class OnnxNodes {
  private final OnnxGraph g;

  OnnxNodes(OnnxGraph g) {
    this.g = g;
  }

  void add(Operation operation) {
    if (operation instanceof Convolution o) {
      convolution(o);
    } else if (operation instanceof TransposedConvolution o) {
      transposedConvolution(o);
    } else if (operation instanceof Linear o) {
      linear(o);
    } else if (operation instanceof GroupNorm o) {
      groupNorm(o);
    } else if (operation instanceof Attention o) {
      attention(o);
    } else if (operation instanceof BatchNorm o && !o.training()) {
      batchNorm(o);
    } else if (operation instanceof PRelu o) {
      g.setFirst(o.y(), prelu(g.first(o.x()), o.slope(), o.x()));
    } else if (operation instanceof L2Normalize o) {
      g.setLast(o.y(), g.node("LpNormalization", Map.of("axis", -1L, "p", 2L), g.last(o.x())));
    } else if (operation instanceof Activation o) {
      boolean first = g.isFirst(o.x());
      set(o.y(), first, activation(o.kind(), first ? g.first(o.x()) : g.last(o.x())));
    } else if (operation instanceof Add o) {
      elements("Add", o.a(), o.b(), o.y());
    } else if (operation instanceof Multiply o) {
      elements("Mul", o.a(), o.b(), o.y());
    } else if (operation instanceof Fill o) {
      fill(o);
    } else if (operation instanceof Concat o) {
      Map<String, Object> channels = Map.of("axis", 1L);
      g.setFirst(o.y(), g.node("Concat", channels, g.first(o.a()), g.first(o.b())));
    } else if (operation instanceof Split o) {
      split(o);
    } else if (operation instanceof Reshape o) {
      g.setLast(o.y(), g.reshape(g.last(o.x()), g.shape(o.y())));
    } else if (operation instanceof Transpose o) {
      g.setLast(o.y(), g.first(o.x()));
    } else if (operation instanceof MatMul o) {
      matmul(o);
    } else if (operation instanceof Softmax o) {
      g.setLast(o.y(), g.node("Softmax", Map.of("axis", -1L), g.last(o.x())));
    } else if (operation instanceof Upsample o) {
      upsample(o);
    } else if (operation instanceof TimestepEmbedding o) {
      timestepEmbedding(o);
    } else if (operation instanceof VectorQuantize o) {
      vectorQuantize(o);
    } else {
      throw new EngineException("operation " + operation.name() + " is not written to ONNX");
    }
  }

  private void set(Tensor t, boolean first, String name) {
    if (first) {
      g.setFirst(t, name);
    } else {
      g.setLast(t, name);
    }
  }

  /** Computes elements of y from those of a and b; one pixel of b can stand for all. */
  private void elements(String type, Tensor a, Tensor b, Tensor y) {
    boolean first = g.isFirst(a) || g.isFirst(b);
    String left = first ? g.first(a) : g.last(a);
    set(y, first, g.node(type, left, first ? g.first(b) : g.last(b)));
  }

  /** The values of one image, which ONNX broadcasts to the batch. */
  private void fill(Fill o) {
    long[] one = Arrays.stream(g.shape(o.y())).map(d -> Math.max(d, 1)).toArray();
    float[] values = new float[Math.toIntExact(Arrays.stream(one).reduce(1, Math::multiplyExact))];
    Arrays.fill(values, o.value());
    g.setLast(o.y(), g.floats(one, values));
  }

  /** y + residual, with channels first. */
  private String plus(String y, Tensor residual) {
    return residual == null ? y : g.node("Add", y, g.first(residual));
  }

  private void convolution(Convolution o) {
    long k = o.w().dim(2);
    Convolution.Padding p = o.padding();
    Map<String, Object> attributes =
        Map.of(
            "kernel_shape", new long[] {k, k},
            "strides", new long[] {o.stride(), o.stride()},
            "pads", new long[] {p.top(), p.left(), p.bottom(), p.right()});
    String bias = o.bias() == null ? "" : g.weight(o.bias());
    String y = g.node("Conv", attributes, g.first(o.x()), g.weight(o.w()), bias);
    y = plus(y, o.residual());
    g.setFirst(o.y(), o.slope() == null ? y : prelu(y, o.slope(), o.y()));
  }

  private String prelu(String x, Tensor slope, Tensor like) {
    return g.node("PRelu", x, g.channels(slope, like));
  }

  private void batchNorm(BatchNorm o) {
    String y =
        g.node(
            "BatchNormalization",
            Map.of("epsilon", o.eps()),
            g.first(o.x()),
            g.weight(o.gamma()),
            g.weight(o.beta()),
            g.weight(o.running().mean()),
            g.weight(o.running().variance()));
    y = plus(y, o.residual());
    g.setFirst(o.y(), o.slope() == null ? y : prelu(y, o.slope(), o.y()));
  }

  private void transposedConvolution(TransposedConvolution o) {
    long k = o.w().dim(2);
    long p = o.padding();
    Map<String, Object> attributes =
        Map.of(
            "kernel_shape", new long[] {k, k},
            "strides", new long[] {o.stride(), o.stride()},
            "pads", new long[] {p, p, p, p});
    String bias = o.bias() == null ? "" : g.weight(o.bias());
    g.setFirst(o.y(), g.node("ConvTranspose", attributes, g.first(o.x()), g.weight(o.w()), bias));
  }

  /** On images a 1x1 convolution, which keeps the channels first. */
  private void linear(Linear o) {
    String bias = o.bias() == null ? "" : g.weight(o.bias());
    long n = o.w().dim(0);
    long k = o.w().dim(1);
    if (o.x().rank() == 4) {
      String y = g.node("Conv", g.first(o.x()), g.weight(o.w(), n, k, 1, 1), bias);
      g.setFirst(o.y(), plus(y, o.residual()));
      return;
    }
    String y;
    if (o.x().rank() == 2) {
      y = g.node("Gemm", Map.of("transB", 1L), g.last(o.x()), g.weight(o.w()), bias);
    } else {
      String w = g.node("Transpose", Map.of("perm", new long[] {1, 0}), g.weight(o.w()));
      y = g.node("MatMul", g.last(o.x()), w);
      y = bias.isEmpty() ? y : g.node("Add", y, bias);
    }
    g.setLast(o.y(), o.residual() == null ? y : g.node("Add", y, g.last(o.residual())));
  }

  private String activation(Activation.Kind kind, String x) {
    switch (kind) {
      case SILU:
        return g.node("Mul", x, g.node("Sigmoid", x));
      case SIGMOID:
        return g.node("Sigmoid", x);
      case RELU6:
        return g.node("Clip", x, g.scalar(0), g.scalar(6));
      case HARD_SIGMOID:
        return g.node("HardSigmoid", Map.of("alpha", 1 / 6f, "beta", .5f), x);
      case HARD_SWISH:
        return g.node("HardSwish", x);
      default: // GELU, below
    }
    String erf = g.node("Erf", g.node("Mul", x, g.scalar((float) Math.sqrt(.5))));
    String half = g.node("Mul", x, g.scalar(.5f));
    return g.node("Mul", half, g.node("Add", erf, g.scalar(1)));
  }

  /** Instance norm with each group as one channel that has all the group's values. */
  private void groupNorm(GroupNorm o) {
    float[] ones = new float[o.groups()];
    Arrays.fill(ones, 1);
    long[] dims = {o.groups()};
    String x = g.reshape(g.first(o.x()), 0, o.groups(), -1);
    String h =
        g.node(
            "InstanceNormalization",
            Map.of("epsilon", o.eps()),
            x,
            g.floats(dims, ones),
            g.floats(dims, new float[o.groups()]));
    h = g.reshape(h, g.shapeFirst(o.x()));
    h = g.node("Mul", h, g.channels(o.gamma(), o.x()));
    h = g.node("Add", h, g.channels(o.beta(), o.x()));
    if (o.scale() != null) {
      String scale = g.node("Add", g.last(o.scale()), g.scalar(1));
      h = g.node("Mul", h, broadcast(scale, o.x()));
      h = g.node("Add", h, broadcast(g.last(o.shift()), o.x()));
    }
    g.setFirst(o.y(), o.silu() ? activation(Activation.Kind.SILU, h) : h);
  }

  /** Reshapes rows [B,C] to [B,C,1,..], to be multiplied with an image. */
  private String broadcast(String rows, Tensor x) {
    long[] shape = new long[x.rank()];
    Arrays.fill(shape, 1);
    shape[0] = -1;
    shape[1] = x.dim(-1);
    return g.reshape(rows, shape);
  }

  private List<String> parts(String value, long... sizes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      names.add(g.name());
    }
    g.model().node("Split", "", List.of(value, g.longs(sizes)), names, Map.of("axis", 1L));
    return names;
  }

  private void attention(Attention o) {
    long c = o.y().dim(-1);
    long d = c / o.heads();
    List<String> qkv;
    if (o.kv() == null) {
      qkv = parts(g.first(o.q()), c, c, c);
    } else {
      List<String> kv = parts(g.first(o.kv()), c, c);
      qkv = List.of(g.first(o.q()), kv.get(0), kv.get(1));
    }
    Map<String, Object> turn = Map.of("perm", new long[] {0, 1, 3, 2});
    // [B, heads, D, tokens] with channels first; queries and values are transposed to [.., tokens,
    // D].
    String q = g.node("Transpose", turn, g.reshape(qkv.get(0), -1, o.heads(), d, o.queries()));
    String k = g.reshape(qkv.get(1), -1, o.heads(), d, o.keys());
    String v = g.node("Transpose", turn, g.reshape(qkv.get(2), -1, o.heads(), d, o.keys()));
    q = g.node("Mul", q, g.scalar((float) (1 / Math.sqrt(d))));
    String scores = g.node("MatMul", q, k);
    scores = o.causal() ? g.node("Add", scores, mask(o.queries())) : scores;
    String p = g.node("Softmax", Map.of("axis", -1L), scores);
    String y = g.node("Transpose", turn, g.node("MatMul", p, v));
    g.setFirst(o.y(), g.reshape(y, g.shapeFirst(o.y())));
  }

  /** 0 for each token and those before it, minus infinity for those behind it: [tokens, tokens]. */
  private String mask(int tokens) {
    String ones = g.node("Expand", g.scalar(1), g.longs(tokens, tokens));
    return g.node("Log", g.node("Trilu", Map.of("upper", 0L), ones));
  }

  private void split(Split o) {
    long[] sizes = {o.first(), o.x().dim(-1) - o.first()};
    List<String> names = parts(g.first(o.x()), sizes);
    if (o.a() != null) {
      g.setFirst(o.a(), names.get(0));
    }
    if (o.b() != null) {
      g.setFirst(o.b(), names.get(1));
    }
  }

  private void matmul(MatMul o) {
    // For three dimensions, channels first is the transpose.
    String a = o.transposeA() ? g.first(o.a()) : g.last(o.a());
    String b = o.transposeB() ? g.first(o.b()) : g.last(o.b());
    String y = g.node("MatMul", a, b);
    g.setLast(o.y(), o.scale() == 1 ? y : g.node("Mul", y, g.scalar(o.scale())));
  }

  private void upsample(Upsample o) {
    Map<String, Object> nearest =
        Map.of(
            "mode", "nearest",
            "coordinate_transformation_mode", "asymmetric",
            "nearest_mode", "floor");
    String scales = g.floats(new long[] {4}, 1, 1, 2, 2);
    g.setFirst(o.y(), g.node("Resize", nearest, g.first(o.x()), "", scales));
  }

  private void timestepEmbedding(TimestepEmbedding o) {
    int half = o.y().dim(1) / 2;
    float[] frequencies = new float[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = (float) Math.pow(10000, -(double) i / half);
    }
    String t = g.reshape(g.last(o.t()), -1, 1);
    String angle = g.node("Mul", t, g.floats(new long[] {1, half}, frequencies));
    g.setLast(
        o.y(), g.node("Concat", Map.of("axis", 1L), g.node("Cos", angle), g.node("Sin", angle)));
  }

  /** The nearest code: |e|^2 - 2 z e is least where |z - e|^2 is. */
  private void vectorQuantize(VectorQuantize o) {
    String codebook = g.weight(o.codebook());
    String z = g.reshape(g.last(o.z()), -1, o.z().dim(-1));
    String codes = g.node("Transpose", Map.of("perm", new long[] {1, 0}), codebook);
    Map<String, Object> rows = Map.of("axes", new long[] {1}, "keepdims", 0L);
    String squares = g.node("ReduceSumSquare", rows, codebook);
    String product = g.node("Mul", g.node("MatMul", z, codes), g.scalar(-2));
    String distance = g.node("Add", product, squares);
    String index = g.node("ArgMin", Map.of("axis", 1L, "keepdims", 0L), distance);
    String y = g.node("Gather", Map.of("axis", 0L), codebook, index);
    g.setLast(o.quantized(), g.reshape(y, g.shape(o.quantized())));
  }
}
