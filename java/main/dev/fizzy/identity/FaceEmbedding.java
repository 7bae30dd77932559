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
    float[][] vectors = new float[images.count()][];
    String[] reasons = new String[images.count()];
    AtomicLong count = new AtomicLong();
    int batch = embedder.batch();
    int side = Math.max(embedder.preset().width(), embedder.preset().height());
    Workers.forEach(
        (images.count() + batch - 1) / batch,
        threads,
        b -> {
          int end = Math.min(images.count(), (b + 1) * batch);
          List<Integer> good = new ArrayList<>();
          List<Rgb> faces = new ArrayList<>();
          for (int i = b * batch; i < end; i++) {
            try {
              faces.add(images.decode(i, side));
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
    List<String> names = new ArrayList<>();
    List<float[]> kept = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>(images.skipped());
    for (int i = 0; i < vectors.length; i++) {
      if (vectors[i] != null) {
        names.add(images.name(i));
        kept.add(vectors[i]);
      } else {
        skipped.add(new Skipped(images.name(i), reasons[i]));
      }
    }
    FaceSet.report(images, names.size(), skipped);
    return new FaceEmbedding(new Contexts(names, kept.toArray(float[][]::new)), skipped);
  }
}
