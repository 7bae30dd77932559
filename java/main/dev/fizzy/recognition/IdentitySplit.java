package dev.fizzy.recognition;

import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The people of a data set, split by the seed into training and validation, so that a recognizer is
 * selected on people it has not seen and not on a test set.
 *
 * @param training the people that the head classifies
 * @param validation the others; null if all people train
 */
public record IdentitySplit(IdentityFaces training, IdentityFaces validation) {
  /** Minimum number of people for validation: two with two images in each of ten folds. */
  public static final int MINIMUM = FoldedPairs.IDENTITIES_NEEDED;

  private static final double SHARE = .1;

  /** Default number of people for validation: a tenth, at least the minimum, or none. */
  public static int standard(int people) {
    return people < 3 * MINIMUM ? 0 : Math.max(MINIMUM, (int) Math.round(SHARE * people));
  }

  /** Throws if {@code people} of {@code count} cannot be held out. */
  public static void check(int count, int people) {
    if (people != 0 && (people < MINIMUM || people > count - 2)) {
      throw new EngineException(
          "of "
              + count
              + " identities "
              + people
              + " cannot be held out for validation: ten folds need at least "
              + MINIMUM
              + ", and training needs at least two");
    }
  }

  /**
   * @param people number of people for validation; 0 for none
   */
  public static IdentitySplit of(IdentityFaces all, int people, long seed) {
    int count = all.identities().size();
    check(count, people);
    if (people == 0) {
      return new IdentitySplit(all, null);
    }
    int[] order = IntStream.range(0, count).toArray();
    Philox random = new Philox(seed, Philox.Purpose.SPLIT, 0);
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return new IdentitySplit(
        all.only(sorted(order, people, count)), all.only(sorted(order, 0, people)));
  }

  /** Number of identities for validation. */
  public int validating() {
    return validation == null ? 0 : validation.identities().size();
  }

  private static int[] sorted(int[] order, int from, int to) {
    return Arrays.stream(order, from, to).sorted().toArray();
  }
}
