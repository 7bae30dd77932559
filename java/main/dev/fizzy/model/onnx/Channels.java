package dev.fizzy.model.onnx;

import dev.fizzy.model.onnx.OnnxFile.Node;
import java.util.Arrays;
import java.util.Set;

/** Constants with one value a channel, as ONNX broadcasts them. */
final class Channels {
  private static final Set<String> WITH_SLOPES = Set.of("PRelu", "Relu", "LeakyRelu");

  private Channels() {}

  /**
   * A constant input as one value a channel.
   *
   * @param plain whether the channels are the last dimension, not the one before height and width
   */
  static float[] of(OnnxRecording r, Node node, int input, int channels, boolean plain) {
    float[] values = r.floats(node, input);
    long[] dims = r.constant(node, input).dims();
    float[] all = new float[channels];
    if (values.length == 1) {
      Arrays.fill(all, values[0]);
      return all;
    }
    boolean bias = dims.length == 1 && node.type().equals("Conv");
    int from = plain || bias ? dims.length - 1 : dims.length - 3;
    if (values.length != channels || from < 0 || dims[from] != channels) {
      throw r.unknown(
          node, "with " + Arrays.toString(dims) + " values for " + channels + " channels");
    }
    return values;
  }

  /** Whether the node is max(x, 0) + slope min(x, 0). */
  static boolean hasSlopes(Node node) {
    return WITH_SLOPES.contains(node.type());
  }

  static float[] slopes(OnnxRecording r, Node node, int channels, boolean plain) {
    if (node.type().equals("PRelu")) {
      return of(r, node, 1, channels, plain);
    }
    float[] slopes = new float[channels];
    Arrays.fill(slopes, node.type().equals("LeakyRelu") ? node.real("alpha", .01f) : 0);
    return slopes;
  }
}
