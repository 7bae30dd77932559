package dev.fizzy.engine;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * An operation readied for a device: its shape is checked, its implementation chosen, its addresses
 * still open.
 */
@FunctionalInterface
public interface Kernel {
  /**
   * Where things ended up once the planner was done. Resolved at bind time; a replay allocates
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

    /** {@link Kernel#packedBytes()} bytes that keep what {@link Kernel#pack} wrote. */
    Pointer packed();

    /** The whole of a flat region: all parameters, all gradients, or a moment of the optimiser. */
    FloatPointer region(Region region);

    /** Floats at the beginning of each region that an optimiser may touch. */
    long trainedElements();
  }

  /** Resolves addresses and gives what replays the operation. */
  Runnable bind(Addresses addresses);

  /**
   * As {@link #bind}, for the part that depends on parameters alone and runs once a model; null
   * where there is none.
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

  /** What computes the operation, and why the better implementations were turned down. */
  default String implementation() {
    return "";
  }
}
