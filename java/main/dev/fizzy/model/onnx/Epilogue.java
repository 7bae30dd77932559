package dev.fizzy.model.onnx;

import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.PRelu;
import dev.fizzy.model.onnx.OnnxFile.Node;
import dev.fizzy.model.onnx.OnnxValue.Image;
import dev.fizzy.model.onnx.OnnxValue.Plain;
import java.util.Arrays;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * What is recorded together with a layer: its bias, a batch norm that alone reads it, which is
 * folded into weights and bias, and then an activation with one slope a channel or the addition of
 * another image.
 */
final class Epilogue {
  private final OnnxRecording r;
  private final Node node;
  private final int channels;
  private final boolean plain;
  private final double[] scale;
  private final double[] shift;
  private float[] slope;
  private Node addition;
  private String output;

  /**
   * Of a layer that has none yet.
   *
   * @param channels of the layer's output
   * @param plain whether the output is not an image
   */
  Epilogue(OnnxRecording r, Node node, int channels, boolean plain) {
    this.r = r;
    this.node = node;
    this.channels = channels;
    this.plain = plain;
    this.output = node.output();
    scale = new double[channels];
    shift = new double[channels];
    Arrays.fill(scale, 1);
  }

  /** Adds the bias of a convolution or a matrix product, its input 2, times a factor. */
  Epilogue bias(float factor) {
    if (!node.input(2).isEmpty()) {
      float[] bias = Channels.of(r, node, 2, channels, plain);
      for (int c = 0; c < channels; c++) {
        shift[c] += factor * bias[c];
      }
    }
    return this;
  }

  /**
   * Takes in the nodes that follow.
   *
   * @param adds whether the layer can add an image
   */
  Epilogue follow(boolean adds) {
    Node next = r.onlyReader(output);
    if (next != null && next.type().equals("BatchNormalization")) {
      normalize(next);
      take(next);
      next = r.onlyReader(output);
    }
    if (next != null && Channels.hasSlopes(next)) {
      slope = Channels.slopes(r, next, channels, plain);
      take(next);
    } else if (next != null && adds && next.type().equals("Add")) {
      addition = next;
    }
    return this;
  }

  private void take(Node next) {
    r.fuse(next);
    output = next.output();
  }

  /** Composes the norm, by its running statistics, with what the layer has so far. */
  Epilogue normalize(Node norm) {
    float[] gamma = Channels.of(r, norm, 1, channels, true);
    float[] beta = Channels.of(r, norm, 2, channels, true);
    float[] mean = Channels.of(r, norm, 3, channels, true);
    float[] variance = Channels.of(r, norm, 4, channels, true);
    double eps = norm.real("epsilon", 1e-5f);
    for (int c = 0; c < channels; c++) {
      double s = gamma[c] / Math.sqrt(variance[c] + eps);
      scale[c] *= s;
      shift[c] = (shift[c] - mean[c]) * s + beta[c];
    }
    return this;
  }

  /** Composes y = factor x + term. */
  Epilogue affine(double[] factor, double[] term) {
    for (int c = 0; c < channels; c++) {
      scale[c] *= factor[c];
      shift[c] = shift[c] * factor[c] + term[c];
    }
    return this;
  }

  /** The weights, of which each output has a row, times the scale. */
  float[] scaled(float[] w) {
    int row = w.length / channels;
    float[] out = new float[w.length];
    for (int i = 0; i < w.length; i++) {
      out[i] = (float) (w[i] * scale[i / row]);
    }
    return out;
  }

  /** The image that is added, or null: it must be known and have these extents. */
  Tensor residual(int... shape) {
    if (addition == null) {
      return null;
    }
    int other = addition.input(0).equals(output) ? 1 : 0;
    OnnxValue value = r.find(addition.input(other));
    if (!(value instanceof Image image) || !Arrays.equals(image.tensor().shape(), shape)) {
      return null;
    }
    take(addition);
    return image.tensor();
  }

  /** As {@link #residual(int...)} for a layer that keeps the pixels of x. */
  Tensor residual(Tensor x, int out) {
    return residual(x.dim(0), x.dim(1), x.dim(2), out);
  }

  private Tensor bias() {
    boolean none = Arrays.stream(shift).allMatch(s -> s == 0);
    float[] values = new float[channels];
    for (int c = 0; c < channels; c++) {
      values[c] = (float) shift[c];
    }
    return none ? null : r.weight(node, "bias", values, channels);
  }

  private Tensor slopes() {
    return slope == null ? null : r.weight(node, "slope", slope, channels);
  }

  /** Records a layer that takes a bias. */
  void finish(UnaryOperator<Tensor> layer) {
    Tensor y = layer.apply(bias());
    put(slope == null ? y : PRelu.of(y, slopes()));
  }

  /** Records a layer that takes a bias and, for inference, slopes. */
  void finish(BinaryOperator<Tensor> layer) {
    if (r.isDifferentiable()) {
      finish(bias -> layer.apply(bias, null));
    } else {
      put(layer.apply(bias(), slopes()));
    }
  }

  private void put(Tensor y) {
    r.put(output, plain ? new Plain(y) : new Image(y));
  }
}
