package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.op.SamplerStep;
import dev.fizzy.model.GuidanceRange;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.NoiseSchedule;
import org.junit.jupiter.api.Test;

/** The student's one step leads to where the teacher's steps lead. */
class TeacherStepsTest {
  private static final GuidanceRange RANGE = new GuidanceRange(1, 5);

  @Test
  void aStepOfTheStudentLeadsToWhereTheTeacherLeads() {
    for (NoiseSchedule schedule :
        new NoiseSchedule[] {NoiseSchedule.cosine(1000), NoiseSchedule.linear(999)}) {
      for (Prediction prediction : Prediction.values()) {
        for (int each = 1; each <= 3; each++) {
          leads(schedule, prediction, 4, each);
        }
      }
    }
  }

  private static void leads(NoiseSchedule schedule, Prediction prediction, int steps, int each) {
    Distillation distillation = new Distillation(RANGE, 0., steps, each);
    SamplingPlan teacher = new Ddim(0).plan(schedule, prediction, steps * each, 1, 0);
    SamplingPlan student = new Ddim(0).plan(schedule, prediction, steps, 1, 0);
    for (int step = 0; step < steps; step++) {
      int[] times = distillation.times(schedule, schedule.times() * step / steps + 1);
      assertEquals(student.timesteps()[step], times[0]);
      TeacherSteps taught = TeacherSteps.of(schedule, prediction, times);
      double begin = .7;
      double x = begin;
      double wanted = begin;
      for (int i = 0; i < each; i++) {
        double p = Math.cos(i + step); // any prediction
        assertEquals(teacher.timesteps()[step * each + i], times[i]);
        wanted = after(teacher, step * each + i, wanted, p);
        x = taught.state()[i] * x + taught.prediction()[i] * p;
      }
      assertEquals(wanted, x, 1e-3 * Math.max(1, Math.abs(x)));
      double target = taught.end() * x + taught.begin() * begin;
      assertEquals(x, after(student, step, begin, target), 1e-3 * Math.max(1, Math.abs(x)));
    }
  }

  /** A step by the f32 coefficients of a plan. */
  private static double after(SamplingPlan plan, int step, double x, double p) {
    int row = step * SamplerStep.COEFFICIENTS;
    double x0 = plan.coefficients()[row] * x + plan.coefficients()[row + 1] * p;
    return plan.coefficients()[row + 2] * x + plan.coefficients()[row + 3] * x0;
  }

  @Test
  void timesOfGuidanceDistillationAreThoseOfTheFace() {
    int[] times = new Distillation(RANGE, 0., 0, 0).times(NoiseSchedule.cosine(1000), 17);
    assertArrayEquals(new int[] {17}, times);
  }

  @Test
  void aTeacherTeachesWhatItKnows() {
    ModelConfig plain = ModelConfig.load("tiny");
    ModelConfig guided = Distillation.of(plain, RANGE, null, 0, 2).student(plain);
    ModelConfig eight = Distillation.of(guided, RANGE, null, 8, 2).student(guided);
    assertEquals(2, Distillation.of(eight, RANGE, null, 4, 3).teacherSteps()); // its own
    assertEquals(eight, ModelConfig.parse(eight.toJson()));
    refused("8 steps, so a student can have a half", eight, RANGE, 3);
    refused("8 steps, so a student can have a half", eight, RANGE, 8);
    refused("from 1.0 to 5.0, not from 1.0 to 6.0", guided, new GuidanceRange(1, 6), 4);
    refused("takes the guidance weight already", guided, RANGE, 0);
    refused("must be in 1..1000, not 2000", plain, RANGE, 1000);
  }

  private static void refused(String part, ModelConfig teacher, GuidanceRange range, int steps) {
    String message =
        assertThrows(EngineException.class, () -> Distillation.of(teacher, range, null, steps, 2))
            .getMessage();
    assertEquals(true, message.contains(part), message);
  }
}
