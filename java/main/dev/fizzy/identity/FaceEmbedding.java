package dev.fizzy.identity;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.dataset.read.Skipped;
import dev.fizzy.dataset.read.Workers;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Turns a folder of aligned faces into contexts: authentic ones from photographs, two-stage ones
 * from the samples of an unconditional model. Names are the source's.
 *
 * @param skipped files without a context
 */
public record FaceEmbedding(Contexts contexts, List<Skipped> skipped) {

  /**
   * Decodes and embeds on several threads; the result does not depend on their number.
   *
   * @param done is told the number of files done, from any thread
   */
  public static FaceEmbedding of(
      FaceFolder folder, Embedder embedder, int threads, LongConsumer done) {
    return of(folder, embedder, false, threads, done);
  }

  /**
   * @param bothWays adds the features of the mirror image
   */
  public static FaceEmbedding of(
      ImageSource images, Embedder embedder, boolean bothWays, int threads, LongConsumer done) {
    Vectors all = vectors(images, 0, images.count(), embedder, bothWays, threads, done);
    List<String> names = new ArrayList<>();
    List<float[]> kept = new ArrayList<>();
    for (int i = 0; i < images.count(); i++) {
      if (all.values[i] != null) {
        names.add(images.name(i));
        kept.add(all.values[i]);
      }
    }
    List<Skipped> skipped = new ArrayList<>(images.skipped());
    skipped.addAll(all.skipped);
    FaceSet.report(images, names.size(), skipped);
    return new FaceEmbedding(new Contexts(names, kept.toArray(float[][]::new)), skipped);
  }

  /**
   * The vectors of some images.
   *
   * @param values null for an image without one
   * @param skipped these images
   */
  public record Vectors(float[][] values, List<Skipped> skipped) {}

  /** Embeds images {@code from} to {@code to - 1}, of which none need be usable. */
  public static Vectors vectors(
      ImageSource images,
      int from,
      int to,
      Embedder embedder,
      boolean bothWays,
      int threads,
      LongConsumer done) {
    float[][] vectors = new float[to - from][];
    String[] reasons = new String[vectors.length];
    AtomicLong count = new AtomicLong();
    int batch = embedder.batch();
    int side = Math.max(embedder.preset().width(), embedder.preset().height());
    Workers.forEach(
        (vectors.length + batch - 1) / batch,
        threads,
        b -> {
          int end = Math.min(vectors.length, (b + 1) * batch);
          List<Integer> good = new ArrayList<>();
          List<Rgb> faces = new ArrayList<>();
          for (int i = b * batch; i < end; i++) {
            try {
              faces.add(images.decode(from + i, side));
              good.add(i);
            } catch (IOException e) {
              reasons[i] = FileException.reason(e);
            }
          }
          float[][] out = bothWays ? embedder.embedBothWays(faces) : embedder.embed(faces);
          for (int k = 0; k < out.length; k++) {
            vectors[good.get(k)] = out[k];
            reasons[good.get(k)] =
                out[k] == null ? "the embedder gives no finite vector for it" : null;
          }
          done.accept(count.addAndGet(end - b * batch));
        });
    List<Skipped> skipped = new ArrayList<>();
    for (int i = 0; i < reasons.length; i++) {
      if (reasons[i] != null) {
        skipped.add(new Skipped(images.name(from + i), reasons[i]));
      }
    }
    return new Vectors(vectors, skipped);
  }
}
