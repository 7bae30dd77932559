package dev.fizzy.engine;

import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * An operation prepared for a device: its shape is checked and its implementation chosen, but
 * addresses are not yet known.
 */
@FunctionalInterface
public interface Kernel {
  /**
   * The addresses that the planner assigned. They are resolved at bind time; a replay allocates
   * nothing.
   */
  interface Addresses {
    Pointer of(Tensor t);

    FloatPointer f32(Tensor t);

    default IntPointer i32(Tensor t) {
      return t == null ? null : new IntPointer(of(t));
    }

    /** {@link Kernel#scratchBytes()} bytes, undefined at the start of every run. */
    Pointer scratch();

    /** {@link Kernel#packedBytes()} bytes that keep the output of {@link Kernel#pack}. */
    Pointer packed();

    /** A whole flat region: all parameters, all gradients, or a moment of the optimizer. */
    FloatPointer region(Region region);

    /** Where the given parameters lie side by side in every flat region. */
    Parameters.Span span(List<Parameter> parameters);

    /** As {@link #region(Region)}, from the beginning of a span. */
    FloatPointer region(Region region, Parameters.Span span);

    /** A weight rounded to bf16, where weights are {@link Weights#NARROWED}. */
    Pointer narrow(Tensor weight);

    /** The same of a span; null where no rounded weights are kept. */
    Pointer narrow(Parameters.Span span);

    /** The number of floats at the beginning of each region that an optimizer may change. */
    long trainedElements();
  }

  /** Resolves addresses and returns the code that replays the operation. */
  Runnable bind(Addresses addresses);

  /**
   * As {@link #bind}, for the part that depends on parameters alone and runs once per model; null
   * if there is none.
   */
  default Runnable pack(Addresses addresses) {
    return null;
  }

  default long scratchBytes() {
    return 0;
  }

  default long packedBytes() {
    return 0;
  }

  /**
   * Whether the output may share memory with the input that {@link Operation#inPlace} names; some
   * libraries do not allow it.
   */
  default boolean inPlace() {
    return true;
  }

  /** The implementation, and why better ones were rejected. */
  default String implementation() {
    return "";
  }
}
