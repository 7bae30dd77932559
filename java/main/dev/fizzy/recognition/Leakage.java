package dev.fizzy.recognition;

import dev.fizzy.engine.Device;
import dev.fizzy.identity.Embeddings;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * How near the identities of a data set are to the faces that a model was trained on, compared with
 * how near real strangers are: some of the real people are searched for among the faces of all
 * others in the same way. This gives two baselines: the scores of pairs of two real people, whose
 * false match rate gives thresholds, and the nearest stranger of each real person. The second is
 * the fairer one, because each identity is compared with every training face and the highest cosine
 * is kept.
 */
public final class Leakage {
  private final Identities identities;
  private final Embeddings faces;
  private final Embeddings training;
  private final RealPeople people;
  private final IdentitySearch.Result[] synthetic;
  private final IdentitySearch.Result[] real;
  private final ScoreCounts impostors;

  /**
   * Settings.
   *
   * @param people real people to search for, drawn by the seed
   * @param probeRows vectors compared at a time, 0 for the default
   * @param galleryRows training vectors compared at a time, 0 for the default
   */
  public record Options(int people, long seed, int probeRows, int galleryRows) {}

  Leakage(
      Identities identities,
      Embeddings faces,
      Embeddings training,
      RealPeople people,
      IdentitySearch.Result[] synthetic,
      IdentitySearch.Result[] real,
      ScoreCounts impostors) {
    this.identities = identities;
    this.faces = faces;
    this.training = training;
    this.people = people;
    this.synthetic = synthetic;
    this.real = real;
    this.impostors = impostors;
  }

  /**
   * @param faces of the data set, named identity/image
   * @param training the training faces
   * @param labels identity of each training face, or null if it is unknown; see {@link RealPeople}
   * @param progress is told the total number of comparisons, then the number done
   */
  public static Leakage of(
      Device device,
      Embeddings faces,
      Embeddings training,
      List<String> labels,
      Options options,
      Progress progress) {
    LeakageSearch search = LeakageSearch.of(faces, training, labels, options);
    return search.leakage(search.all(device, progress.begin(search.comparisons())));
  }

  /** Opens a progress bar when the amount of work is known. */
  @FunctionalInterface
  public interface Progress {
    LongConsumer begin(long comparisons);
  }

  /** An identity and the training faces nearest to it. */
  public record Match(
      String identity,
      String training,
      double cosine,
      String image,
      String imageTraining,
      double imageCosine) {}

  /** All identities, the one whose mean is nearest to a training face first. */
  public List<Match> matches() {
    return Arrays.stream(synthetic)
        .map(
            f ->
                new Match(
                    identities.name(f.identity()),
                    f.meanIndex() < 0 ? null : training.names().get(f.meanIndex()),
                    f.mean(),
                    faces.names().get(f.image()),
                    training.names().get(f.imageIndex()),
                    f.imageCosine()))
        .toList();
  }

  public int identityCount() {
    return synthetic.length;
  }

  public int imageCount() {
    return faces.size();
  }

  public int trainingCount() {
    return training.size();
  }

  public RealPeople people() {
    return people;
  }

  public int peopleSearched() {
    return real.length;
  }

  public ScoreCounts impostors() {
    return impostors;
  }

  /**
   * Cosines to the nearest training face, sorted.
   *
   * @param ofReal true for the real people, false for the data set's identities
   * @param ofMean true for the mean vectors, false for the nearest image
   */
  public float[] nearest(boolean ofReal, boolean ofMean) {
    IdentitySearch.Result[] found = ofReal ? real : synthetic;
    float[] cosines = new float[found.length];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = ofMean ? found[i].mean() : found[i].imageCosine();
    }
    Arrays.sort(cosines);
    return cosines;
  }
}
