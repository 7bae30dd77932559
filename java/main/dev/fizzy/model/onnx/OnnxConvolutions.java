package dev.fizzy.model.onnx;

import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.DepthwiseConvolution;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.model.onnx.OnnxFile.Node;
import dev.fizzy.model.onnx.OnnxValue.Image;
import java.util.Arrays;

/**
 * Convolutions and matrix products with weights, each with what {@link Epilogue} records with it.
 */
final class OnnxConvolutions {
  private final OnnxRecording r;

  OnnxConvolutions(OnnxRecording recording) {
    this.r = recording;
  }

  /** Records the node and returns true, or returns false if it is none of these operators. */
  boolean record(Node node) {
    switch (node.type()) {
      case "Conv" -> convolution(node);
      case "Gemm" -> gemm(node);
      case "MatMul" -> matmul(node);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** The window of a convolution or of a pooling. */
  static int stride(OnnxRecording r, Node node) {
    long[] strides = node.numbers("strides", 1, 1);
    long[] dilations = node.numbers("dilations", 1, 1);
    if (strides.length != 2 || strides[0] != strides[1]) {
      throw r.unknown(node, "with strides " + Arrays.toString(strides));
    }
    if (dilations.length != 2 || dilations[0] != 1 || dilations[1] != 1) {
      throw r.unknown(node, "with dilations " + Arrays.toString(dilations));
    }
    return Math.toIntExact(strides[0]);
  }

  static Padding padding(OnnxRecording r, Node node, Tensor x, int kh, int kw, int stride) {
    String automatic = node.text("auto_pad", "NOTSET");
    if (automatic.startsWith("SAME")) {
      int rows = same(x.dim(1), kh, stride);
      int columns = same(x.dim(2), kw, stride);
      boolean upper = automatic.equals("SAME_UPPER");
      int top = upper ? rows / 2 : rows - rows / 2;
      int left = upper ? columns / 2 : columns - columns / 2;
      return new Padding(top, left, rows - top, columns - left);
    }
    long[] pads = node.numbers("pads", 0, 0, 0, 0);
    if (pads.length != 4 || Arrays.stream(pads).anyMatch(p -> p < 0)) {
      throw r.unknown(node, "with padding " + Arrays.toString(pads));
    }
    int[] p = Arrays.stream(pads).mapToInt(Math::toIntExact).toArray();
    return new Padding(p[0], p[1], p[2], p[3]);
  }

  private static int same(int n, int k, int stride) {
    return Math.max(0, ((n + stride - 1) / stride - 1) * stride + k - n);
  }

  private void convolution(Node node) {
    Tensor x = r.image(node, 0).tensor();
    OnnxTensor w = r.constant(node, 1);
    int groups = Math.toIntExact(node.number("group", 1));
    if (w.dims().length != 4 || w.dim(1) * groups != x.dim(3)) {
      throw r.unknown(node, "of " + x + " with weights " + Arrays.toString(w.dims()));
    }
    int cout = w.dim(0);
    int kh = w.dim(2);
    int kw = w.dim(3);
    int stride = stride(r, node);
    Padding padding = padding(r, node, x, kh, kw, stride);
    boolean depthwise = groups == cout && groups == x.dim(3) && groups > 1;
    Epilogue epilogue = new Epilogue(r, node, cout, false).bias(1).follow(!depthwise);
    float[] scaled = epilogue.scaled(r.floats(node, 1));
    if (depthwise) {
      float[] taps = depthwise(scaled, cout, kh * kw);
      Tensor weights = r.weight(node, "weight", taps, kh, kw, cout);
      epilogue.finish(
          (bias, slope) -> DepthwiseConvolution.of(x, weights, bias, slope, stride, padding));
      return;
    }
    float[] dense = dense(scaled, cout, w.dim(1), groups, kh * kw);
    boolean pixel = x.dim(1) == 1 && x.dim(2) == 1 && kh == 1 && kw == 1;
    if (pixel) {
      Tensor weights = r.weight(node, "weight", dense, cout, x.dim(3));
      epilogue.finish(bias -> Linear.of(x, weights, bias, epilogue.residual(x, cout)));
      return;
    }
    int k = Math.max(kh, kw);
    int above = (k - kh) / 2;
    int before = (k - kw) / 2;
    Padding square =
        new Padding(
            padding.top() + above,
            padding.left() + before,
            padding.bottom() + k - kh - above,
            padding.right() + k - kw - before);
    float[] taps = kh == kw ? dense : square(dense, kh, kw, k, above, before);
    Tensor weights = r.weight(node, "weight", taps, cout, x.dim(3), k, k);
    int h = (x.dim(1) + square.top() + square.bottom() - k) / stride + 1;
    int width = (x.dim(2) + square.left() + square.right() - k) / stride + 1;
    Tensor residual = epilogue.residual(x.dim(0), h, width, cout);
    epilogue.finish(
        (bias, slope) -> Convolution.of(x, weights, bias, residual, slope, stride, square));
  }

  /** [C, 1, taps] to [taps, C]. */
  private static float[] depthwise(float[] w, int c, int taps) {
    float[] turned = new float[w.length];
    for (int i = 0; i < c; i++) {
      for (int t = 0; t < taps; t++) {
        turned[t * c + i] = w[i * taps + t];
      }
    }
    return turned;
  }

  /**
   * [Cout, Cin / groups, taps] to [Cout, Cin, taps], with zeros between the groups: the engine's
   * convolution has none.
   */
  private static float[] dense(float[] w, int cout, int in, int groups, int taps) {
    if (groups == 1) {
      return w;
    }
    int row = in * taps;
    float[] all = new float[w.length * groups];
    for (int o = 0; o < cout; o++) {
      int group = o / (cout / groups);
      System.arraycopy(w, o * row, all, (o * groups + group) * row, row);
    }
    return all;
  }

  /** [rows, kh, kw] to [rows, k, k], with zeros around. */
  private static float[] square(float[] w, int kh, int kw, int k, int above, int before) {
    int rows = w.length / (kh * kw);
    float[] all = new float[rows * k * k];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < kh; i++) {
        int to = (row * k + above + i) * k + before;
        System.arraycopy(w, (row * kh + i) * kw, all, to, kw);
      }
    }
    return all;
  }

