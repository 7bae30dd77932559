package dev.fizzy.engine;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A value of a {@link Graph}: a shape and a type, without memory. Layout is row-major; images are
 * NHWC.
 */
public final class Tensor {
  private final Graph graph;
  private final int id;
  private final String name;
  private final DType type;
  private final Role role;
  private final Stage stage;
  private final int[] shape;

  Tensor(Graph graph, int id, String name, DType type, Role role, Stage stage, int[] shape) {
    for (int dimension : shape) {
      if (dimension < 1) {
        throw new EngineException("tensor " + name + " has shape " + Arrays.toString(shape));
      }
    }
    this.graph = graph;
    this.id = id;
    this.name = name;
    this.type = type;
    this.role = role;
    this.stage = stage;
    this.shape = shape.clone();
  }

  public Graph graph() {
    return graph;
  }

  public int id() {
    return id;
  }

  public String name() {
    return name;
  }

  public DType type() {
    return type;
  }

  public Role role() {
    return role;
  }

  public Stage stage() {
    return stage;
  }

  public int rank() {
    return shape.length;
  }

  public int[] shape() {
    return shape.clone();
  }

  /** Dimension {@code i}; a negative index counts from the end. */
  public int dim(int i) {
    return shape[i < 0 ? shape.length + i : i];
  }

  public long elements() {
    long n = 1;
    for (int dimension : shape) {
      n *= dimension;
    }
    return n;
  }

  /** Product of all dimensions but the last: the rows of a matrix product. */
  public int rows() {
    return Math.toIntExact(elements() / dim(-1));
  }

  public long bytes() {
    return elements() * type.bytes;
  }

  @Override
  public String toString() {
    return name
        + Arrays.stream(shape)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining("x", "[", "]"))
        + (type == DType.F32 ? "" : ":" + type);
  }
}
