package dev.fizzy.model.onnx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes small networks with random weights as ONNX files, in the forms of published embedders. */
public final class OnnxNetworks {
  static final String OUTPUT = "embedding";
  private static final String INPUT = "data";

  private final OnnxModel model = new OnnxModel();
  private final Random random;
  private int count;

  private OnnxNetworks(int seed) {
    random = new Random(seed);
  }

  private String node(String type, Map<String, Object> attributes, String... inputs) {
    String output = "v" + count++;
    model.node(type, "", Arrays.asList(inputs), List.of(output), attributes);
    return output;
  }

  private String weight(double scale, double shift, long... dims) {
    int n = (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (random.nextGaussian() * scale + shift);
    }
    return constant(dims, values);
  }

  private String constant(long[] dims, float... values) {
    String name = "w" + count++;
    model.floats(name, dims, () -> values);
    return name;
  }

  private String integers(long... values) {
    String name = "i" + count++;
    model.longs(name, values);
    return name;
  }

  /** A convolution from {@code in} channels; its filters are as large as they are given. */
  private String convolution(
      String x, int in, int out, int kh, int kw, int stride, int pad, int groups) {
    Map<String, Object> attributes =
        Map.of(
            "kernel_shape", new long[] {kh, kw},
            "strides", new long[] {stride, stride},
            "pads", new long[] {pad, pad, pad, pad},
            "group", (long) groups);
    double scale = Math.sqrt(1. * groups / (in * kh * kw));
    String w = weight(scale, 0, out, in / groups, kh, kw);
    return node("Conv", attributes, x, w, weight(.1, 0, out));
  }

  private String prelu(String x, int c) {
    return node("PRelu", Map.of(), x, weight(.1, .25, c, 1, 1));
  }

  private String norm(String x, int c) {
    String gamma = weight(.2, 1, c);
    String beta = weight(.2, 0, c);
    String mean = weight(.2, 0, c);
    String variance = weight(.05, 1, c);
    Map<String, Object> eps = Map.of("epsilon", 2e-5f);
    return node("BatchNormalization", eps, x, gamma, beta, mean, variance);
  }

  private Path write(Path file, String y, int batch, int height, int width, int out) {
    model.input(INPUT, batch, 3, height, width);
    model.output(OUTPUT, batch, out);
    model.node("Identity", "", List.of(y), List.of(OUTPUT), Map.of());
    model.write(file, "test", Map.of());
    return file;
  }

  /**
   * MobileFaceNet's layers on 28x24 faces: depthwise, pointwise and a last filter of the map's
   * size; the batch is fixed at 1, also in the last shape.
   */
  public static Path mobileFaceNet(Path file) {
    OnnxNetworks n = new OnnxNetworks(1);
    String h = n.prelu(n.convolution(INPUT, 3, 16, 3, 3, 2, 1, 1), 16);
    h = n.prelu(n.convolution(h, 16, 16, 3, 3, 1, 1, 16), 16);
    String block = n.prelu(n.convolution(h, 16, 32, 1, 1, 1, 0, 1), 32);
    block = n.prelu(n.convolution(block, 32, 32, 3, 3, 1, 1, 32), 32);
    h = n.node("Add", Map.of(), h, n.convolution(block, 32, 16, 1, 1, 1, 0, 1));
    h = n.prelu(n.convolution(h, 16, 40, 1, 1, 1, 0, 1), 40);
    h = n.prelu(n.convolution(h, 40, 40, 3, 3, 2, 1, 40), 40);
    h = n.convolution(h, 40, 40, 7, 6, 1, 0, 40);
    h = n.convolution(h, 40, 24, 1, 1, 1, 0, 1);
    return n.write(file, n.node("Reshape", Map.of(), h, n.integers(1, -1)), 1, 28, 24, 24);
  }

  /** iResNet's layers with all their norms, before and after the convolutions and at the end. */
  static Path iResNet(Path file) {
    OnnxNetworks n = new OnnxNetworks(2);
    String x = n.prelu(n.norm(n.convolution(INPUT, 3, 16, 3, 3, 1, 1, 1), 16), 16);
    String h = n.prelu(n.norm(n.convolution(n.norm(x, 16), 16, 24, 3, 3, 1, 1, 1), 24), 24);
    h = n.norm(n.convolution(h, 24, 24, 3, 3, 2, 1, 1), 24);
    h = n.node("Add", Map.of(), h, n.norm(n.convolution(x, 16, 24, 1, 1, 2, 0, 1), 24));
    h = n.node("Dropout", Map.of(), n.norm(h, 24));
    h = n.node("Flatten", Map.of("axis", 1L), h);
    String w = n.weight(.05, 0, 32, 24 * 8 * 8);
    h = n.node("Gemm", Map.of("transB", 1L), h, w, n.weight(.1, 0, 32));
    return n.write(file, n.norm(h, 32), -1, 16, 16, 32);
  }

