package dev.fizzy.recognition;

import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The people of a data set, divided by the seed into those that train and those that validate: a
 * recognizer is chosen by people whom it has not seen, and by no test set.
 *
 * @param training the people that the head tells apart
 * @param validation the others; null where all train
 */
public record IdentitySplit(IdentityFaces training, IdentityFaces validation) {
  /** People that validation needs, two with two images in each of ten folds. */
  public static final int LEAST = FoldedPairs.IDENTITIES_NEEDED;

  /**
   * @param people how many validate; 0 for none
   */
  public static IdentitySplit of(IdentityFaces all, int people, long seed) {
    int count = all.identities().size();
    if (people == 0) {
      return new IdentitySplit(all, null);
    }
    if (people < LEAST || people > count - 2) {
      throw new EngineException(
          "of "
              + count
              + " identities "
              + people
              + " cannot validate: "
              + LEAST
              + " at least are needed for ten folds, and two that train");
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

  private static int[] sorted(int[] order, int from, int to) {
    return Arrays.stream(order, from, to).sorted().toArray();
  }
}
