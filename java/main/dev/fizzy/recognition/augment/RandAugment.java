package dev.fizzy.recognition.augment;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import dev.fizzy.image.Rgb;

/**
 * RandAugment (Cubuk et al. 2020) as for the published recognizers: the image is mirrored with
 * probability 1/2, then some operations are drawn with replacement, each with a magnitude drawn
 * from 1 to the highest.
 *
 * @param operations number of operations; 0 only mirrors
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
              + ": expected at least 0 operations and a magnitude from 1 to 30");
    }
  }

  /** Four operations up to magnitude 16. */
  public static RandAugment published() {
    return new RandAugment(4, 16);
  }

  /**
   * The augmented image of an epoch; it depends only on the seed, the epoch and the example.
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
