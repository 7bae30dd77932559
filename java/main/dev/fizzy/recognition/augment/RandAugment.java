package dev.fizzy.recognition.augment;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import dev.fizzy.image.Rgb;

/**
 * RandAugment (Cubuk et al. 2020) as the published recognizers are trained with: the image mirrored
 * half of the time, then some operations drawn with replacement, each with a magnitude drawn from 1
 * to the highest.
 *
 * @param operations how many follow each other; 0 mirrors alone
 * @param magnitude highest level, up to 30
 */
public record RandAugment(int operations, int magnitude) {
  private static final Augmentation[] ALL = Augmentation.values();

  public RandAugment {
    if (operations < 0 || magnitude < 1 || magnitude >= Augmentation.LEVELS) {
      throw new EngineException(
          "RandAugment of "
              + operations
              + " operations with magnitude "
              + magnitude
              + ": at least 0 operations and a magnitude from 1 to 30 are wanted");
    }
  }

  /** Four operations up to magnitude 16. */
  public static RandAugment published() {
    return new RandAugment(4, 16);
  }

  /**
   * What training sees of an image in an epoch: it depends on the three numbers alone.
   *
   * @param epoch from 0
   * @param example number of the image in its data set
   */
  public Rgb apply(Rgb image, long seed, long epoch, int example) {
    Philox random = new Philox(seed, Philox.Purpose.AUGMENT, epoch << 32 | example);
    Rgb result = random.nextInt() < 0 ? image.mirrored() : image;
    for (int i = 0; i < operations; i++) {
      Augmentation operation = ALL[random.nextInt(ALL.length)];
      float strength = (1 + random.nextInt(magnitude)) / (Augmentation.LEVELS - 1f);
      boolean negative = random.nextInt() < 0;
      result = operation.apply(result, operation.signed() && negative ? -strength : strength);
    }
    return result;
  }
}
