package dev.fizzy.engine.profile;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Attention;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Concat;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.GroupNorm;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.MaxPool;
import dev.fizzy.engine.op.PRelu;
import dev.fizzy.engine.op.Softmax;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.engine.op.TransposedConvolution;
import dev.fizzy.engine.op.Upsample;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The operations that can be timed alone, by the names of their kernels.
 *
 * <p>B images, H x W pixels, C channels, R rows, T tokens.
 */
public enum BenchOperation {
  ACTIVATION("R,C", Map.of(), Use.BOTH, b -> Activation.silu(b.x())),
  ADD("R,C", Map.of(), Use.BOTH, b -> Add.of(b.x(), b.another())),
  ATTENTION(
      "B,T,C",
      Map.of("heads", 8),
      Use.BOTH,
      b -> Attention.self(b.input("qkv", b.dim(0), b.dim(1), 3 * b.dim(2)), b.set("heads"))),
  CONCAT("R,C", Map.of(), Use.BOTH, b -> Concat.of(b.x(), b.another())),
  CONVOLUTION(
      "B,H,W,C",
      Map.of("out", 0, "k", 3, "stride", 1),
      Use.BOTH,
      b -> {
        int k = b.set("k");
        int out = b.set("out") == 0 ? b.dim(3) : b.set("out");
        Tensor w = b.weight("w", out, b.dim(3), k, k);
        Convolution.Padding padding = Convolution.Padding.same(k / 2);
        return Convolution.of(b.x(), w, b.weight("bias", out), null, b.set("stride"), padding);
      }),
  GROUP_NORM(
      "B,H,W,C",
      Map.of("groups", 32, "silu", 1),
      Use.BOTH,
      b ->
          GroupNorm.of(
              b.x(),
              b.weight("gamma", b.dim(3)),
              b.weight("beta", b.dim(3)),
              Math.min(b.set("groups"), b.dim(3)),
              1e-5f,
              b.set("silu") != 0)),
  LINEAR(
      "R,C",
      Map.of("out", 0),
      Use.BOTH,
      b -> {
        int out = b.set("out") == 0 ? b.dim(1) : b.set("out");
        return Linear.of(b.x(), b.weight("w", out, b.dim(1)), b.weight("bias", out), null);
      }),
  MATMUL(
      "B,M,K",
      Map.of("n", 0),
      Use.BOTH,
      b -> {
        int n = b.set("n") == 0 ? b.dim(1) : b.set("n");
        return MatMul.of(b.x(), b.input("b", b.dim(0), b.dim(2), n), false, false, 1);
      }),
  MAX_POOL(
      "B,H,W,C",
      Map.of("k", 3, "stride", 2),
      Use.FORWARD,
      b -> MaxPool.of(b.x(), b.set("k"), b.set("stride"), false)),
  PRELU("R,C", Map.of(), Use.BOTH, b -> PRelu.of(b.x(), b.weight("slope", b.dim(-1)))),
  SOFTMAX("R,C", Map.of(), Use.BOTH, b -> Softmax.of(b.x())),
  TRANSPOSE("B,R,C", Map.of(), Use.BOTH, b -> Transpose.of(b.x())),
  TRANSPOSED_CONVOLUTION(
      "B,H,W,C",
      Map.of("out", 0, "k", 4, "stride", 2, "padding", 1),
      Use.BOTH,
      b -> {
        int out = b.set("out") == 0 ? b.dim(3) : b.set("out");
        Tensor w = b.weight("w", b.dim(3), out, b.set("k"), b.set("k"));
        return TransposedConvolution.of(
            b.x(), w, b.weight("bias", out), b.set("stride"), b.set("padding"));
      }),
  UPSAMPLE("B,H,W,C", Map.of(), Use.BOTH, b -> Upsample.of(b.x()));

  /** Whether an operation has a gradient. */
  private enum Use {
    FORWARD,
    BOTH
  }

  private interface Recorder {
    Tensor record(Builder builder);
  }

  private static final String BACKWARD = "_backward";

  private final String form;
  private final Map<String, Integer> defaults;
  private final Use use;
  private final Recorder recorder;

  BenchOperation(String form, Map<String, Integer> defaults, Use use, Recorder recorder) {
    this.form = form;
    this.defaults = new TreeMap<>(defaults);
    this.use = use;
    this.recorder = recorder;
  }

  /** The name of the kernel: group_norm. */
  public String kernel() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What the numbers of a shape are, as B,H,W,C. */
  public String form() {
    return form;
  }

  /** Settings with their defaults; 0 of out and n stands for the input's number. */
  public Map<String, Integer> defaults() {
    return defaults;
  }

  public boolean hasGradient() {
    return use == Use.BOTH;
  }

  /** The operation of a kernel's name, which may end in _backward and so on. */
  public static BenchOperation named(String kernel) {
    return Stream.of(values())
        .filter(o -> kernel.equals(o.kernel()) || kernel.startsWith(o.kernel() + BACKWARD))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineException(
                    "no operation "
                        + kernel
                        + " can be timed alone, only "
                        + String.join(
                            ", ", Stream.of(values()).map(BenchOperation::kernel).toList())));
  }

  /**
   * Records the operation alone; its output is the graph's first.
   *
   * @param gradient whether to add a loss and the gradients
   */
  Graph record(int[] shape, Map<String, Integer> settings, DType type, boolean gradient) {
    int rank = form.split(",").length;
    boolean fits = form.equals("R,C") ? shape.length >= 2 : shape.length == rank;
    if (!fits || Arrays.stream(shape).anyMatch(n -> n < 1)) {
      throw new EngineException(
          kernel() + " takes a shape " + form + " of positive numbers, not " + text(shape));
    }
    for (String name : settings.keySet()) {
      if (!defaults.containsKey(name)) {
        throw new EngineException(
            kernel() + " has no setting " + name + ", only " + List.copyOf(defaults.keySet()));
      }
    }
    if (gradient && !hasGradient()) {
      throw new EngineException(kernel() + " has no gradient");
    }
    Builder builder = new Builder(new Graph(type), shape, settings, defaults);
    Graph g = builder.graph;
    Tensor y = g.output(recorder.record(builder));
    if (gradient) {
      Tensor target = g.input("target", DType.F32, Stage.EVALUATION, y.shape());
      Tensor loss = g.output(Loss.mse(y, target));
      g.backward(loss, builder.inputs());
    }
    return g;
  }

  static String text(int[] shape) {
    return String.join(",", Arrays.stream(shape).mapToObj(Integer::toString).toList());
  }

  /** Makes the inputs of one operation. */
  private record Builder(
      Graph graph, int[] shape, Map<String, Integer> settings, Map<String, Integer> defaults) {
    int dim(int i) {
      return shape[i < 0 ? shape.length + i : i];
    }

    int set(String name) {
      return settings.getOrDefault(name, defaults.get(name));
    }

    Tensor x() {
      return input("x", shape);
    }

    Tensor another() {
      return input("b", shape);
    }

    Tensor input(String name, int... dims) {
      return Cast.of(graph.input(name, DType.F32, Stage.EVALUATION, dims), graph.compute());
    }

    Tensor weight(String name, int... dims) {
      return graph.parameter(Parameter.of(name, Parameter.Init.fanIn(dims[dims.length - 1]), dims));
    }

    Tensor[] inputs() {
      return graph.inputs().values().stream()
          .filter(t -> !t.name().equals("target"))
          .toArray(Tensor[]::new);
    }
  }
}
