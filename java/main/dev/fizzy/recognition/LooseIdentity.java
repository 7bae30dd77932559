package dev.fizzy.recognition;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An identity whose images are little alike.
 *
 * @param identity its name
 * @param mean cosine of its pairs of images
 * @param lowest cosine, of the two images that are least alike
 * @param images the names of these two
 */
public record LooseIdentity(String identity, double mean, double lowest, List<String> images) {
  private static final int LISTED = 12;

  /**
   * @param consistency mean cosine of each identity's pairs; NaN without a pair
   */
  static List<LooseIdentity> worst(
      UnitRows rows, List<String> names, Identities identities, double[] consistency) {
    return IntStream.range(0, consistency.length)
        .filter(i -> !Double.isNaN(consistency[i]))
        .boxed()
        .sorted(Comparator.comparingDouble(i -> consistency[i]))
        .limit(LISTED)
        .map(i -> of(rows, names, identities, i, consistency[i]))
        .toList();
  }

  private static LooseIdentity of(
      UnitRows rows, List<String> names, Identities identities, int identity, double mean) {
    int[] images = identities.images(identity);
    double lowest = Double.POSITIVE_INFINITY;
    List<String> pair = List.of();
    for (int i = 0; i < images.length; i++) {
      for (int j = i + 1; j < images.length; j++) {
        double cosine = rows.cosine(images[i], images[j]);
        if (cosine < lowest) {
          lowest = cosine;
          pair = List.of(names.get(images[i]), names.get(images[j]));
        }
      }
    }
    return new LooseIdentity(identities.name(identity), mean, lowest, pair);
  }
}
