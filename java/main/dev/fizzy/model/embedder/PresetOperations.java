package dev.fizzy.model.embedder;

import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Split;
import dev.fizzy.image.Resampler;
import dev.fizzy.nn.Resizing;
import java.util.Arrays;

/**
 * A preset as operations of a graph, differentiable: faces in [-1,1] are resized, cut, and given
 * the embedder's channel order and range. It computes what {@link Preset#input} does, without
 * rounding to bytes after resizing.
 */
final class PresetOperations {
  private final Preset preset;
  private final String prefix;

  PresetOperations(Preset preset, String prefix) {
    this.preset = preset;
    this.prefix = prefix + ".preparation.";
  }

  Preset preset() {
    return preset;
  }

  /** Faces [B,S,S,3] as [B,height,width,3]. */
  Tensor record(Tensor faces) {
    return scaled(columns(rows(faces)));
  }

  private Tensor rows(Tensor x) {
    return x.dim(1) == preset.height()
        ? x
        : Resizing.rows(x, middle(x.dim(1), preset.height()), prefix + "rows");
  }

  private Tensor columns(Tensor x) {
    int s = x.dim(2);
    int lines = x.dim(0) * x.dim(1);
    if (s == preset.width()) {
      return x;
    }
    if (s == side()) { // only cut: no product
      int before = (s - preset.width()) / 2;
      Tensor line = Reshape.of(x, lines, s * 3);
      line = before == 0 ? line : Split.of(line, before * 3).b();
      line = Split.of(line, preset.width() * 3).a();
      return Reshape.of(line, x.dim(0), x.dim(1), preset.width(), 3);
    }
    return Resizing.columns(x, middle(s, preset.width()), prefix + "columns");
  }

  private int side() {
    return Math.max(preset.width(), preset.height());
  }

  /** Resizes s pixels to the preset's square and cuts out its middle, [size, s]. */
  private float[] middle(int s, int size) {
    float[] square = Resampler.matrix(s, side());
    int first = (side() - size) / 2;
    return Arrays.copyOfRange(square, first * s, (first + size) * s);
  }

  /** (255 (x + 1) / 2 - mean) / divisor, in the embedder's order of channels. */
  private Tensor scaled(Tensor x) {
    float scale = 127.5f / preset.divisor();
    float shift = (127.5f - preset.mean()) / preset.divisor();
    if (scale == 1 && shift == 0 && !preset.bgr()) {
      return x;
    }
    float[] order = new float[9];
    for (int c = 0; c < 3; c++) {
      order[3 * c + (preset.bgr() ? 2 - c : c)] = scale;
    }
    Tensor w = constant(x, "scale", order, 3, 3, 1, 1);
    Tensor b = constant(x, "shift", new float[] {shift, shift, shift}, 3);
    return Convolution.of(x, w, b, null, 1, Padding.same(0));
  }

  private Tensor constant(Tensor like, String name, float[] values, int... shape) {
    return like.graph().parameter(Parameter.constant(prefix + name, values, shape));
  }
}
