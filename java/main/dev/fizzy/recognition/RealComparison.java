package dev.fizzy.recognition;

import dev.fizzy.identity.Contexts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Real people beside the identities of a data set, under the same embedder.
 *
 * @param real the same figures of the real people
 * @param others how much images of these people look like other photos of them; null if no identity
 *     was generated from one of the photos
 */
public record RealComparison(Separability real, OtherPhotos others) {
  private static final List<String> SHOWN =
      List.of(
          "identities",
          "images",
          "eer",
          "genuine_mean",
          "genuine_deviation",
          "impostor_mean",
          "impostor_deviation",
          "intra_identity_variation",
          "genuine_histogram");

  /**
   * @param faces of the data set, named identity/image
   * @param contexts that the identities were generated from, or null
   * @param photos of real people
   * @param people of the photos
   * @param impostors number of impostor pairs of real people to draw
   */
  public static RealComparison of(
      Contexts faces,
      Contexts contexts,
      Contexts photos,
      List<String> people,
      int impostors,
      long seed,
      LongConsumer done) {
    return new RealComparison(
        Separability.of(named(photos, people), null, impostors, seed, done),
        OtherPhotos.of(faces, contexts, photos, people));
  }

  /** Number of pairs that {@link #of} compares. */
  public static long work(Contexts photos, List<String> people, int impostors) {
    return Separability.work(named(photos, people), impostors);
  }

  /** The photos, named person/photo. */
  private static Contexts named(Contexts photos, List<String> people) {
    List<String> names = new ArrayList<>();
    float[][] vectors = new float[photos.size()][];
    for (int i = 0; i < vectors.length; i++) {
      names.add(people.get(i) + "/" + i);
      vectors[i] = photos.vector(i);
    }
    return new Contexts(names, vectors);
  }

  public double impostorMean() {
    return (double) real.fields().get("impostor_mean");
  }

  public Map<String, Object> fields() {
    Map<String, Object> all = real.fields();
    Map<String, Object> shown = new LinkedHashMap<>();
    SHOWN.forEach(name -> shown.put(name, all.get(name)));
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("real", shown);
    if (others != null) {
      fields.put("other_photos", others.fields((double) all.get("impostor_mean")));
    }
    return fields;
  }
}
