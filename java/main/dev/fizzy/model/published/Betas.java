package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorReader;

/** The noise schedule that a checkpoint carries as the buffer {@code betas}, [T]. */
final class Betas {
  static final String NAME = "betas";

  private Betas() {}

  /**
   * Returns the process with the number of steps and the schedule of the buffer; throws if the
   * schedule is unknown.
   */
  static DiffusionConfig apply(StoredTensor buffer, DiffusionConfig process) {
    long times = buffer.elements();
    double[] betas = new double[(int) Math.min(times, NoiseSchedule.MOST_TIMES)];
    new TensorReader(buffer).next(betas);
    String name = times == betas.length ? NoiseSchedule.nameOf(betas, rounding(buffer)) : null;
    if (name == null) {
      throw new FileException(
          "the checkpoint's "
              + times
              + " betas"
              + (betas.length == 0 ? "" : ", from " + betas[0] + " on,")
              + " match no known noise schedule (linear, cosine): the model cannot be sampled as it"
              + " was trained");
    }
    return process.on(betas.length, name);
  }

  /** Relative tolerance: a few units in the last place of the type. */
  private static double rounding(StoredTensor buffer) {
    return switch (buffer.type()) {
      case F16 -> 0x1p-8;
      case BF16 -> 0x1p-6;
      default -> 0x1p-18;
    };
  }
}
