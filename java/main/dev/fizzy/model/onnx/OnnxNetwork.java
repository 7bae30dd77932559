package dev.fizzy.model.onnx;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.file.FileException;
import dev.fizzy.model.onnx.OnnxFile.Node;
import dev.fizzy.model.onnx.OnnxValue.Image;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A convolutional network in an ONNX file, as operations of the engine: from images to vectors and
 * feature maps, on any device, differentiable with respect to the images. Its weights are states,
 * which training does not change. Batch norms are folded into weights. A batch size that is fixed
 * in the file becomes free.
 *
 * <p>Operators: Conv (also grouped and depthwise), Gemm, MatMul, BatchNormalization; PRelu, Relu,
 * LeakyRelu, Sigmoid, HardSigmoid, HardSwish, Clip; Add, Sub, Mul, Div; pooling; ReduceL2 and
 * LpNormalization of rows; Flatten, Reshape and what exporters write to compute extents. {@link
 * UnknownOperator} names any other.
 */
public final class OnnxNetwork {
  private final OnnxFile file;
  private final String prefix;
  private final String input;
  private final long[] shape;
  private final Map<String, float[]> weights = new HashMap<>();

  private OnnxNetwork(OnnxFile file, String prefix) {
    this.file = file;
    this.prefix = prefix;
    input = file.inputs().keySet().stream().findFirst().orElse("");
    shape = file.inputs().getOrDefault(input, new long[0]);
    if (file.inputs().size() != 1 || shape.length != 4 || shape[1] != 3 && shape[3] != 3) {
      throw new FileException(
          file.path()
              + " takes "
              + String.join(", ", file.inputs().values().stream().map(Arrays::toString).toList())
              + "; expected one batch of f32 images with three channels, first or last");
    }
  }

  /**
   * Reads the file.
   *
   * @param prefix begins the names of its parameters, so that a graph can have several networks
   */
  public static OnnxNetwork open(Path file, String prefix) {
    return new OnnxNetwork(OnnxFile.read(file), prefix);
  }

  public String prefix() {
    return prefix;
  }

  public Path path() {
    return file.path();
  }

  /** Names of the outputs, in the file's order. */
  public List<String> outputs() {
    return file.outputs();
  }

  /** Height of the images, -1 if it is free. */
  public int height() {
    return Math.toIntExact(interleaved() ? shape[1] : shape[2]);
  }

  /** Width of the images, -1 if it is free. */
  public int width() {
    return Math.toIntExact(interleaved() ? shape[2] : shape[3]);
  }

  private boolean interleaved() {
    return shape[1] != 3;
  }

  /**
   * The number of values of each of these outputs for one image of this size; throws {@link
   * UnknownOperator} if the engine cannot compute one of them.
   */
  public Map<String, Integer> valuesPerImage(int height, int width, Set<String> outputs) {
    Graph g = new Graph(DType.F32);
    Tensor image = g.input("image", DType.F32, Stage.EVALUATION, 1, height, width, 3);
    Outputs all = record(image, false, outputs, new HashMap<>());
    Map<String, Integer> values = new LinkedHashMap<>();
    outputs.forEach(name -> values.put(name, Math.toIntExact(all.tensor(name).elements())));
    return values;
  }

  /**
   * What was recorded.
   *
   * @param named the wanted values by name: [B,H,W,C] for images, else ONNX's extents
   * @param maps the last feature map of each resolution [B,H,W,C], in order
   */
  public record Outputs(Map<String, Tensor> named, List<Tensor> maps) {
    public Tensor tensor(String name) {
      Tensor t = named.get(name);
      if (t == null) {
        throw new EngineException("no value " + name + " was recorded, only " + named.keySet());
      }
      return t;
    }
  }

  /**
   * Records the network for one or more values: outputs or values between the nodes.
   *
   * @param images [B,H,W,3], f32 or bf16, prepared as the network wants them; the network computes
   *     in their type
   * @param differentiable whether gradients with respect to the images are needed; without them
   *     activations are computed together with convolutions
   */
  public Outputs record(Tensor images, boolean differentiable, Set<String> wanted) {
    return record(images, differentiable, wanted, weights);
  }

  private Outputs record(
      Tensor images, boolean differentiable, Set<String> wanted, Map<String, float[]> declared) {
    checkSize(images);
    Graph graph = images.graph();
    OnnxRecording r =
        new OnnxRecording(
            file, graph, prefix, differentiable, images.dim(0), shape[0], wanted, declared);
    r.put(input, interleaved() ? new OnnxValue.Plain(images) : new Image(images));
    try (Graph.Scope ignored = graph.scope(prefix)) {
      for (Node node : file.nodes()) {
        if (r.isNeeded(node)) {
          try (Graph.Scope inner = graph.scope(node.name())) {
            record(r, node);
          }
        }
      }
    }
    Map<String, Tensor> named = new LinkedHashMap<>();
    wanted.forEach(name -> named.put(name, r.wanted(name)));
    return new Outputs(named, maps(r));
  }

  private void checkSize(Tensor images) {
    boolean fits =
        images.rank() == 4
            && images.dim(3) == 3
            && (height() < 0 || images.dim(1) == height())
            && (width() < 0 || images.dim(2) == width());
    if (!fits) {
      throw new EngineException(
          file.path() + " takes images [B," + height() + "," + width() + ",3], not " + images);
    }
  }

  private static void record(OnnxRecording r, Node node) {
    try {
      OnnxValue value = new OnnxShapes(r).record(node);
      value = value == null ? new OnnxPools(r).record(node) : value;
      if (value != null) {
        r.put(node.output(), value);
      } else if (!new OnnxConvolutions(r).record(node) && !new OnnxElements(r).record(node)) {
        throw r.unknown(node, "is unknown");
      }
    } catch (IndexOutOfBoundsException | ArithmeticException | NegativeArraySizeException e) {
      throw r.unknown(node, "has extents that do not fit together (" + e.getMessage() + ")");
    }
  }

  /** The last map of each resolution. */
  private static List<Tensor> maps(OnnxRecording r) {
    Map<List<Integer>, Tensor> last = new LinkedHashMap<>();
    for (Image image : r.images()) {
      Tensor t = image.tensor();
      if (!image.isPixel() && t.dim(3) != 3) {
        last.put(List.of(t.dim(1), t.dim(2)), t);
      }
    }
    return new ArrayList<>(new LinkedHashSet<>(last.values()));
  }

  /** Fills VALUES of those parameters that this network has declared. */
  public void fill(Parameters parameters) {
    parameters.write(Region.VALUES, weights);
  }
}
