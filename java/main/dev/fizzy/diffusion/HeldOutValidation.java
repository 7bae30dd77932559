package dev.fizzy.diffusion;

import dev.fizzy.training.Validation;
import java.util.Map;
import java.util.function.Supplier;

/** Measures a training on people that it never sees. */
final class HeldOutValidation implements Validation.Judge, AutoCloseable {
  private final long every;
  private final Supplier<ValidationLoss> open;
  private ValidationLoss loss;

  /**
   * @param every steps between measurements
   * @param open opens the measurement when the training's parameters exist
   */
  HeldOutValidation(long every, Supplier<ValidationLoss> open) {
    this.every = every;
    this.open = open;
  }

  @Override
  public long every() {
    return every;
  }

  @Override
  public Map<String, Double> judge(long step) {
    if (loss == null) {
      loss = open.get();
    }
    return loss.measure();
  }

  @Override
  public double score(Map<String, Double> figures) {
    return -figures.get("validation_loss");
  }

  @Override
  public void keep(long step) {
    // the averaged weights of the last step are the model
  }

  @Override
  public void close() {
    if (loss != null) {
      loss.close();
    }
  }
}
