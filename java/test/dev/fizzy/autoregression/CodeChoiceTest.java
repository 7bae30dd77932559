package dev.fizzy.autoregression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodeChoiceTest {
  private static final float[] CONTEXT = {1, -.5f, 2, 0, 1};
  private static final float[] AWAY = {.5f, 1, -1, 0, .25f};

  /** The share of evenly spread uniform numbers that give each code is its probability. */
  @ParameterizedTest
  @CsvSource({"1, 1, 0", "2.5, 1, 0", "1, .5, 0", "3, 2, 3", "1, 1, 2", "1, 1, 9"})
  void codesHaveTheProbabilitiesOfTheSoftmax(double guidance, double temperature, int topK) {
    CodeChoice choice = new CodeChoice(guidance, temperature, topK);
    int draws = 20_000;
    double[] shares = new double[CONTEXT.length];
    for (int i = 0; i < draws; i++) {
      shares[choice.of(CONTEXT, AWAY, (i + .5) / draws)] += 1. / draws;
    }
    double[] weights = new double[CONTEXT.length];
    double total = 0;
    for (int i = 0; i < weights.length; i++) {
      double z = AWAY[i] + guidance * (CONTEXT[i] - AWAY[i]);
      int better = 0;
      for (int j = 0; j < weights.length; j++) {
        double other = AWAY[j] + guidance * (CONTEXT[j] - AWAY[j]);
        better += other > z || other == z && j < i ? 1 : 0;
      }
      weights[i] = topK == 0 || better < topK ? Math.exp(z / temperature) : 0;
      total += weights[i];
    }
    for (int i = 0; i < weights.length; i++) {
      assertEquals(weights[i] / total, shares[i], 2. / draws, "code " + i);
    }
  }

  @Test
  void temperatureZeroIsTheMostProbableCode() {
    for (double uniform : new double[] {0, .3, .999999}) {
      assertEquals(2, new CodeChoice(1, 0, 0).of(CONTEXT, null, uniform));
      assertEquals(0, new CodeChoice(1, 1, 1).of(new float[] {3, 3, 1}, null, uniform));
    }
  }

  @Test
  void refusesWhatIsNoDistribution() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] logits = {0, bad};
      String sentence =
          assertThrows(EngineException.class, () -> new CodeChoice(1, 1, 0).of(logits, null, .5))
              .getMessage();
      assertTrue(sentence.contains("not finite"), sentence);
    }
    assertThrows(EngineException.class, () -> new CodeChoice(1, -1, 0));
    assertThrows(EngineException.class, () -> new CodeChoice(1, 1, -1));
  }
}
