package dev.fizzy.engine;

import java.util.List;

/**
 * A tensor of the model as a layer declares it: either trained, or a state that the network itself
 * updates, such as running statistics, and the optimizer does not. Several tensors of the published
 * state dict may be stored as one (for example the weights of queries, keys and values), stacked
 * along the first dimension: {@link #pieces} lists them in order.
 *
 * @param name unique within the network
 * @param shape the shape that kernels use
 * @param pieces the tensors of the state dict that it consists of, in order
 * @param init the initial values
 * @param trained whether it has a gradient and an optimizer updates it
 * @param constant the values of a {@link #constant}, which has no pieces; null for all others
 */
public record Parameter(
    String name, int[] shape, List<Piece> pieces, Init init, boolean trained, float[] constant) {

  /**
   * A tensor of the state dict.
   *
   * @param name published name
   * @param shape published shape
   */
  public record Piece(String name, int[] shape) {
    public long elements() {
      long n = 1;
      for (int d : shape) {
        n *= d;
      }
      return n;
    }
  }

  /**
   * Initial values: uniform on (-bound, bound), normal with standard deviation bound, or the
   * constant bound.
   */
  public record Init(Kind kind, float bound) {
    /** The distributions. */
    public enum Kind {
      UNIFORM,
      NORMAL,
      CONSTANT
    }

    public static final Init ZEROS = new Init(Kind.CONSTANT, 0);
    public static final Init ONES = new Init(Kind.CONSTANT, 1);

    /**
     * The default of PyTorch's convolutions and linear layers: uniform with bound 1/sqrt(fan in).
     */
    public static Init fanIn(long fanIn) {
      return new Init(Kind.UNIFORM, (float) (1 / Math.sqrt(fanIn)));
    }

    public static Init normal(double deviation) {
      return new Init(Kind.NORMAL, (float) deviation);
    }
  }

  /** A trained parameter or a state. */
  public Parameter(String name, int[] shape, List<Piece> pieces, Init init, boolean trained) {
    this(name, shape, pieces, init, trained, null);
  }

  /** A trained parameter. */
  public Parameter(String name, int[] shape, List<Piece> pieces, Init init) {
    this(name, shape, pieces, init, true);
  }

  public static Parameter of(String name, Init init, int... shape) {
    return new Parameter(name, shape, List.of(new Piece(name, shape)), init);
  }

  /** A state, which the optimizer does not change: no gradient, no moment, no weight decay. */
  public static Parameter state(String name, Init init, int... shape) {
    return new Parameter(name, shape, List.of(new Piece(name, shape)), init, false);
  }

  /**
   * A state whose values follow from the network's configuration, such as the weights of a
   * resizing. No file contains them: {@link Parameters} have them from the beginning.
   */
  public static Parameter constant(String name, float[] values, int... shape) {
    return new Parameter(name, shape, List.of(), Init.ZEROS, false, values);
  }

  public Parameter {
    long own = new Piece(name, shape).elements();
    long given =
        constant == null ? pieces.stream().mapToLong(Piece::elements).sum() : constant.length;
    if (given != own) {
      throw new EngineException(
          "parameter "
              + name
              + " has "
              + own
              + " elements, its "
              + (constant == null ? "pieces have " : "values are ")
              + given);
    }
  }

  public long elements() {
    return new Piece(name, shape).elements();
  }

  /** This parameter of a network that is part of another, where its names begin with a path. */
  public Parameter within(String path) {
    List<Piece> renamed =
        pieces.stream().map(p -> new Piece(path + "." + p.name(), p.shape())).toList();
    return new Parameter(path + "." + name, shape, renamed, init, trained, constant);
  }
}
