package dev.fizzy.engine;

/** Element type of a tensor. Kernels take its {@link #code}. */
public enum DType {
  F32(0, 4),
  BF16(1, 2),
  I32(2, 4),
  U8(3, 1);

  public final int code;
  public final int bytes;

  DType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }
}
