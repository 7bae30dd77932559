package dev.fizzy.model;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Weights stored as symmetric int8. A tensor NAME of integers q in -127..127 has a second tensor
 * NAME.scale, f32, with one scale s for each index of its first dimension, which is the output
 * channel except in transposed convolutions; the weights are q * s. With m the largest magnitude of
 * the channel, s is m / 127 in 17 significant bits and q the nearest integer to w / s, ties to
 * even; both are 0 if m is. Then q * s is exact in f32, and storing it again gives the same q and
 * s.
 */
final class Int8Weights {
  private static final Set<String> ENDS = Set.of("image_proj", "final");
  private static final int LARGEST = 127;
  private static final int DROPPED_BITS = 7; // of the 24 of f32: q has 7, and q * s is exact

  private Int8Weights() {}

  /**
   * Whether a model of int8 weights stores the tensor so: a matrix or filter of the network that
   * draws. Its first and last layer and its embeddings stay bf16: they are small, and rounding the
   * former was measured to make most of the error. So does the autoencoder.
   */
  static boolean stores(String name, long[] shape) {
    String layer = name.substring(0, Math.max(0, name.indexOf('.')));
    return shape.length >= 2
        && name.endsWith(".weight")
        && !ENDS.contains(layer)
        && !layer.endsWith("_emb")
        && !AutoencoderTensors.contains(name);
  }

  /** The two tensors to write for one of at least one dimension. */
  static List<Safetensors.Entry> entries(String name, long[] shape, Supplier<float[]> values) {
    int channels = Math.toIntExact(shape[0]);
    return List.of(
        new Safetensors.Entry(
            name,
            Safetensors.Type.I8,
            shape,
            () -> {
              float[] weights = values.get();
              return integers(weights, scales(weights, channels));
            }),
        new Safetensors.Entry(
            scale(name),
            Safetensors.Type.F32,
            new long[] {channels},
            () -> scales(values.get(), channels)));
  }

  private static float[] scales(float[] weights, int channels) {
    float[] scales = new float[channels];
    int size = weights.length / Math.max(1, channels);
    for (int c = 0; c < channels; c++) {
      float largest = 0;
      for (int i = c * size; i < (c + 1) * size; i++) {
        largest = Math.max(largest, Math.abs(weights[i]));
      }
      int bits = Float.floatToRawIntBits(largest / LARGEST);
      int half = 1 << DROPPED_BITS - 1;
      scales[c] = Float.intBitsToFloat((bits + half) >> DROPPED_BITS << DROPPED_BITS);
    }
    return scales;
  }

  private static float[] integers(float[] weights, float[] scales) {
    float[] integers = new float[weights.length];
    int size = weights.length / Math.max(1, scales.length);
    for (int i = 0; i < weights.length; i++) {
      float scale = scales[i / size];
      int q = scale == 0 ? 0 : (int) Math.rint((double) weights[i] / scale);
      integers[i] = Math.max(-LARGEST, Math.min(LARGEST, q));
    }
    return integers;
  }

  /** The values of a checked tensor of any type. */
  static float[] floats(Safetensors file, String name) {
    float[] values = file.floats(name);
    if (file.type(name) == Safetensors.Type.I8) {
      float[] scales = file.floats(scale(name));
      int size = values.length / Math.max(1, scales.length);
      for (int i = 0; i < values.length; i++) {
        values[i] *= scales[i / size];
      }
    }
    return values;
  }

  /** Whether the tensor consists of the scales of another one. */
  static boolean isScale(Safetensors file, String name) {
    String of = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    return name.equals(scale(of)) && file.has(of) && file.type(of) == Safetensors.Type.I8;
  }

  /**
   * Throws if an int8 tensor of the file has no scales, or has some that nothing is stored with.
   */
  static void check(Path path, Safetensors file) {
    for (String name : file.names()) {
      if (file.type(name) == Safetensors.Type.I8) {
        check(path, file, name);
      }
    }
  }

  private static void check(Path path, Safetensors file, String name) {
    String which = path + ": the int8 weight " + name;
    long[] shape = file.shape(name);
    if (!file.has(scale(name))) {
      throw new FileException(
          which + " has no scales: there is no tensor " + scale(name) + "; write the model again");
    }
    long[] expected = Arrays.copyOf(shape, Math.min(1, shape.length));
    Safetensors.Type type = file.type(scale(name));
    if (expected.length == 0
        || type != Safetensors.Type.F32
        || !Arrays.equals(expected, file.shape(scale(name)))) {
      throw new FileException(
          which
              + " of shape "
              + Arrays.toString(shape)
              + " needs F32 scales of shape "
              + Arrays.toString(expected)
              + " and has "
              + type
              + " "
              + Arrays.toString(file.shape(scale(name)))
              + "; write the model again");
    }
    float[] scales = file.floats(scale(name));
    for (int c = 0; c < scales.length; c++) {
      if (!(scales[c] >= 0) || scales[c] == Float.POSITIVE_INFINITY) {
        throw new FileException(
            which
                + " has the scale "
                + scales[c]
                + " for channel "
                + c
                + "; scales are finite and not negative; write the model again");
      }
    }
  }

  private static String scale(String name) {
    return name + ".scale";
  }
}
