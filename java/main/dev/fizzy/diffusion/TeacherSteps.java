package dev.fizzy.diffusion;

import dev.fizzy.model.NoiseSchedule;

/**
 * Factors of a teacher's deterministic DDIM steps (Song et al. 2021) and of the prediction with
 * which one step of the student leads to the same latents. A step from a time to a later one is x'
 * = r x + m x0 with r = sigma'/sigma and m = alpha' - r alpha, and x0 = kx x + kp p for the
 * prediction p ({@link Prediction}). So
 *
 * <pre>
 * step i of the teacher:        x_{i+1} = state_i x_i + prediction_i p_i
 * target of the student's p:    end x_n + begin x_0
 * </pre>
 */
record TeacherSteps(double[] state, double[] prediction, double end, double begin) {
  /**
   * @param times of the steps, and the one where the last ends; -1 is the clean image
   */
  static TeacherSteps of(NoiseSchedule schedule, Prediction predicted, int[] times) {
    int steps = times.length - 1;
    double[] state = new double[steps];
    double[] prediction = new double[steps];
    for (int i = 0; i < steps; i++) {
      double r = schedule.sigma(times[i + 1]) / schedule.sigma(times[i]);
      double m = schedule.alpha(times[i + 1]) - r * schedule.alpha(times[i]);
      state[i] = r + m * predicted.ofState(schedule.alpha(times[i]), schedule.sigma(times[i]));
      prediction[i] =
          m * predicted.ofPrediction(schedule.alpha(times[i]), schedule.sigma(times[i]));
    }
    double alpha = schedule.alpha(times[0]);
    double sigma = schedule.sigma(times[0]);
    double r = schedule.sigma(times[steps]) / sigma;
    double m = schedule.alpha(times[steps]) - r * alpha;
    double kp = predicted.ofPrediction(alpha, sigma);
    double begin = -(r / m + predicted.ofState(alpha, sigma)) / kp;
    return new TeacherSteps(state, prediction, 1 / (m * kp), begin);
  }
}
