package dev.fizzy.nn;

import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.GroupNorm;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.QuantizedConvolution;
import dev.fizzy.engine.op.QuantizedLinear;
import dev.fizzy.engine.op.TransposedConvolution;
import java.util.ArrayList;
import java.util.List;

/**
 * A place in a network: a graph and a path such as {@code down.3.res.conv1}. Its methods record one
 * layer there and declare that layer's parameters under the path, with the names and shapes of
 * PyTorch's state dicts. A Layer has no state: two calls at the same place share the parameters.
 *
 * @param frozen whether the parameters declared here are states, which training does not change
 * @param quantized whether convolutions and matrix products here multiply integers in a graph of
 *     {@link dev.fizzy.engine.DType#INT8}
 */
public record Layer(Graph graph, String path, boolean frozen, boolean quantized) {
  /**
   * The end of the name of a state [2], f32: how far a quantized layer's inputs reach below and
   * above zero.
   */
  public static final String REACH = ".input_reach";

  /** A reach with which networks of random weights compute. */
  private static final Init USUAL_REACH = new Init(Init.Kind.CONSTANT, 8);

  /** The root of a network, or a place in it, with trained parameters. */
  public Layer(Graph graph, String path) {
    this(graph, path, false);
  }

  public Layer(Graph graph, String path, boolean frozen) {
    this(graph, path, frozen, false);
  }

  /** The layer or block {@code name} within this one. */
  public Layer at(String name) {
    return new Layer(graph, path.isEmpty() ? name : path + "." + name, frozen, quantized);
  }

  /** This place, where matrix products and convolutions that keep the size are quantized. */
  public Layer quantizing() {
    return new Layer(graph, path, frozen, true);
  }

  public Layer at(int index) {
    return at(Integer.toString(index));
  }

  /** A parameter of this layer. */
  public Tensor parameter(String name, Init init, int... shape) {
    String place = at(name).path;
    return graph.parameter(
        frozen ? Parameter.state(place, init, shape) : Parameter.of(place, init, shape));
  }

  /** Opens this layer's scope, for operations recorded by hand. */
  public Graph.Scope scope() {
    return graph.scope(path);
  }

  /** 3x3 or 1x1 convolution that keeps the size; x [B,H,W,Cin] to [B,H,W,out]. */
  public Tensor convolution(Tensor x, int out, int kernel) {
    return convolution(x, out, kernel, 1, Padding.same(kernel / 2), null);
  }

  /** As {@link #convolution(Tensor, int, int)}, plus {@code residual}. */
  public Tensor convolution(Tensor x, int out, int kernel, Tensor residual) {
    return convolution(x, out, kernel, 1, Padding.same(kernel / 2), residual);
  }

  public Tensor convolution(
      Tensor x, int out, int kernel, int stride, Padding padding, Tensor residual) {
    Init init = Init.fanIn((long) x.dim(-1) * kernel * kernel);
    return convolution(x, out, kernel, stride, padding, residual, init);
  }

  /**
   * A convolution initialized to zero, so that a residual block ending in it starts as the
   * identity.
   */
  public Tensor zeroConvolution(Tensor x, int out, int kernel, Tensor residual) {
    return convolution(x, out, kernel, 1, Padding.same(kernel / 2), residual, Init.ZEROS);
  }

  /**
   * @param init of the weights, and of the biases unless it is normal; then they begin at zero
   */
  public Tensor convolution(
      Tensor x, int out, int kernel, int stride, Padding padding, Tensor residual, Init init) {
    try (Graph.Scope ignored = scope()) {
      Tensor w = parameter("weight", init, out, x.dim(-1), kernel, kernel);
      Tensor b = parameter("bias", init.kind() == Init.Kind.NORMAL ? Init.ZEROS : init, out);
      boolean keepsSize = stride == 1 && padding.equals(Padding.same(kernel / 2));
      if (keepsSize && quantizes(path, x)) {
        return kernel == 1
            ? QuantizedLinear.of(x, reach(path), w, b, residual)
            : QuantizedConvolution.of(x, reach(path), w, b, residual);
      }
      return Convolution.of(x, w, b, residual, stride, padding);
    }
  }

