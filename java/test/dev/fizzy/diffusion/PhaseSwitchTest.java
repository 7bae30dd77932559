package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.NoiseSchedule;
import org.junit.jupiter.api.Test;

class PhaseSwitchTest {
  private static final float[] NOBODY = {0, 1, 0, 1};

  /** Two images of two latents: the first moves by .5, the second by sqrt((.3^2 + .1^2) / 2). */
  @Test
  void imagesLeaveThePhaseByThemselves() {
    PhaseSwitch phase = new PhaseSwitch(new FirstPhase(.3, 100), 2);
    assertTrue(phase.changed(999));
    assertArrayEquals(NOBODY, phase.shares());
    phase.predicted(new float[] {1, 1, 0, 0});
    assertFalse(phase.changed(900), "nothing to compare with");
    phase.predicted(new float[] {1.5f, .5f, .3f, -.1f});
    assertTrue(phase.changed(800));
    assertArrayEquals(new float[] {0, 1, 1, 0}, phase.shares());
    assertFalse(phase.over());
    phase.predicted(new float[] {2, 0, 9, 9});
    assertFalse(phase.changed(101), "an image does not go back");
    assertTrue(phase.changed(100));
    assertArrayEquals(new float[] {1, 0, 1, 0}, phase.shares());
    assertTrue(phase.over());
    assertFalse(phase.changed(50));
  }

  @Test
  void theCleanLatentsAreThoseOfTheProcess() {
    NoiseSchedule schedule = NoiseSchedule.linear(1000);
    for (Prediction prediction : new Prediction[] {Prediction.EPS, Prediction.V}) {
      SamplingPlan plan = new Ddim(0).plan(schedule, prediction, 4, 1, 0);
      double alpha = schedule.alpha(plan.timesteps()[1]);
      double sigma = schedule.sigma(plan.timesteps()[1]);
      double x0 = .7;
      double noise = -.4;
      float x = (float) (alpha * x0 + sigma * noise);
      double predicted = prediction == Prediction.EPS ? noise : alpha * noise - sigma * x0;
      float[] clean = plan.clean(1, new float[] {x}, new float[] {(float) predicted, 5});
      assertArrayEquals(new float[] {.7f}, clean, 1e-5f);
    }
  }

  @Test
  void refusesPhasesWithoutEnd() {
    assertThrows(EngineException.class, () -> new FirstPhase(-1, 0));
    assertThrows(EngineException.class, () -> new FirstPhase(Double.NaN, 0));
    assertThrows(EngineException.class, () -> new FirstPhase(1, -1));
  }
}