  private void gemm(Node node) {
    OnnxTensor w = r.constant(node, 1);
    if (node.number("transA", 0) != 0 || w.dims().length != 2) {
      throw r.unknown(node, "with weights " + Arrays.toString(w.dims()) + " or transposed input");
    }
    boolean stored = node.number("transB", 0) != 0;
    float alpha = node.real("alpha", 1);
    product(node, stored ? w.dim(0) : w.dim(1), stored, alpha, node.real("beta", 1));
  }

  private void matmul(Node node) {
    OnnxTensor w = r.constant(node, 1);
    if (w.dims().length != 2) {
      throw r.unknown(node, "with weights " + Arrays.toString(w.dims()));
    }
    product(node, w.dim(1), false, 1, 1);
  }

  /**
   * @param rows whether a row of the weights belongs to an output
   */
  private void product(Node node, int out, boolean rows, float alpha, float beta) {
    Tensor x = r.tensor(node, r.value(node, 0));
    float[] stored = r.floats(node, 1);
    int in = stored.length / out;
    if (r.value(node, 0) instanceof Image || x.dim(-1) != in) {
      throw r.unknown(node, "of " + x + " with weights for " + in + " values");
    }
    Epilogue epilogue = new Epilogue(r, node, out, true).bias(beta).follow(false);
    float[] w = new float[stored.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        w[o * in + i] = alpha * stored[rows ? o * in + i : i * out + o];
      }
    }
    Tensor weights = r.weight(node, "weight", epilogue.scaled(w), out, in);
    epilogue.finish(bias -> Linear.of(x, weights, bias, null));
  }
}