  /** A map of 5x7, whose order matters when it is flattened, by every operator that does so. */
  static Path flattened(Path file) {
    OnnxNetworks n = new OnnxNetworks(3);
    String map = n.node("Relu", Map.of(), n.convolution(INPUT, 3, 4, 3, 3, 2, 1, 1));
    String a = n.node("Flatten", Map.of(), map);
    a = n.node("MatMul", Map.of(), a, n.weight(.1, 0, 140, 12));
    String shape = n.node("Shape", Map.of(), map);
    String batch = n.node("Gather", Map.of("axis", 0L), shape, n.integers(0));
    String both = n.node("Concat", Map.of("axis", 0L), batch, n.integers(-1));
    String b = n.node("Reshape", Map.of(), map, both);
    Map<String, Object> factor = Map.of("alpha", .5f, "beta", 2f);
    b = n.node("Gemm", factor, b, n.weight(.1, 0, 140, 12), n.weight(.1, 0, 12));
    return n.write(file, n.node("Add", Map.of(), a, b), -1, 10, 14, 12);
  }

  /** Pooling of every kind, squeeze and excitation, and the activations of mobile networks. */
  static Path pools(Path file) {
    OnnxNetworks n = new OnnxNetworks(4);
    String mean = n.constant(new long[] {1, 3, 1, 1}, .1f, -.2f, .3f);
    String h = n.node("Sub", Map.of(), INPUT, mean);
    h = n.node("Div", Map.of(), h, n.constant(new long[0], .7f));
    Map<String, Object> stem =
        Map.of(
            "kernel_shape", new long[] {3, 3},
            "strides", new long[] {2, 2},
            "pads", new long[] {1, 1, 1, 1});
    h = n.node("MaxPool", stem, n.convolution(h, 3, 8, 3, 3, 1, 1, 1));
    h = n.node("HardSwish", Map.of(), h);
    String gate = n.node("GlobalAveragePool", Map.of(), h);
    gate = n.node("Relu", Map.of(), n.convolution(gate, 8, 4, 1, 1, 1, 0, 1));
    gate = n.node("Sigmoid", Map.of(), n.convolution(gate, 4, 8, 1, 1, 1, 0, 1));
    h = n.node("Mul", Map.of(), h, gate);
    Map<String, Object> halves =
        Map.of("kernel_shape", new long[] {2, 2}, "strides", new long[] {2, 2});
    h = n.node("AveragePool", halves, h);
    String zero = n.constant(new long[0], 0);
    h =
        n.node(
            "Clip",
            Map.of(),
            n.convolution(h, 8, 8, 1, 3, 1, 1, 2),
            zero,
            n.constant(new long[0], 6));
    h = n.node("LeakyRelu", Map.of("alpha", .2f), n.convolution(h, 8, 12, 3, 3, 1, 1, 4));
    h = n.node("ReduceMean", Map.of("axes", new long[] {2, 3}, "keepdims", 0L), h);
    return n.write(file, n.unit(h), -1, 16, 16, 12);
  }

  /** Rows of unit length, as PyTorch writes them. */
  private String unit(String rows) {
    Map<String, Object> axes = new HashMap<>(Map.of("axes", new long[] {1}, "keepdims", 1L));
    String length = node("ReduceL2", axes, rows);
    length = node("Clip", Map.of(), length, constant(new long[0], 1e-12f));
    length = node("Expand", Map.of(), length, node("Shape", Map.of(), rows));
    return node("Div", Map.of(), rows, length);
  }

  /** One map, of a quarter of the input's height but not of its width: 2x2 of 8x12. */
  public static Path narrowMap(Path file) {
    OnnxNetworks n = new OnnxNetworks(6);
    String h = n.convolution(INPUT, 3, 4, 4, 8, 4, 0, 1);
    return n.write(file, n.node("Flatten", Map.of(), h), 1, 8, 12, 16);
  }

  /** A network with an operator that the engine does not compute. */
  static Path unknown(Path file) {
    OnnxNetworks n = new OnnxNetworks(5);
    String h = n.node("Softplus", Map.of(), n.convolution(INPUT, 3, 4, 3, 3, 2, 1, 1));
    return n.write(file, n.node("Flatten", Map.of(), h), 1, 10, 14, 140);
  }

  static List<String> names() {
    return new ArrayList<>(List.of("mobileFaceNet", "iResNet", "flattened", "pools"));
  }

  static Path write(String name, Path file) {
    return switch (name) {
      case "mobileFaceNet" -> mobileFaceNet(file);
      case "iResNet" -> iResNet(file);
      case "flattened" -> flattened(file);
      default -> pools(file);
    };
  }
}
