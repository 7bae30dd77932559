package dev.fizzy.model.embedder;

import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Split;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.image.Resampler;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A preset as operations of a graph, differentiable: faces in [-1,1] are resized, cut, and given
 * the embedder's channel order and range. It computes what {@link Preset#input} does, without
 * rounding to bytes after resizing.
 */
final class PresetOperations {
  private final Preset preset;
  private final String prefix;
  private final Map<String, float[]> weights = new HashMap<>();

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

  /** Resizes and cuts the rows; the matrix multiplies from the left. */
  private Tensor rows(Tensor x) {
    int s = x.dim(1);
    int row = x.dim(2) * 3;
    if (s == preset.height()) {
      return x;
    }
    Tensor turned = Transpose.of(Reshape.of(x, x.dim(0), s, row));
    Tensor sized = Transpose.of(sized(turned, preset.height()));
    return Reshape.of(sized, x.dim(0), preset.height(), x.dim(2), 3);
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
    Tensor turned = Transpose.of(Reshape.of(x, lines, s, 3));
    Tensor sized = Transpose.of(sized(turned, preset.width()));
    return Reshape.of(sized, x.dim(0), x.dim(1), preset.width(), 3);
  }

  private int side() {
    return Math.max(preset.width(), preset.height());
  }

  /** The last dimension resized to the preset's square, of which the middle is cut out. */
  private Tensor sized(Tensor x, int size) {
    int s = x.dim(-1);
    float[] square = Resampler.matrix(s, side());
    int first = (side() - size) / 2;
    float[] middle = Arrays.copyOfRange(square, first * s, (first + size) * s);
    return Linear.of(x, weight(x, "resize" + s + "to" + size, middle, size, s), null, null);
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
    Tensor w = weight(x, "scale", order, 3, 3, 1, 1);
    Tensor b = weight(x, "shift", new float[] {shift, shift, shift}, 3);
    return Convolution.of(x, w, b, null, 1, Padding.same(0));
  }

  private Tensor weight(Tensor like, String name, float[] values, int... shape) {
    weights.put(prefix + name, values);
    return like.graph().parameter(Parameter.state(prefix + name, Init.ZEROS, shape));
  }

  void fill(Parameters parameters) {
    parameters.write(Region.VALUES, weights);
  }
}
