package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.NoiseSchedule;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpacingTest {
  private static final NoiseSchedule COSINE = NoiseSchedule.cosine(1000);

  /** Of the cosine schedule's 15 units of lambda 8 are left. */
  @Test
  void clippedTimesLeaveOutNoiseAloneAndTheImageAlone() {
    assertTrue(COSINE.lambda(999) < -9.9 && COSINE.lambda(0) > 5);
    double[] times = Spacing.CLIPPED.times(COSINE, 6);
    for (int i = 0; i < 6; i++) {
      assertEquals(-4 + i * 1.6, COSINE.lambda(times[i]), 1e-9, "step " + i);
    }
  }

  @Test
  void fullTimesBeginWithTheLast() {
    double[] times = Spacing.FULL.times(COSINE, 3);
    assertEquals(999, times[0]);
    double middle = (COSINE.lambda(999) + COSINE.lambda(0)) / 2;
    assertEquals(middle, COSINE.lambda(times[1]), 1e-9);
    assertEquals(0, times[2]);
  }

  @Test
  void aScheduleWithinTheBoundsIsNotClipped() {
    NoiseSchedule narrow = NoiseSchedule.linear(100, .01, .03);
    assertArrayEquals(Spacing.FULL.times(narrow, 7), Spacing.CLIPPED.times(narrow, 7));
    assertEquals(99, Spacing.CLIPPED.times(narrow, 7)[0]);
    assertEquals(0, Spacing.CLIPPED.times(narrow, 7)[6]);
  }

  @Test
  void oneStepBeginsWhereManyDo() {
    for (Spacing spacing : Spacing.values()) {
      assertEquals(spacing.times(COSINE, 20)[0], spacing.times(COSINE, 1)[0], spacing.name());
    }
  }

  /** Both solvers draw at the times of their spacing; the others have no choice. */
  @Test
  void solversTakeASpacing() {
    for (String name : List.of("dpm++", "dpm++:3", "unipc", "unipc:3")) {
      Sampler sampler = Sampler.of(name);
      assertEquals(Spacing.CLIPPED, sampler.spacing());
      for (Spacing spacing : Spacing.values()) {
        Sampler spaced = sampler.spaced(spacing);
        assertEquals(spacing, spaced.spacing());
        float[] times = spaced.plan(COSINE, Prediction.V, 4, 1, 0).timesteps();
        double[] expected = spacing.times(COSINE, 4);
        for (int i = 0; i < 4; i++) {
          assertEquals((float) expected[i], times[i]);
        }
      }
      assertNotEquals(sampler, sampler.spaced(Spacing.FULL));
    }
    assertEquals(null, Sampler.of("ddim").spacing());
    assertThrows(EngineException.class, () -> Sampler.of("ddim").spaced(Spacing.FULL));
  }
}
