package dev.fizzy.alignment.mtcnn;

import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.MaxPool;
import dev.fizzy.engine.op.PRelu;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.nn.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * The three networks of MTCNN (Zhang et al., IEEE Signal Processing Letters 2016). Each takes a
 * square of 12, 24 or 48 pixels and returns the logits of "no face" and "face" and the corrections
 * of the box (left, top, right, bottom) as fractions of the side; the last one also returns the
 * five landmarks: five x, then five y, as fractions of the side. P-Net is fully convolutional: it
 * evaluates an image at every second pixel.
 *
 * <p>Parameters are named and shaped as PyTorch's, see {@link MtcnnWeights}; the heads read the
 * same tensor and are stored as one parameter.
 */
final class MtcnnNetworks {
  static final int LOGITS = 2;
  static final int CORRECTIONS = 4;
  static final int POINTS = 10;
  private static final Padding NONE = Padding.same(0);

  private MtcnnNetworks() {}

  /** Images [B,H,W,3] to [B,(H-10)/2,(W-10)/2,6]; H and W are even. */
  static Tensor proposal(Graph g, Tensor x) {
    Layer net = new Layer(g, "");
    Tensor h = convolution(net, 1, x, 10, 3);
    h = convolution(net, 2, MaxPool.of(h, 2, 2, true), 16, 3);
    h = convolution(net, 3, h, 32, 3);
    return head(net, h, true, List.of("conv4_1", "conv4_2"), List.of(LOGITS, CORRECTIONS));
  }

  /** Squares [B,24,24,3] to [B,6]. */
  static Tensor refinement(Graph g, Tensor x) {
    Layer net = new Layer(g, "");
    Tensor h = MaxPool.of(convolution(net, 1, x, 28, 3), 3, 2, true);
    h = MaxPool.of(convolution(net, 2, h, 48, 3), 3, 2, true);
    h = dense(net, 4, convolution(net, 3, h, 64, 2), 128);
    return head(net, h, false, List.of("dense5_1", "dense5_2"), List.of(LOGITS, CORRECTIONS));
  }

  /** Squares [B,48,48,3] to [B,16]. */
  static Tensor output(Graph g, Tensor x) {
    Layer net = new Layer(g, "");
    Tensor h = MaxPool.of(convolution(net, 1, x, 32, 3), 3, 2, true);
    h = MaxPool.of(convolution(net, 2, h, 64, 3), 3, 2, true);
    h = MaxPool.of(convolution(net, 3, h, 64, 3), 2, 2, true);
    h = dense(net, 5, convolution(net, 4, h, 128, 2), 256);
    List<String> names = List.of("dense6_1", "dense6_2", "dense6_3");
    return head(net, h, false, names, List.of(LOGITS, CORRECTIONS, POINTS));
  }

  private static Tensor convolution(Layer net, int number, Tensor x, int out, int kernel) {
    Layer at = net.at("conv" + number);
    try (Graph.Scope ignored = at.scope()) {
      Init init = Init.fanIn((long) x.dim(-1) * kernel * kernel);
      Tensor w = at.parameter("weight", init, out, x.dim(-1), kernel, kernel);
      Tensor b = at.parameter("bias", init, out);
      Tensor slope = net.at("prelu" + number).parameter("weight", Init.ZEROS, out);
      return Convolution.of(x, w, b, null, slope, 1, NONE);
    }
  }

  private static Tensor dense(Layer net, int number, Tensor x, int out) {
    int[] s = x.shape();
    Tensor flat = Reshape.of(x, s[0], s[1] * s[2] * s[3]);
    Tensor h = net.at("dense" + number).linear(flat, out);
    Layer at = net.at("prelu" + number);
    try (Graph.Scope ignored = at.scope()) {
      return PRelu.of(h, at.parameter("weight", Init.ZEROS, out));
    }
  }

  private static Tensor head(
      Layer net, Tensor x, boolean convolution, List<String> names, List<Integer> widths) {
    int in = x.dim(-1);
    int out = widths.stream().mapToInt(Integer::intValue).sum();
    Init init = Init.fanIn(in);
    List<Piece> weights = new ArrayList<>();
    List<Piece> biases = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      int n = widths.get(i);
      weights.add(
          new Piece(
              names.get(i) + ".weight", convolution ? new int[] {n, in, 1, 1} : new int[] {n, in}));
      biases.add(new Piece(names.get(i) + ".bias", new int[] {n}));
    }
    String name = String.join("+", names);
    int[] shape = convolution ? new int[] {out, in, 1, 1} : new int[] {out, in};
    Graph g = x.graph();
    try (Graph.Scope ignored = net.at(name).scope()) {
      Tensor w = g.parameter(new Parameter(name + ".weight", shape, weights, init));
      Tensor b = g.parameter(new Parameter(name + ".bias", new int[] {out}, biases, init));
      return convolution ? Convolution.of(x, w, b, null, 1, NONE) : Linear.of(x, w, b, null);
    }
  }
}
