package dev.fizzy.recognition;

import dev.fizzy.identity.Embeddings;
import java.io.Serializable;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Searches a gallery for the faces nearest to identities: to the mean of an identity's unit
 * vectors, and to each of its images. Vectors are read when they are needed; memory is a few
 * numbers per identity.
 */
final class IdentitySearch {
  /** Marks the row of a block that is an identity's mean and not an image. */
  private static final int MEAN = -1;

  /**
   * The faces nearest to an identity; an index is -1 if there is no face to compare with.
   *
   * @param identity index of the identity
   * @param mean cosine of the mean vector and its nearest gallery vector {@code meanIndex}
   * @param image the image with the highest cosine {@code imageCosine} to a gallery vector, {@code
   *     imageIndex}
   */
  record Result(
      int identity, float mean, int meanIndex, int image, float imageCosine, int imageIndex)
      implements Serializable {

    /**
     * The faces nearest to the identity in two parts of a gallery; of equally near ones the first.
     */
    Result merge(Result other) {
      boolean nearer =
          other.mean > mean
              || other.mean == mean && Integer.compareUnsigned(other.meanIndex, meanIndex) < 0;
      Result ofMean = nearer ? other : this;
      Result ofImage = imageOrder(other) < 0 ? other : this;
      return new Result(
          identity,
          ofMean.mean,
          ofMean.meanIndex,
          ofImage.image,
          ofImage.imageCosine,
          ofImage.imageIndex);
    }

    /** Negative if the other image is nearer, or comes first; -1, for no image, comes last. */
    private int imageOrder(Result other) {
      if (other.imageCosine != imageCosine) {
        return Float.compare(imageCosine, other.imageCosine);
      }
      int order = Integer.compareUnsigned(other.image, image);
      return order != 0 ? order : Integer.compareUnsigned(other.imageIndex, imageIndex);
    }
  }

  private final Embeddings faces;
  private final Identities identities;
  private final int[] person;
  private final NearestSearch search;
  private final ScoreCounts counts;
  private final LongConsumer done;
  private final float[] rows;
  private final int[] identityOf;
  private final int[] imageOf;
  private final int[] persons;
  private final boolean[] counted;
  private final Result[] found;
  private int filled;
  private long compared;

  /**
   * @param person the gallery person of each identity, or {@link NearestSearch#NOBODY}
   * @param counts receives the score of every comparison with an image; or null
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
    persons = new int[search.probeRows()];
    counted = new boolean[search.probeRows()];
    found = new Result[identities.count()];
  }

  /** Number of rows that {@link #of} compares with the gallery. */
  static long rows(Identities identities, int[] chosen) {
    return Arrays.stream(chosen).mapToLong(i -> identities.size(i) + 1).sum();
  }

  Result[] of(int[] chosen) {
    double[] mean = new double[faces.width()];
    for (int identity : chosen) {
      found[identity] = new Result(identity, -1, -1, -1, -1, -1);
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
    return Arrays.stream(chosen).mapToObj(i -> found[i]).toArray(Result[]::new);
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

  /** Reserves a row for a vector and returns the offset of its values. */
  private int next(int identity, int image) {
    identityOf[filled] = identity;
    imageOf[filled] = image;
    persons[filled] = person[identity];
    counted[filled] = image != MEAN;
    return filled++ * faces.width();
  }

  private void flushWhenFull() {
    if (filled == persons.length) {
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
            persons,
            counted,
            counts,
            n -> {
              compared = before + n;
              done.accept(compared);
            });
    for (int r = 0; r < filled; r++) {
      Result old = found[identityOf[r]];
      float cosine = nearest.cosine()[r];
      int index = nearest.index()[r];
      if (imageOf[r] == MEAN) {
        found[old.identity] =
            new Result(old.identity, cosine, index, old.image, old.imageCosine, old.imageIndex);
      } else if (cosine > old.imageCosine) {
        found[old.identity] =
            new Result(old.identity, old.mean, old.meanIndex, imageOf[r], cosine, index);
      }
    }
    filled = 0;
  }
}
