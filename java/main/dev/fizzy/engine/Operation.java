package dev.fizzy.engine;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One recorded step of a {@link Graph}. Operations are records that name their tensors; a {@link
 * Device} turns them into kernels. Its name is also the kernel's, from the command line to the .cu
 * file.
 */
public interface Operation {
  /** The kernel's name: the record's name in snake case, as {@code group_norm_backward}. */
  default String name() {
    return OperationName.of(getClass());
  }

  List<Tensor> inputs();

  List<Tensor> outputs();

  /** The tensors that are not null. */
  static List<Tensor> present(Tensor... tensors) {
    return Stream.of(tensors).filter(Objects::nonNull).toList();
  }

  /** Floating-point operations of one run; a multiply-add counts as two. */
  long flops();

  /** The minimum number of bytes that one run must read and write. */
  default long bytes() {
    return inputs().stream().mapToLong(Tensor::bytes).sum()
        + outputs().stream().mapToLong(Tensor::bytes).sum();
  }

  /** {@link #bytes()} in a program with such weights. */
  default long bytes(Weights weights) {
    return bytes();
  }

  /** Index of the input whose memory the first output may reuse, or -1. */
  default int inPlace() {
    return -1;
  }

  /**
   * Whether the first output is the first input with another shape: no kernel runs, nothing is
   * copied.
   */
  default boolean view() {
    return false;
  }

  /** Whether it multiplies integers, which its data are rounded to. */
  default boolean multipliesIntegers() {
    return false;
  }

  /** Whether it changes the parameters. */
  default boolean optimizes() {
    return false;
  }

  /**
   * Records the operations that compute the gradients of the inputs from those of the outputs. The
   * default is for operations that have no gradient.
   */
  default void gradient(Gradients gradients) {
    throw new EngineException("no gradient passes through " + name());
  }
}
