package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void linearIsThePublishedSchedule() {
    NoiseSchedule s = NoiseSchedule.linear(1000);
    assertEquals(1e-4, s.beta(0));
    assertEquals(.02, s.beta(999), 1e-15);
    double alphaBar = 1;
    for (int t = 0; t < 1000; t++) {
      alphaBar *= 1 - s.beta(t);
      assertEquals(alphaBar, s.alphaBar(t), 1e-12 * alphaBar);
      assertEquals(1, s.alphaBar(t) + s.sigma(t) * s.sigma(t), 1e-14);
    }
  }

  @Test
  void cosineFallsAsASquaredCosine() {
    NoiseSchedule s = NoiseSchedule.cosine(1000);
    double start = Math.pow(Math.cos(.008 / 1.008 * Math.PI / 2), 2);
    for (int t = 0; t < 990; t++) { // later the largest beta binds
      double c = Math.cos(((t + 1) / 1000. + .008) / 1.008 * Math.PI / 2);
      assertEquals(c * c / start, s.alphaBar(t), 1e-9);
    }
  }

  @Test
  void lambdaHasItsInverse() {
    for (NoiseSchedule s :
        new NoiseSchedule[] {NoiseSchedule.linear(1000), NoiseSchedule.cosine(1000)}) {
      for (double t = 0; t <= 999; t += .37) {
        assertEquals(t, s.timeOfLambda(s.lambda(t)), 1e-8);
      }
      assertEquals(Double.POSITIVE_INFINITY, s.lambda(-1));
      assertEquals(1, s.alpha(-1));
    }
  }
}
