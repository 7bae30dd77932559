package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import dev.fizzy.model.NoiseSchedule;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingTimesTest {
  private static final NoiseSchedule COSINE = NoiseSchedule.cosine(1000);
  private static final int DRAWS = 20_000;

  private static int[] draws(String form, NoiseSchedule schedule) {
    TrainingTimes times = TrainingTimes.of(form);
    Philox random = new Philox(7, Philox.Purpose.TIMESTEP, 0);
    int[] drawn = new int[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      drawn[i] = times.draw(random, schedule);
      assertTrue(drawn[i] >= 0 && drawn[i] < schedule.times(), form + " " + drawn[i]);
    }
    return drawn;
  }

  private static double mean(int[] times, IntToDoubleFunction of) {
    return Arrays.stream(times).mapToDouble(of).average().orElseThrow();
  }

  /** The share of times below a, which for density t^k is a^(k+1). */
  @Test
  void powersOfTimeAreDensities() {
    for (double k : new double[] {0, 1, 3}) {
      int[] drawn = draws("power:" + k, COSINE);
      for (int a : new int[] {200, 500, 900}) {
        double share = mean(drawn, t -> t < a ? 1 : 0);
        assertEquals(Math.pow(a / 1000., k + 1), share, .012, "power:" + k + " below " + a);
      }
    }
    assertEquals(.5, mean(draws("uniform", COSINE), t -> t < 500 ? 1 : 0), .012);
  }

  /** The mean and the deviation of ln(sigma/alpha) are the given ones, under any schedule. */
  @Test
  void logitNormalTimesAreNormalInTheNoise() {
    for (NoiseSchedule schedule : new NoiseSchedule[] {COSINE, NoiseSchedule.linear(1000)}) {
      int[] drawn = draws("logit-normal:.5,.8", schedule);
      double mean = mean(drawn, t -> -schedule.lambda(t));
      double square = mean(drawn, t -> schedule.lambda(t) * schedule.lambda(t));
      assertEquals(.5, mean, .02);
      assertEquals(.8, Math.sqrt(square - mean * mean), .02);
    }
    // Beyond the ends of the schedule there are no times.
    draws("logit-normal:0,50", COSINE);
  }

  @Test
  void theTextOfTimesIsTheirForm() {
    for (String form : new String[] {"uniform", "logit-normal:1.0,0.5", "power:2.0"}) {
      assertEquals(form, TrainingTimes.of(form).toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "normal",
        "uniform:1",
        "power",
        "power:-1",
        "power:x",
        "power:NaN",
        "logit-normal",
        "logit-normal:1",
        "logit-normal:1,0",
        "logit-normal:1,2,3",
        "logit-normal:NaN,1"
      })
  void othersAreRefused(String form) {
    assertThrows(EngineException.class, () -> TrainingTimes.of(form));
  }
}
