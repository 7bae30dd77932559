package dev.fizzy.model.onnx;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The values of a recorded graph while it is written as ONNX. The engine has channels last, ONNX
 * has them first. A value keeps the order in which it was computed and is transposed only if an
 * operation needs the other order, so transpositions remain only around operations on tokens.
 */
final class OnnxGraph {
  private static final int LAST = 0;
  private static final int FIRST = 1;

  private final OnnxModel model = new OnnxModel();
  private final Map<Tensor, String[]> values = new HashMap<>();
  private final Map<String, String> constants = new HashMap<>();
  private final Set<String> named = new HashSet<>();
  private final Map<String, Parameter> parameters;
  private final Map<Integer, Tensor> larger = new HashMap<>();
  private final Function<Parameter, float[]> weights;
  private String scope = "";
  private int count;

  /**
   * @param other the same network recorded at another batch size: extents that differ are free
   */
  OnnxGraph(Graph graph, Graph other, Function<Parameter, float[]> weights) {
    this.weights = weights;
    this.parameters =
        graph.parameters().stream().collect(Collectors.toMap(Parameter::name, p -> p));
    for (Tensor t : other.tensors()) {
      larger.put(t.id(), t);
    }
  }

  OnnxModel model() {
    return model;
  }

  void scope(String now) {
    scope = now;
  }

  /** The tensor's extents, -1 where the batch is free. */
  long[] shape(Tensor t) {
    long[] shape = new long[t.rank()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = t.dim(i) == larger.get(t.id()).dim(i) ? t.dim(i) : -1;
    }
    if (Arrays.stream(shape).filter(d -> d < 0).count() > 1) {
      throw new EngineException(t + " depends on the batch in more than one extent");
    }
    return shape;
  }

  /** The extents with the channels first. */
  long[] shapeFirst(Tensor t) {
    long[] last = shape(t);
    long[] first = last.clone();
    for (int i = 1; i < last.length; i++) {
      first[i] = last[i == 1 ? last.length - 1 : i - 1];
    }
    return first;
  }

  /** Whether the tensor has channels that are not next to the batch. */
  static boolean spatial(Tensor t) {
    return t.rank() > 2;
  }

  /** The value with its channels last. */
  String last(Tensor t) {
    return value(t, LAST);
  }

  /** The value with its channels first; unchanged if it has at most two dimensions. */
  String first(Tensor t) {
    return spatial(t) ? value(t, FIRST) : value(t, LAST);
  }

  /** Whether the value is available with its channels first. */
  boolean isFirst(Tensor t) {
    return values.containsKey(t) && values.get(t)[FIRST] != null;
  }

  private String value(Tensor t, int order) {
    String[] known = values.get(t);
    if (known == null) {
      throw new EngineException(t + " is used before an exported operation computes it");
    }
    if (known[order] == null) {
      long[] turn = new long[t.rank()];
      for (int i = 1; i < turn.length; i++) {
        if (order == FIRST) {
          turn[i] = i == 1 ? turn.length - 1 : i - 1;
        } else {
          turn[i] = i == turn.length - 1 ? 1 : i + 1;
        }
      }
      known[order] = node("Transpose", Map.of("perm", turn), known[1 - order]);
    }
    return known[order];
  }

  void setLast(Tensor t, String name) {
    values.computeIfAbsent(t, k -> new String[2])[LAST] = name;
  }

  void setFirst(Tensor t, String name) {
    values.computeIfAbsent(t, k -> new String[2])[spatial(t) ? FIRST : LAST] = name;
  }

  /** A new name for a node's output. */
  String name() {
    return "v" + count++;
  }

  /** Adds a node with one output and returns the output's name. */
  String node(String type, Map<String, Object> attributes, String... inputs) {
    String out = name();
    model.node(type, scope, List.of(inputs), List.of(out), attributes);
    return out;
  }

  String node(String type, String... inputs) {
    return node(type, Map.of(), inputs);
  }

  String reshape(String value, long... shape) {
    return node("Reshape", value, longs(shape));
  }

  String longs(long... values) {
    return constants.computeIfAbsent(
        "i" + Arrays.toString(values),
        key -> {
          String name = "c" + constants.size();
          model.longs(name, values);
          return name;
        });
  }

  String floats(long[] dims, float... values) {
    return constants.computeIfAbsent(
        "f" + Arrays.toString(dims) + Arrays.toString(values),
        key -> {
          String name = "c" + constants.size();
          model.floats(name, dims, () -> values);
          return name;
        });
  }

  String scalar(float value) {
    return floats(new long[0], value);
  }

  /** A parameter under its own name, viewed with another shape. */
  String weight(Tensor t, long... dims) {
    Parameter parameter = parameters.get(t.name());
    if (parameter == null) {
      throw new EngineException(t + " is not a parameter of the network");
    }
    return constants.computeIfAbsent(
        "p" + t.name() + Arrays.toString(dims),
        key -> {
          String name = named.add(t.name()) ? t.name() : t.name() + "#" + constants.size();
          model.floats(name, dims, () -> weights.apply(parameter));
          return name;
        });
  }

  /** A parameter with its own shape. */
  String weight(Tensor t) {
    return weight(t, Arrays.stream(t.shape()).asLongStream().toArray());
  }

  /** A weight per channel, shaped to be multiplied with or added to {@link #first} of an image. */
  String channels(Tensor t, Tensor image) {
    long[] dims = new long[Math.max(1, image.rank() - 1)];
    Arrays.fill(dims, 1);
    dims[0] = t.elements();
    return weight(t, dims);
  }
}
