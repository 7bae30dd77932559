package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import java.util.List;

/**
 * Length, learning rate and optimizer of a recognizer's training.
 *
 * @param batch faces per step
 * @param epochs number of passes over the faces, used if {@code steps} is null
 * @param steps number of steps instead of epochs, or null
 * @param rate peak learning rate; null for the published .1 for a batch of 512, scaled with the
 *     batch
 * @param schedule null for PLATEAU with validation, COSINE without
 * @param milestones epochs at which STEPS falls
 * @param warmup steps of linear warm-up
 * @param momentum momentum of SGD
 * @param decay weight decay
 * @param clip largest gradient norm, 0 for no limit
 */
public record RecognizerRecipe(
    int batch,
    double epochs,
    Long steps,
    Double rate,
    Schedule schedule,
    List<Double> milestones,
    long warmup,
    double momentum,
    double decay,
    double clip) {
  /** Learning rate of the published recipe for its batch. */
  private static final double RATE = .1;

  private static final int RATE_BATCH = 512;

  /** How the learning rate is reduced. */
  public enum Schedule {
    /** To a tenth when validation stalls. */
    PLATEAU,
    /** To a tenth at the milestones. */
    STEPS,
    COSINE
  }

  public RecognizerRecipe {
    if (!(epochs > 0 && epochs < 1e9)) {
      throw new EngineException("--epochs must be positive, not " + epochs);
    }
    for (double value : new double[] {clip, decay, momentum, rate == null ? 0 : rate}) {
      if (!(value >= 0) || Double.isInfinite(value)) {
        throw new EngineException(
            "--clip, --weight-decay, --momentum and --lr must be 0 or positive numbers, not "
                + value);
      }
    }
  }

  /** Number of steps for a number of epochs. */
  private long stepsOf(double epochs, int faces) {
    return Math.max(1, Math.round(epochs * faces / batch));
  }

  /** Steps per epoch. */
  public long epoch(int faces) {
    return stepsOf(1, faces);
  }

  /** Total number of steps. */
  public long steps(int faces) {
    return steps == null ? stepsOf(epochs, faces) : steps;
  }

  /**
   * @param validates whether there is validation, which the plateau schedule needs
   */
  public Optimizer optimizer(int faces, boolean validates) {
    double peak = rate == null ? RATE * batch / RATE_BATCH : rate;
    Schedule chosen = schedule != null ? schedule : validates ? Schedule.PLATEAU : Schedule.COSINE;
    if (chosen == Schedule.PLATEAU && !validates) {
      throw new EngineException("--schedule plateau needs validation");
    }
    LearningRate falling =
        switch (chosen) {
          case PLATEAU -> new LearningRate.Plateau(peak, .1, 4, 0, warmup);
          case STEPS ->
              new LearningRate.Steps(
                  peak,
                  .1,
                  milestones.stream().map(epoch -> stepsOf(epoch, faces)).toList(),
                  warmup);
          case COSINE ->
              new LearningRate.Cosine(peak, 0, Math.max(1, steps(faces) - warmup), 2, warmup);
        };
    return new Optimizer.Sgd(falling, momentum, decay, clip);
  }
}
