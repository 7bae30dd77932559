package dev.fizzy.engine;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One recorded step of a {@link Graph}. Operations are records that name their tensors; a {@link
 * Device} turns them into kernels. The name is the kernel's name, from the command line to the .cu
 * file.
 */
public interface Operation {
  /** The kernel's name: the record's in snake case, as {@code group_norm_backward}. */
  default String name() {
    return OperationName.of(getClass());
  }

  List<Tensor> inputs();

  List<Tensor> outputs();

  /** Those of the tensors that are not null. */
  static List<Tensor> present(Tensor... tensors) {
    return Stream.of(tensors).filter(Objects::nonNull).toList();
  }

  /** Floating-point operations of one run, a multiply-add counting two. */
  long flops();

  /** Bytes that must cross memory at least once. */
  default long bytes() {
    return inputs().stream().mapToLong(Tensor::bytes).sum()
        + outputs().stream().mapToLong(Tensor::bytes).sum();
  }

  /** Index of the input whose memory the first output may take over, or -1. */
  default int inPlace() {
    return -1;
  }

  /**
   * Whether the first output is the first input under another shape: no kernel runs, no byte moves.
   */
  default boolean view() {
    return false;
  }

  /**
   * Records the operations that compute the gradients of the inputs from those of the outputs. The
   * default is for operations through which nothing can be learned.
   */
  default void gradient(Gradients gradients) {
    throw new EngineException("no gradient passes through " + name());
  }
}
