package dev.fizzy.recognition.quality;

import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Cosines;
import dev.fizzy.recognition.Cosine;
import dev.fizzy.recognition.Spread;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Cosines of round trips under one embedder.
 *
 * @param original to the images as they are: also what resizing to the model's size loses
 * @param resized to the faces at the model's size: what the autoencoder alone loses
 */
public record RoundTripCosines(Spread original, Spread resized) {

  /** Vectors by the names of the images; one that is missing in either set is left out. */
  public static RoundTripCosines of(Contexts original, Contexts resized, Contexts again) {
    return new RoundTripCosines(cosines(original, again), cosines(resized, again));
  }

  private static Spread cosines(Contexts faces, Contexts again) {
    float[][] before = Cosines.unit(faces);
    float[][] after = Cosines.unit(again);
    return new Spread(
        IntStream.range(0, before.length)
            .filter(i -> again.indexOf(faces.name(i)) >= 0)
            .mapToDouble(i -> Cosine.of(before[i], after[again.indexOf(faces.name(i))]))
            .toArray());
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    original.fields().forEach((name, value) -> fields.put("cosine_" + name, value));
    resized.fields().forEach((name, value) -> fields.put("resized_cosine_" + name, value));
    return fields;
  }
}
