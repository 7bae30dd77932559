package dev.fizzy.model;

/** Converts images between PyTorch's order, [B,C,H,W], and the engine's, [B,H,W,C]. */
public final class ChannelOrder {
  private ChannelOrder() {}

  /**
   * @param shape of the result, [B,H,W,C]
   */
  public static float[] toLast(float[] channelsFirst, int[] shape) {
    return move(channelsFirst, shape[0], shape[3], shape[1] * shape[2]);
  }

  /**
   * @param shape of the input, [B,H,W,C]
   */
  public static float[] toFirst(float[] channelsLast, int[] shape) {
    return move(channelsLast, shape[0], shape[1] * shape[2], shape[3]);
  }

  /** [B,C,H,W] for [B,H,W,C]; other shapes are unchanged. */
  public static int[] shapeFirst(int[] shape) {
    return shape.length == 4 ? new int[] {shape[0], shape[3], shape[1], shape[2]} : shape.clone();
  }

  /** Transposes each [rows,columns] to [columns,rows]. */
  private static float[] move(float[] in, int batch, int rows, int columns) {
    float[] out = new float[in.length];
    for (int b = 0; b < batch; b++) {
      int from = b * rows * columns;
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          out[from + c * rows + r] = in[from + r * columns + c];
        }
      }
    }
    return out;
  }
}
