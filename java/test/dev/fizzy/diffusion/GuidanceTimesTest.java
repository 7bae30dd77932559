package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.op.SamplerStep;
import dev.fizzy.model.NoiseSchedule;
import org.junit.jupiter.api.Test;

class GuidanceTimesTest {
  private static final int NEVER = Integer.MAX_VALUE;

  @Test
  void weightsFollowTheTime() {
    GuidanceTimes interval = new GuidanceTimes(200, 700, NEVER, false, 1);
    assertArrayEquals(
        new double[] {1, 1, 3, 3, 3, 1, 1}, weights(interval, 0, 199, 200, 450, 700, 701, 999));
    GuidanceTimes phases = new GuidanceTimes(0, NEVER, 800, false, 1);
    assertArrayEquals(new double[] {3, 3, 0, 0}, weights(phases, 0, 800, 801, 999));
    GuidanceTimes rising = new GuidanceTimes(0, NEVER, NEVER, true, 1);
    assertArrayEquals(new double[] {3, 2.5, 2, 1.002}, weights(rising, 0, 250, 500, 999), 1e-12);
    GuidanceTimes all = new GuidanceTimes(100, 600, 800, true, 1);
    assertArrayEquals(new double[] {1, 2, 1, 0}, weights(all, 50, 500, 700, 900));
  }

  private static double[] weights(GuidanceTimes times, double... t) {
    double[] weights = new double[t.length];
    for (int i = 0; i < t.length; i++) {
      weights[i] = times.weight(3, t[i], 1000);
    }
    return weights;
  }

  @Test
  void onlyTheGuidanceOfAPlanChanges() {
    NoiseSchedule schedule = NoiseSchedule.linear(1000);
    SamplingPlan plan = new Ddim(0).plan(schedule, Prediction.EPS, 10, 3, 0);
    SamplingPlan same = GuidanceTimes.ALL.apply(plan, 3, schedule);
    assertArrayEquals(plan.coefficients(), same.coefficients());
    SamplingPlan late = new GuidanceTimes(0, 499, NEVER, false, 1).apply(plan, 3, schedule);
    for (int i = 0; i < 10; i++) {
      for (int k = 0; k < SamplerStep.COEFFICIENTS; k++) {
        int at = i * SamplerStep.COEFFICIENTS + k;
        boolean guidance = plan.coefficients()[at] == 3 && k == SamplerStep.GUIDANCE;
        double wanted = guidance && plan.timesteps()[i] >= 500 ? 1 : plan.coefficients()[at];
        assertEquals(wanted, late.coefficients()[at], "step " + i + " coefficient " + k);
      }
      assertEquals(3, plan.coefficients()[i * SamplerStep.COEFFICIENTS + SamplerStep.GUIDANCE]);
    }
  }

  @Test
  void weightOneNeedsNoSecondHalfUnlessTheEmptyContextBegins() {
    assertFalse(GuidanceTimes.ALL.guides(1));
    assertTrue(GuidanceTimes.ALL.guides(1.5));
    assertTrue(new GuidanceTimes(0, NEVER, 500, false, 1).guides(1));
  }

  @Test
  void refusesTimesThatAreNone() {
    String message =
        assertThrows(EngineException.class, () -> new GuidanceTimes(5, 4, NEVER, false, 1))
            .getMessage();
    assertTrue(message.contains("not 5 and 4"), message);
  }
}
