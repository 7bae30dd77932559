package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import java.util.List;

/**
 * How long a recognizer trains and how its learning rate falls.
 *
 * @param batch faces a step
 * @param epochs how often each face is shown, where {@code steps} is null
 * @param steps instead of the epochs, or null
 * @param rate peak learning rate; null is the published .1 for a batch of 512, in proportion
 * @param schedule null is PLATEAU where identities validate, else COSINE
 * @param milestones epochs at which STEPS falls
 * @param warmup steps of linear warm-up
 * @param momentum of SGD
 * @param decay of the weights
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
  /** Rate of the published recipe for the batch of its three or four GPUs. */
  private static final double RATE = .1;

  private static final int RATE_BATCH = 512;

  /** How the learning rate falls. */
  public enum Schedule {
    /** To a tenth where validation stalls. */
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

  /** Steps that show each of {@code faces} so often. */
  private long stepsOf(double epochs, int faces) {
    return Math.max(1, Math.round(epochs * faces / batch));
  }

  /** Steps of an epoch. */
  public long epoch(int faces) {
    return stepsOf(1, faces);
  }

  /** Steps of the whole training. */
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
      throw new EngineException("--schedule plateau needs identities that validate");
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
