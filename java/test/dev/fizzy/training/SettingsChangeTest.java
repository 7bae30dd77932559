package dev.fizzy.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsChangeTest {
  private static String change(Optimizer now, Optimizer before) {
    return SettingsChange.of("optimizer", now.toString(), before.toString());
  }

  private static Optimizer.Adam adam(LearningRate rate) {
    return new Optimizer.Adam(rate, Ema.published(), 1);
  }

  private static Optimizer.Adam cosine(double highest, long period) {
    return adam(new LearningRate.Cosine(highest, 0, period, 2, 100));
  }

  private static Optimizer adversarial(Optimizer.Adam generator, Optimizer.Adam discriminator) {
    return new Optimizer.Adversarial(generator, discriminator, "discriminator.", 50);
  }

  @Test
  void tellsOnlyWhatDiffers() {
    assertEquals(
        "highest=3.0E-5, period=2500 instead of highest=0.002, period=3100",
        change(cosine(3e-5, 2500), cosine(.002, 3100)));
  }

  @Test
  void tellsWhatDiffersInBothNetworksOnce() {
    Optimizer before = adversarial(cosine(.002, 3100), cosine(.001, 3100));
    assertEquals(
        "period=2500 instead of period=3100",
        change(adversarial(cosine(.002, 2500), cosine(.001, 2500)), before));
    assertEquals(
        "highest=0.002 instead of highest=0.001",
        change(adversarial(cosine(.002, 3100), cosine(.002, 3100)), before));
  }

  @Test
  void tellsListsAndOtherTypes() {
    LearningRate steps = new LearningRate.Steps(.1, .5, List.of(10L, 20L), 100);
    assertEquals(
        "milestones=[10, 20] instead of milestones=[10]",
        change(adam(steps), adam(new LearningRate.Steps(.1, .5, List.of(10L), 100))));
    assertEquals(
        "rate=Steps, factor=0.5, milestones=[10, 20]"
            + " instead of rate=Cosine, lowest=0.0, period=7, multiplier=2",
        change(adam(steps), cosine(.1, 7)));
    assertEquals(
        "optimizer=Sgd, momentum=0.9, weightDecay=0.0"
            + " instead of optimizer=Adam, beta1=0.9, beta2=0.999, average=Ema, inverseGamma=1.0,"
            + " power=0.75, largest=0.9999",
        change(new Optimizer.Sgd(steps, .9, 0, 1), adam(steps)));
  }
}
