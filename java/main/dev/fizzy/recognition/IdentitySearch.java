package dev.fizzy.recognition;

import dev.fizzy.identity.Embeddings;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Searches a gallery for the faces nearest to identities: to the mean of an identity's unit
 * vectors, and to each of its images. Vectors are read as they are needed; what is kept is a few
 * numbers an identity.
 */
final class IdentitySearch {
  /** A mean among the rows of a block, which else are images. */
  private static final int MEAN = -1;

  /**
   * What is nearest to an identity; index -1 where there is nothing to compare with.
   *
   * @param identity number of it
   * @param mean cosine of the mean vector and the gallery's vector {@code meanIndex}
   * @param image the image that is nearest to any, {@code imageCosine} to {@code imageIndex}
   */
  record Found(
      int identity, float mean, int meanIndex, int image, float imageCosine, int imageIndex) {}

  private final Embeddings faces;
  private final Identities identities;
  private final int[] person;
  private final NearestSearch search;
  private final ScoreCounts counts;
  private final LongConsumer done;
  private final float[] rows;
  private final int[] identityOf;
  private final int[] imageOf;
  private final int[] who;
  private final boolean[] counted;
  private final Found[] found;
  private int filled;
  private long compared;

  /**
   * @param person of the gallery that each identity is, or {@link NearestSearch#NOBODY}
   * @param counts of every comparison with an image; or null
   */
  IdentitySearch(
      Embeddings faces,
      Identities identities,
      int[] person,
      NearestSearch search,
      ScoreCounts counts,
      LongConsumer done) {
    this.faces = faces;
    this.identities = identities;
    this.person = person;
    this.search = search;
    this.counts = counts;
    this.done = done;
    rows = new float[search.probeRows() * faces.width()];
    identityOf = new int[search.probeRows()];
    imageOf = new int[search.probeRows()];
    who = new int[search.probeRows()];
    counted = new boolean[search.probeRows()];
    found = new Found[identities.count()];
  }

  /** Rows that {@link #of} compares with the gallery. */
  static long rows(Identities identities, int[] chosen) {
    return Arrays.stream(chosen).mapToLong(i -> identities.size(i) + 1).sum();
  }

  Found[] of(int[] chosen) {
    double[] mean = new double[faces.width()];
    for (int identity : chosen) {
      found[identity] = new Found(identity, -1, -1, -1, -1, -1);
      Arrays.fill(mean, 0);
      for (int image : identities.images(identity)) {
        int at = next(identity, image);
        faces.read(image, 1, rows, at);
        for (int k = 0; k < mean.length; k++) {
          mean[k] += rows[at + k];
        }
        flushWhenFull();
      }
      addMean(identity, mean);
      flushWhenFull();
    }
    flush();
    return Arrays.stream(chosen).mapToObj(i -> found[i]).toArray(Found[]::new);
  }

  private void addMean(int identity, double[] mean) {
    double squares = 0;
    for (double v : mean) {
      squares += v * v;
    }
    if (squares > 0) {
      int at = next(identity, MEAN);
      for (int k = 0; k < mean.length; k++) {
        rows[at + k] = (float) (mean[k] / Math.sqrt(squares));
      }
    }
  }

  /** Takes a row for a vector; gives where its values go. */
  private int next(int identity, int image) {
    identityOf[filled] = identity;
    imageOf[filled] = image;
    who[filled] = person[identity];
    counted[filled] = image != MEAN;
    return filled++ * faces.width();
  }

  private void flushWhenFull() {
    if (filled == who.length) {
      flush();
    }
  }

  private void flush() {
    if (filled == 0) {
      return;
    }
    long before = compared;
    NearestSearch.Nearest nearest =
        search.search(
            rows,
            filled,
            who,
            counted,
            counts,
            n -> {
              compared = before + n;
              done.accept(compared);
            });
    for (int r = 0; r < filled; r++) {
      Found old = found[identityOf[r]];
      float cosine = nearest.cosine()[r];
      int index = nearest.index()[r];
      if (imageOf[r] == MEAN) {
        found[old.identity] =
            new Found(old.identity, cosine, index, old.image, old.imageCosine, old.imageIndex);
      } else if (cosine > old.imageCosine) {
        found[old.identity] =
            new Found(old.identity, old.mean, old.meanIndex, imageOf[r], cosine, index);
      }
    }
    filled = 0;
  }
}
