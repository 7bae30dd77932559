package dev.fizzy.model.onnx;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.file.FileException;
import dev.fizzy.model.onnx.OnnxFile.Node;
import dev.fizzy.model.onnx.OnnxValue.Constant;
import dev.fizzy.model.onnx.OnnxValue.Image;
import dev.fizzy.model.onnx.OnnxValue.Plain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The values of an ONNX graph while it is recorded: what is known of each, who reads it, and the
 * weights that the operations declare.
 */
final class OnnxRecording {
  private final OnnxFile file;
  private final Graph graph;
  private final String prefix;
  private final boolean differentiable;
  private final int batch;
  private final long stored;
  private final Map<String, OnnxValue> values = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();
  private final Set<Node> needed = new HashSet<>();
  private final Set<Node> fused = new HashSet<>();
  private final Set<String> wanted;
  private final Map<String, float[]> weights;
  private final List<Image> images = new ArrayList<>();

  /**
   * @param differentiable whether gradients pass, which excludes what only inference can fuse
   * @param batch number of faces
   * @param stored batch size in the file, -1 if it is free
   * @param weights receives the values of each parameter that is declared
   */
  OnnxRecording(
      OnnxFile file,
      Graph graph,
      String prefix,
      boolean differentiable,
      int batch,
      long stored,
      Set<String> wanted,
      Map<String, float[]> weights) {
    this.file = file;
    this.graph = graph;
    this.prefix = prefix;
    this.differentiable = differentiable;
    this.batch = batch;
    this.stored = stored;
    this.wanted = wanted;
    this.weights = weights;
    need();
  }

  /** Finds the nodes that the wanted values depend on, and the readers of each value. */
  private void need() {
    Set<String> open = new HashSet<>(wanted);
    List<Node> nodes = file.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.outputs().stream().anyMatch(open::contains)) {
        needed.add(node);
        node.inputs().forEach(open::add);
        node.inputs().forEach(in -> readers.computeIfAbsent(in, k -> new ArrayList<>()).add(node));
      }
    }
  }

  boolean isNeeded(Node node) {
    return needed.contains(node) && !fused.contains(node);
  }

  boolean isDifferentiable() {
    return differentiable;
  }

  int batch() {
    return batch;
  }

  /** The batch size that constants of the file mean, -1 if it is free. */
  long stored() {
    return stored;
  }

  /** The value of this name, or null if it has not been recorded. */
  OnnxValue find(String name) {
    OnnxTensor weight = file.weights().get(name);
    return weight == null ? values.get(name) : new Constant(weight);
  }

  OnnxValue value(Node node, int input) {
    String name = node.input(input);
    OnnxValue value = name.isEmpty() ? null : find(name);
    if (value == null) {
      throw unknown(node, "needs input " + input + ", which is not known");
    }
    return value;
  }

  void put(String name, OnnxValue value) {
    values.put(name, value);
    if (value instanceof Image image) {
      images.add(image);
    }
  }

  /** The images recorded so far, in order. */
  List<Image> images() {
    return images;
  }

  /** The only reader of a value, or null if there are several or the value is wanted itself. */
  Node onlyReader(String name) {
    List<Node> all = readers.getOrDefault(name, List.of());
    return all.size() == 1 && !wanted.contains(name) ? all.get(0) : null;
  }

  /** Marks a node that was recorded together with one before it. */
  void fuse(Node node) {
    fused.add(node);
  }

  UnknownOperator unknown(Node node, String why) {
    return new UnknownOperator(
        file.path()
            + " has an operator that the engine does not compute: "
            + node.type()
            + " \""
            + node.name()
            + "\" "
            + why);
  }

  Image image(Node node, int input) {
    if (value(node, input) instanceof Image image) {
      return image;
    }
    throw unknown(node, "takes an image [B,C,H,W]");
  }

  OnnxTensor constant(Node node, int input) {
    if (value(node, input) instanceof Constant constant) {
      return constant.value();
    }
    throw unknown(node, "whose input " + input + " is not a weight");
  }

  float[] floats(Node node, int input) {
    OnnxTensor constant = constant(node, input);
    if (constant.floats() == null) {
      throw unknown(node, "whose input " + input + " is not stored as numbers in the file");
    }
    return constant.floats();
  }

  /** An integer list: an attribute, or in newer operator sets an input; null if there is none. */
  long[] integers(Node node, String attribute, int input) {
    if (node.attributes().containsKey(attribute)) {
      return node.numbers(attribute);
    }
    if (node.input(input).isEmpty()) {
      return null;
    }
    OnnxTensor constant = constant(node, input);
    if (constant.longs() == null) {
      throw unknown(node, "whose input " + input + " is not a list of integers");
    }
    return constant.longs();
  }

  /** A weight, which is not trained; its name tells what the node computes and its role there. */
  Tensor weight(Node node, String role, float[] values, int... shape) {
    String name = prefix + "." + node.output() + "." + role;
    float[] before = weights.put(name, values);
    if (before != null && !Arrays.equals(before, values)) {
      throw new EngineException(
          file.path() + ": values that share " + node.name() + " must be recorded together");
    }
    return graph.parameter(Parameter.state(name, Init.ZEROS, shape));
  }

  /** The extents as ONNX counts them. */
  long[] extents(Node node, OnnxValue value) {
    if (value instanceof Constant constant) {
      return constant.value().dims();
    }
    if (value instanceof Image image) {
      Tensor t = image.tensor();
      return new long[] {t.dim(0), t.dim(3), t.dim(1), t.dim(2)};
    }
    return Arrays.stream(tensor(node, value).shape()).asLongStream().toArray();
  }

  /** The tensor of an image or of a plain value. */
  Tensor tensor(Node node, OnnxValue value) {
    if (value instanceof Image image) {
      return image.tensor();
    }
    if (value instanceof Plain plain) {
      return plain.tensor();
    }
    throw unknown(node, "takes what the engine computes, not a constant");
  }

  /** The tensor of a wanted value. */
  Tensor wanted(String name) {
    OnnxValue value = find(name);
    if (value instanceof Image image) {
      return image.tensor();
    }
    if (value instanceof Plain plain) {
      return plain.tensor();
    }
    throw new FileException(file.path() + " computes no value " + name);
  }

  /** The same values with other extents, in ONNX's order. */
  OnnxValue reshape(OnnxValue value, int... extents) {
    Tensor t = contiguous(value);
    if (extents.length != 4) {
      return new Plain(Reshape.of(t, extents));
    }
    int c = extents[1];
    int pixels = extents[2] * extents[3];
    if (pixels > 1) {
      t = Transpose.of(Reshape.of(t, extents[0], c, pixels));
    }
    return new Image(Reshape.of(t, extents[0], extents[2], extents[3], c));
  }

  /** A tensor whose elements are in ONNX's order. */
  private static Tensor contiguous(OnnxValue value) {
    if (value instanceof Plain plain) {
      return plain.tensor();
    }
    Image image = (Image) value;
    Tensor t = image.tensor();
    if (image.isPixel()) {
      return t;
    }
    return Transpose.of(Reshape.of(t, t.dim(0), t.dim(1) * t.dim(2), t.dim(3)));
  }
}
