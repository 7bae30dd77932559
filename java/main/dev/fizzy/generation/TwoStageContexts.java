package dev.fizzy.generation;

import dev.fizzy.file.FileException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embedder;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * New identities in two stages (Boutros et al. 2023, "synthetic two-stage"): samples of an
 * unconditional model, embedded, and the embedding scaled to length 1. Identity i depends on the
 * seed and on i alone, unless the embedder turns samples down.
 */
public final class TwoStageContexts {
  private static final Logger log = LoggerFactory.getLogger(TwoStageContexts.class);

  /** Image number of the samples: one that no data set has, so that none shares their noise. */
  private static final int SAMPLE = -1;

  private TwoStageContexts() {}

  /**
   * @param sampler draws without condition
   * @param config of the sampler's model
   * @param done told the number of contexts there are
   */
  public static Contexts of(
      FaceSampler sampler,
      ModelConfig config,
      Embedder embedder,
      int count,
      long seed,
      LongConsumer done) {
    if (count < 1) {
      throw new FileException("at least one context is wanted, not " + count);
    }
    int width = config.unet().contextInput();
    Contexts.requireMemory(count, embedder.width());
    if (embedder.width() != width) {
      log.warn("the contexts will have width {}, the model takes {}", embedder.width(), width);
    }
    int batch = sampler.batch();
    float[][] ignored = new float[batch][width];
    int[] rows = new int[2 * batch];
    List<float[]> kept = new ArrayList<>();
    Distinct distinct = new Distinct();
    int drawn = 0;
    while (kept.size() < count) {
      if (drawn - kept.size() > count) {
        throw new FileException(
            "the embedder gives no finite vector for "
                + (drawn - kept.size())
                + " of "
                + drawn
                + " samples");
      }
      int wanted = Math.min(batch, count - kept.size());
      for (int i = 0; i < batch; i++) {
        rows[2 * i] = drawn + Math.min(i, wanted - 1);
        rows[2 * i + 1] = SAMPLE;
      }
      byte[] pixels = sampler.draw(ignored, rows, seed);
      distinct.require(rows, pixels, wanted);
      for (float[] vector :
          embedder.embed(faces(pixels, config.autoencoder().imageSize(), wanted))) {
        if (vector != null) {
          kept.add(vector);
        }
      }
      drawn += wanted;
      done.accept(kept.size());
    }
    return Contexts.numbered(kept.toArray(float[][]::new));
  }

  private static List<Rgb> faces(byte[] pixels, int size, int count) {
    int bytes = size * size * 3;
    List<Rgb> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(new Rgb(size, size, Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes)));
    }
    return faces;
  }
}
