package dev.fizzy.recognition.quality;

import dev.fizzy.diffusion.RoundTrip;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.identity.Embedder;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.VqAutoencoderConfig;
import dev.fizzy.recognition.Cosine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures during a training what faces that it does not see keep in the round trip. */
public final class HeldOutFaces implements AutoCloseable {
  private final List<Rgb> faces;
  private final Embedder embedder;
  private final float[][] vectors;
  private final RoundTrip trip;

  /**
   * @param faces of the autoencoder's size
   * @param embedder compares identities; null for none
   */
  public HeldOutFaces(
      Device device,
      VqAutoencoderConfig config,
      List<Rgb> faces,
      Embedder embedder,
      int batch,
      DType type) {
    this.faces = faces;
    this.embedder = embedder;
    vectors = embedder == null ? null : embedder.embed(faces);
    trip = new RoundTrip(device, config, all -> {}, Math.min(batch, faces.size()), type);
  }

  /** Figures by name. */
  public Map<String, Double> measure(Parameters weights) {
    trip.load(weights);
    List<Rgb> again = trip.of(faces, done -> {});
    RoundTripQuality quality = RoundTripQuality.of(faces, again, trip.use());
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("held_out_psnr", quality.psnr());
    figures.put("held_out_l1", quality.l1());
    figures.put("held_out_sharpness_ratio", quality.sharpness());
    figures.put("held_out_codes_used", (double) quality.codesUsed());
    figures.put("held_out_codes_perplexity", quality.perplexity());
    if (embedder != null) {
      figures.put("held_out_cosine", cosine(embedder.embed(again)));
    }
    return figures;
  }

  /** The mean over the faces that have vectors before and after. */
  private double cosine(float[][] again) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < again.length; i++) {
      if (vectors[i] != null && again[i] != null) {
        sum += Cosine.of(vectors[i], again[i]);
        count++;
      }
    }
    return sum / count;
  }

  @Override
  public void close() {
    trip.close();
  }
}
