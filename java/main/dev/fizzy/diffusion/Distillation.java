package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.DistilledSampling;
import dev.fizzy.model.GuidanceRange;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.NoiseSchedule;

/**
 * What a student learns from its teacher.
 *
 * <p>Guidance distillation (Meng et al., "On distillation of guided diffusion models", CVPR 2023):
 * at every time, the student predicts for a guidance weight, which it takes as an input, what the
 * teacher's two predictions give with it.
 *
 * <p>Progressive distillation (Salimans and Ho, ICLR 2022): a step of the student's DDIM leads to
 * where several steps of the teacher's lead. The student knows its own times alone.
 *
 * @param guidance weights that the student takes
 * @param parallel share of the teacher's guidance parallel to the predicted image that is kept, see
 *     {@link dev.fizzy.engine.op.ProjectedGuidance}; 1 for guidance as published; null for a
 *     teacher that takes the guidance weight as an input
 * @param steps of the student; 0 for guidance distillation alone, at every time
 * @param teacherSteps in each of the student's; 0 for guidance distillation
 */
public record Distillation(GuidanceRange guidance, Double parallel, int steps, int teacherSteps) {
  /** The sampler of students. */
  private static final String SAMPLER = "ddim";

  /**
   * Checks that a teacher can teach this.
   *
   * @param parallel 0 to 1; null for 0, and for a teacher that takes the guidance weight as an
   *     input
   * @param steps 0 for guidance distillation alone
   * @param teacherSteps in each of the student's; ignored for a teacher that knows some steps only
   */
  public static Distillation of(
      ModelConfig teacher, GuidanceRange guidance, Double parallel, int steps, int teacherSteps) {
    checkTeacher(teacher);
    GuidanceRange known = teacher.unet().guidance();
    if (known != null && !known.contains(guidance)) {
      throw new EngineException(
          "the teacher takes guidance weights from " + known + ", not from " + guidance);
    }
    Double share = share(known, parallel);
    DistilledSampling only = teacher.sampling();
    if (steps == 0) {
      if (known != null) {
        throw new EngineException(
            "the teacher takes the guidance weight already: give the student's number of steps");
      }
      return new Distillation(guidance, share, 0, 0);
    }
    int each = teacherSteps;
    if (only != null) {
      if (only.steps() % steps != 0 || only.steps() == steps) {
        throw new EngineException(
            "the teacher draws in "
                + only.steps()
                + " steps, so a student can have a half, a third and so on of them, not "
                + steps);
      }
      each = only.steps() / steps;
    }
    SamplingTimes.even(teacher.diffusion().noise(), Math.multiplyExact(steps, each));
    return new Distillation(guidance, share, steps, each);
  }

  private static Double share(GuidanceRange known, Double parallel) {
    if (known != null) {
      if (parallel != null) {
        throw new EngineException(
            "--guidance-parallel is not for this teacher, which takes the guidance weight as an"
                + " input");
      }
      return null;
    }
    return parallel == null ? 0 : parallel;
  }

  /** Throws if a model cannot be a teacher, whatever is to be taught. */
  public static void checkTeacher(ModelConfig teacher) {
    if (teacher.unet() == null || !teacher.unet().conditional()) {
      throw new EngineException("only a U-Net that takes contexts can be distilled");
    }
    if (teacher.unet().contextSimilarity()) {
      throw new EngineException("a model whose contexts have a similarity cannot be distilled");
    }
  }

  /** The student of a teacher. */
  public ModelConfig student(ModelConfig teacher) {
    DistilledSampling only = steps == 0 ? null : new DistilledSampling(SAMPLER, steps, null);
    return teacher.distilled(guidance, only);
  }

  /**
   * The times of a training face: the student's, then those at which the teacher is evaluated after
   * it, then the one where both end; the time alone for guidance distillation.
   *
   * @param time drawn evenly from all times
   */
  int[] times(NoiseSchedule schedule, int time) {
    if (steps == 0) {
      return new int[] {time};
    }
    int[] all = SamplingTimes.even(schedule, steps * teacherSteps);
    int first = (int) ((long) time * steps / schedule.times()) * teacherSteps;
    int[] times = new int[teacherSteps + 1];
    for (int i = 0; i <= teacherSteps; i++) {
      times[i] = first + i < all.length ? all[first + i] : -1;
    }
    return times;
  }
}
