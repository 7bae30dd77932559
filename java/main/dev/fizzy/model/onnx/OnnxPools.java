package dev.fizzy.model.onnx;

import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.DepthwiseConvolution;
import dev.fizzy.engine.op.MaxPool;
import dev.fizzy.model.onnx.OnnxFile.Node;
import dev.fizzy.model.onnx.OnnxValue.Image;
import java.util.Arrays;

/** Pooling. A mean is a depthwise convolution with equal weights. */
final class OnnxPools {
  private final OnnxRecording r;

  OnnxPools(OnnxRecording recording) {
    this.r = recording;
  }

  /** Returns the node's output, or null if it is none of these operators. */
  OnnxValue record(Node node) {
    return switch (node.type()) {
      case "GlobalAveragePool" -> whole(node);
      case "ReduceMean" -> reduced(node);
      case "AveragePool" -> average(node);
      case "MaxPool" -> largest(node);
      default -> null;
    };
  }

  private Image mean(Node node, Tensor x, int kh, int kw, int stride, Padding padding) {
    float[] equal = new float[kh * kw * x.dim(3)];
    Arrays.fill(equal, 1f / (kh * kw));
    Tensor weights = r.weight(node, "mean", equal, kh, kw, x.dim(3));
    return new Image(DepthwiseConvolution.of(x, weights, null, null, stride, padding));
  }

  private Image whole(Node node) {
    Tensor x = r.image(node, 0).tensor();
    return mean(node, x, x.dim(1), x.dim(2), 1, Padding.same(0));
  }

  private OnnxValue reduced(Node node) {
    long[] axes = r.integers(node, "axes", 1);
    long[] over = axes == null ? new long[0] : axes.clone();
    for (int i = 0; i < over.length; i++) {
      over[i] += over[i] < 0 ? 4 : 0;
    }
    Arrays.sort(over);
    if (!Arrays.equals(over, new long[] {2, 3})) {
      throw r.unknown(node, "over " + Arrays.toString(axes) + ", not over height and width");
    }
    Image mean = whole(node);
    boolean kept = node.number("keepdims", 1) != 0;
    return kept ? mean : r.reshape(mean, r.batch(), mean.tensor().dim(3));
  }

  private OnnxValue average(Node node) {
    Tensor x = r.image(node, 0).tensor();
    int[] k = kernel(node);
    int stride = OnnxConvolutions.stride(r, node);
    Padding padding = OnnxConvolutions.padding(r, node, x, k[0], k[1], stride);
    boolean padded = !padding.equals(Padding.same(0));
    if (node.number("ceil_mode", 0) != 0 || padded && node.number("count_include_pad", 0) == 0) {
      throw r.unknown(node, "with windows that are cut at the edge");
    }
    return mean(node, x, k[0], k[1], stride, padding);
  }

  private OnnxValue largest(Node node) {
    Tensor x = r.image(node, 0).tensor();
    int[] k = kernel(node);
    int stride = OnnxConvolutions.stride(r, node);
    if (k[0] != k[1] || node.outputs().size() > 1) {
      throw r.unknown(node, "with windows of " + k[0] + "x" + k[1] + " or with indices");
    }
    Padding padding = OnnxConvolutions.padding(r, node, x, k[0], k[1], stride);
    return new Image(MaxPool.of(x, k[0], stride, padding, node.number("ceil_mode", 0) != 0));
  }

  private int[] kernel(Node node) {
    long[] k = node.numbers("kernel_shape");
    if (k.length != 2) {
      throw r.unknown(node, "with windows " + Arrays.toString(k));
    }
    return new int[] {Math.toIntExact(k[0]), Math.toIntExact(k[1])};
  }
}
