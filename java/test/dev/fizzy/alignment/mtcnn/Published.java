package dev.fizzy.alignment.mtcnn;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * MTCNN's networks as facenet publishes them, computed plainly: images have x before y, weights are
 * [x, y, in, out], sums are double. Weights are random.
 */
final class Published {
  /** Values [x, y, channel]. */
  record Map3(int w, int h, int c, double[] v) {
    double at(int x, int y, int k) {
      return v[(x * h + y) * c + k];
    }
  }

  private final Random random;
  final Map<String, MtcnnWeights.Array> tensors = new HashMap<>();

  Published(long seed) {
    random = new Random(seed);
  }

  MtcnnWeights weights() {
    return new MtcnnWeights("random weights", tensors);
  }

  /** Pixels [row, column, 3] as the networks want them. */
  static Map3 image(byte[] pixels, int from, int w, int h) {
    double[] v = new double[w * h * 3];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        for (int c = 0; c < 3; c++) {
          v[(x * h + y) * 3 + c] = ((pixels[from + 3 * (y * w + x) + c] & 255) - 127.5) / 128;
        }
      }
    }
    return new Map3(w, h, 3, v);
  }

  /** The tensor, made when first asked for; PyTorch's order. */
  private float[] tensor(String name, double deviation, int... shape) {
    return tensors
        .computeIfAbsent(
            name,
            n -> {
              int count = 1;
              for (int extent : shape) {
                count *= extent;
              }
              float[] values = new float[count];
              for (int i = 0; i < count; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
              }
              return new MtcnnWeights.Array(shape, values);
            })
        .values();
  }

  private Map3 raw(String name, Map3 in, int out, int k) {
    double deviation = 1 / Math.sqrt(in.c * k * k);
    float[] w = tensor(name + ".weight", deviation, out, in.c, k, k);
    float[] b = tensor(name + ".bias", .1, out);
    int ow = in.w - k + 1;
    int oh = in.h - k + 1;
    double[] v = new double[ow * oh * out];
    for (int x = 0; x < ow; x++) {
      for (int y = 0; y < oh; y++) {
        for (int o = 0; o < out; o++) {
          double sum = b[o];
          for (int i = 0; i < in.c; i++) {
            for (int dy = 0; dy < k; dy++) {
              for (int dx = 0; dx < k; dx++) {
                sum += w[((o * in.c + i) * k + dy) * k + dx] * in.at(x + dx, y + dy, i);
              }
            }
          }
          v[(x * oh + y) * out + o] = sum;
        }
      }
    }
    return new Map3(ow, oh, out, v);
  }

  Map3 convolution(int number, Map3 in, int out, int k) {
    return prelu(number, raw("conv" + number, in, out, k));
  }

  private Map3 prelu(int number, Map3 in) {
    float[] slope = tensor("prelu" + number + ".weight", .3, in.c);
    for (int i = 0; i < in.v.length; i++) {
      in.v[i] = in.v[i] > 0 ? in.v[i] : in.v[i] * slope[i % in.c];
    }
    return in;
  }

  /** Every second window, the number rounded up. */
  Map3 pool(Map3 in, int k) {
    int ow = (in.w - k + 1) / 2 + 1;
    int oh = (in.h - k + 1) / 2 + 1;
    double[] v = new double[ow * oh * in.c];
    for (int i = 0; i < v.length; i++) {
      int x = i / in.c / oh;
      int y = i / in.c % oh;
      v[i] = Double.NEGATIVE_INFINITY;
      for (int a = 2 * x; a < Math.min(in.w, 2 * x + k); a++) {
        for (int b = 2 * y; b < Math.min(in.h, 2 * y + k); b++) {
          v[i] = Math.max(v[i], in.at(a, b, i % in.c));
        }
      }
    }
    return new Map3(ow, oh, in.c, v);
  }

  /** Inputs are counted [x, y, channel], as they lie. */
  private double[] raw(String name, double[] in, int out) {
    float[] w = tensor(name + ".weight", 1 / Math.sqrt(in.length), out, in.length);
    float[] b = tensor(name + ".bias", .1, out);
    double[] v = new double[out];
    for (int o = 0; o < out; o++) {
      v[o] = b[o];
      for (int i = 0; i < in.length; i++) {
        v[o] += w[o * in.length + i] * in[i];
      }
    }
    return v;
  }

  private double[] dense(int number, double[] in, int out) {
    return prelu(number, new Map3(1, 1, out, raw("dense" + number, in, out))).v;
  }

  /** Logits and corrections, [x, y, 6]. */
  Map3 proposal(Map3 image) {
    Map3 h = convolution(1, image, 10, 3);
    h = convolution(3, convolution(2, pool(h, 2), 16, 3), 32, 3);
    Map3 logits = raw("conv4_1", h, 2, 1);
    Map3 corrections = raw("conv4_2", h, 4, 1);
    double[] v = new double[6 * h.w * h.h];
    for (int i = 0; i < h.w * h.h; i++) {
      System.arraycopy(logits.v, 2 * i, v, 6 * i, 2);
      System.arraycopy(corrections.v, 4 * i, v, 6 * i + 2, 4);
    }
    return new Map3(h.w, h.h, 6, v);
  }

  double[] refinement(Map3 image) {
    Map3 h = pool(convolution(1, image, 28, 3), 3);
    h = convolution(3, pool(convolution(2, h, 48, 3), 3), 64, 2);
    double[] d = dense(4, h.v, 128);
    return joined(raw("dense5_1", d, 2), raw("dense5_2", d, 4));
  }

  double[] output(Map3 image) {
    Map3 h = pool(convolution(1, image, 32, 3), 3);
    h = pool(convolution(2, h, 64, 3), 3);
    h = convolution(4, pool(convolution(3, h, 64, 3), 2), 128, 2);
    double[] d = dense(5, h.v, 256);
    return joined(raw("dense6_1", d, 2), raw("dense6_2", d, 4), raw("dense6_3", d, 10));
  }

  private static double[] joined(double[]... parts) {
    return java.util.Arrays.stream(parts).flatMapToDouble(java.util.Arrays::stream).toArray();
  }
}
