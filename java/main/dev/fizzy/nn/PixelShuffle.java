package dev.fizzy.nn;

import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Transpose;

/**
 * Space to depth and back (Shi et al. 2016) with the channel order of PyTorch's PixelUnshuffle and
 * PixelShuffle: channel c of pixel (i, j) of a patch of p x p pixels is channel (c p + i) p + j of
 * the patch. Each is two transposes.
 */
public final class PixelShuffle {
  private PixelShuffle() {}

  /** Patches as pixels: x [B,H,W,C] to [B,H/p,W/p,C p p]; x itself if p is 1. */
  public static Tensor toChannels(Tensor x, int p) {
    if (p == 1) {
      return x;
    }
    int b = x.dim(0);
    int h = x.dim(1) / p;
    int w = x.dim(2) / p;
    int c = x.dim(3);
    Tensor rowsLast = Transpose.of(Reshape.of(x, b * h, p, w * p * c)); // [b h, w j c, i]
    Tensor columnsLast = Transpose.of(Reshape.of(rowsLast, b * h * w, p, c * p)); // [b h w, c i, j]
    return Reshape.of(columnsLast, b, h, w, c * p * p);
  }

  /** The inverse: x [B,H,W,C p p] to [B,H p,W p,C]; x itself if p is 1. */
  public static Tensor toPixels(Tensor x, int p) {
    if (p == 1) {
      return x;
    }
    int b = x.dim(0);
    int h = x.dim(1);
    int w = x.dim(2);
    int c = x.dim(3) / (p * p);
    Tensor columnsFirst = Transpose.of(Reshape.of(x, b * h * w, c * p, p)); // [b h w, j, c i]
    Tensor rowsFirst =
        Transpose.of(Reshape.of(columnsFirst, b * h, w * p * c, p)); // [b h, i, w j c]
    return Reshape.of(rowsFirst, b, h * p, w * p, c);
  }
}
