package dev.fizzy.engine;

/** Element type of a tensor, or type in which a graph computes. Kernels take its {@link #code}. */
public enum DType {
  F32(0, 4),
  BF16(1, 2),
  I32(2, 4),
  U8(3, 1),
  /**
   * Of graphs alone: as BF16, and convolutions and matrix products that quantize multiply integers.
   */
  INT8(-1, 1);

  public final int code;
  public final int bytes;

  DType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The type of the activations of a graph that computes in this one. */
  public DType activations() {
    return this == INT8 ? BF16 : this;
  }

  /** The bits of a float as BF16, rounded to nearest, ties to even; NaN stays NaN. */
  public static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
