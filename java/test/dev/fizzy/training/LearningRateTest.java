package dev.fizzy.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.EngineException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningRateTest {
  @Test
  void learningRateRestarts() {
    LearningRate rate = new LearningRate.Cosine(1, 0, 100, 2, 10);
    assertEquals(.1, rate.at(0), 1e-12);
    assertEquals(1, rate.at(9), 1e-12);
    assertEquals(1, rate.at(10), 1e-12);
    assertEquals(.5, rate.at(60), 1e-12);
    assertEquals(1, rate.at(110), 1e-12);
    assertEquals(.5, rate.at(210), 1e-12);
    assertEquals(1, rate.at(310), 1e-12);
    assertEquals(.3, LearningRate.constant(.3, 0).at(1_000_000));
  }

  @Test
  void theAverageBeginsAsACopyAndSlowsDown() {
    Ema ema = Ema.published();
    assertEquals(0, ema.decay(0));
    assertEquals(1 - Math.pow(2, -.75), ema.decay(1), 1e-15);
    assertEquals(1 - Math.pow(101, -.75), ema.decay(100), 1e-15);
    assertEquals(.9999, ema.decay(1_000_000));
  }

  @Test
  void fallsAtMilestones() {
    LearningRate rate = new LearningRate.Steps(.1, .1, List.of(100L, 200L), 10);
    assertEquals(.01, rate.at(0), 1e-12);
    assertEquals(.1, rate.at(109), 1e-12);
    assertEquals(.01, rate.at(110), 1e-12);
    assertEquals(.01, rate.at(209), 1e-12);
    assertEquals(.001, rate.at(210), 1e-12);
    assertThrows(
        EngineException.class, () -> new LearningRate.Steps(.1, .1, List.of(200L, 100L), 0));
    assertThrows(EngineException.class, () -> new LearningRate.Steps(.1, 1, List.of(), 0));
  }

  @Test
  void fallsWhereValidationStalls() {
    LearningRate rate = new LearningRate.Plateau(1, .5, 2, .2, 0);
    Validation found = Validation.none();
    double[] scores = {.5, .6, .6, .55, .59, .7, .1, .1, .1, .1, .1, .1};
    // The third validation without a new best brings a reduction and begins to count again.
    double[] rates = {1, 1, 1, 1, .5, .5, .5, .5, .25, .25, .25, .2};
    for (int i = 0; i < scores.length; i++) {
      found = found.after(10 * (i + 1), scores[i], rate.patience());
      assertEquals(rates[i], rate.at(1000, found.reductions()), 1e-12, "validation " + i);
      java.util.Map<String, String> metadata = new java.util.HashMap<>();
      found.put(metadata);
      assertEquals(found, Validation.from(metadata));
    }
    assertEquals(.7, found.best());
    assertEquals(60, found.bestStep());
  }
}
