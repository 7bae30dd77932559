package dev.fizzy.diffusion;

/** Mirrors images horizontally. */
public final class Mirror {
  private Mirror() {}

  /**
   * Writes the mirror image of {@code face}, RGB [size,size,3], to {@code out} at {@code offset}.
   */
  public static void copy(byte[] face, int size, byte[] out, int offset) {
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        int from = (y * size + x) * 3;
        int to = offset + (y * size + size - 1 - x) * 3;
        out[to] = face[from];
        out[to + 1] = face[from + 1];
        out[to + 2] = face[from + 2];
      }
    }
  }
}
