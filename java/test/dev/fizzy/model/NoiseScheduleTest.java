package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import org.junit.jupiter.api.Test;

class NoiseScheduleTest {
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

  /** IDiff-Face's compute_beta_schedule: 1000/T times 1e-4 .. .02. */
  @Test
  void linearOverOtherTimesIsScaled() {
    double[] ends = {5e-5, .01, 4e-4, .08};
    for (int i = 0; i < 2; i++) {
      int times = i == 0 ? 2000 : 250;
      NoiseSchedule s = NoiseSchedule.of("linear", times);
      assertEquals(ends[2 * i], s.beta(0), 1e-18);
      assertEquals(ends[2 * i + 1], s.beta(times - 1), 1e-15);
      double log = 0;
      for (int t = 0; t < times; t++) {
        log += Math.log(1 - 1000. / times * (1e-4 + (.02 - 1e-4) * t / (times - 1)));
      }
      assertEquals(Math.exp(log), s.alphaBar(times - 1), 1e-12 * Math.exp(log));
    }
    assertEquals(1e-4, NoiseSchedule.of("linear:1e-4:0.02", 2000).beta(0));
    assertEquals(.02, NoiseSchedule.of("linear:1e-4:0.02", 2000).beta(1999), 1e-15);
  }

  @Test
  void cosineIsCappedWhereTheNameSaysSo() {
    NoiseSchedule s = NoiseSchedule.of("cosine:0.1", 1000);
    int capped = 0;
    for (int t = 0; t < 1000; t++) {
      double c = Math.cos((t / 1000. + .008) / 1.008 * Math.PI / 2);
      double next = Math.cos(((t + 1) / 1000. + .008) / 1.008 * Math.PI / 2);
      double beta = 1 - next * next / (c * c);
      assertEquals(Math.min(beta, .1), s.beta(t), 1e-15);
      capped += beta > .1 ? 1 : 0;
    }
    assertTrue(capped > 10, "" + capped);
    assertEquals(.999, NoiseSchedule.of("cosine", 1000).beta(999));
  }

  @Test
  void betasTellTheirSchedule() {
    for (String name :
        new String[] {
          "linear", "cosine", "cosine:0.1", "linear:0.001:0.03", "linear:1.0E-4:0.02"
        }) {
      for (int times : new int[] {50, 1000, 2000}) {
        double[] rounded = new double[times];
        NoiseSchedule s = NoiseSchedule.of(name, times);
        for (int t = 0; t < times; t++) {
          rounded[t] = (float) s.beta(t);
        }
        String found = NoiseSchedule.nameOf(rounded, 0x1p-18);
        boolean scaled = name.equals("linear:1.0E-4:0.02") && times == 1000;
        assertEquals(scaled ? "linear" : name, found);
        rounded[times / 2] *= 1.01;
        assertNull(NoiseSchedule.nameOf(rounded, 0x1p-18), name);
      }
    }
    assertNull(NoiseSchedule.nameOf(new double[0], 1));
    assertNull(NoiseSchedule.nameOf(new double[] {Double.NaN, .1}, 1));
  }

  @Test
  void schedulesThatCannotBeAreRefused() {
    for (String name : new String[] {null, "", "linear:1", "linear:a:b", "cosine:", "sqrt"}) {
      assertThrows(EngineException.class, () -> NoiseSchedule.of(name, 1000), "" + name);
    }
    for (int times : new int[] {-1, 0, 20, 1_000_000_000}) { // 1000/20 times .02 is 1
      assertThrows(EngineException.class, () -> NoiseSchedule.of("linear", times), "" + times);
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