  private boolean quantizes(String place, Tensor x) {
    return quantized && graph.quantizes(place + REACH, x);
  }

  private Tensor reach(String place) {
    return graph.parameter(Parameter.state(place + REACH, USUAL_REACH, 2));
  }

  /** 4x4 transposed convolution of stride 2: [B,H,W,C] to [B,2H,2W,C]. */
  public Tensor upConvolution(Tensor x) {
    int c = x.dim(-1);
    try (Graph.Scope ignored = scope()) {
      Init init = Init.fanIn((long) c * 16);
      Tensor w = parameter("weight", init, c, c, 4, 4);
      Tensor b = parameter("bias", init, c);
      return TransposedConvolution.of(x, w, b, 2, 1);
    }
  }

  /** x [...,K] to [...,out]. */
  public Tensor linear(Tensor x, int out) {
    return linear(x, out, null);
  }

  public Tensor linear(Tensor x, int out, Tensor residual) {
    return stacked(x, out, residual, List.of(""), false);
  }

  /**
   * Several convolutions of width 1 over the same tokens in one matrix product: {@code names} are
   * their places within this one; each gives {@code out} columns.
   */
  public Tensor pointwise(Tensor x, int out, Tensor residual, String... names) {
    return stacked(x, out, residual, List.of(names), true);
  }

  private Tensor stacked(
      Tensor x, int out, Tensor residual, List<String> names, boolean convolution) {
    int in = x.dim(-1);
    List<Piece> weights = new ArrayList<>();
    List<Piece> biases = new ArrayList<>();
    for (String name : names) {
      String place = name.isEmpty() ? path : at(name).path;
      int[] shape = convolution ? new int[] {out, in, 1} : new int[] {out, in};
      weights.add(new Piece(place + ".weight", shape));
      biases.add(new Piece(place + ".bias", new int[] {out}));
    }
    String place = at(String.join("+", names)).path;
    if (names.size() == 1) {
      place = weights.get(0).name().substring(0, weights.get(0).name().length() - 7);
    }
    int n = out * names.size();
    Init init = Init.fanIn(in);
    try (Graph.Scope ignored = graph.scope(place)) {
      int[] shape = {n, in};
      Tensor w = graph.parameter(new Parameter(place + ".weight", shape, weights, init, !frozen));
      int[] one = {n};
      Tensor b = graph.parameter(new Parameter(place + ".bias", one, biases, init, !frozen));
      return quantizes(place, x)
          ? QuantizedLinear.of(x, reach(place), w, b, residual)
          : Linear.of(x, w, b, residual);
    }
  }

  /** Group norm (Wu & He 2018), followed by SiLU if {@code silu}. */
  public Tensor groupNorm(Tensor x, int groups, double eps, boolean silu) {
    try (Graph.Scope ignored = scope()) {
      Tensor gamma = parameter("weight", Init.ONES, x.dim(-1));
      Tensor beta = parameter("bias", Init.ZEROS, x.dim(-1));
      return GroupNorm.of(x, gamma, beta, groups, (float) eps, silu);
    }
  }

  /**
   * SiLU((1 + scale) GN(x) + shift), Dhariwal & Nichol 2021; scale and shift [B,C], or [1,C] for
   * the whole batch.
   *
   * @param row I32 [1]: the row of scale and shift for the whole batch; null for all of them
   */
  public Tensor adaptiveGroupNorm(
      Tensor x, Tensor scale, Tensor shift, Tensor row, int groups, double eps) {
    try (Graph.Scope ignored = scope()) {
      Tensor gamma = parameter("weight", Init.ONES, x.dim(-1));
      Tensor beta = parameter("bias", Init.ZEROS, x.dim(-1));
      return GroupNorm.adaptive(x, gamma, beta, scale, shift, row, groups, (float) eps, true);
    }
  }
}
