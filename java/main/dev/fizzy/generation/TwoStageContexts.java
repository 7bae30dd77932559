package dev.fizzy.generation;

import dev.fizzy.engine.Workers;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.ApartRule;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.IdentityDistribution;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * New identities in two stages (Boutros et al. 2023, "synthetic two-stage"): samples of an
 * unconditional model, embedded, and the embedding scaled to length 1. Identity i depends on the
 * seed and on i alone, unless the embedder or a rule rejects samples.
 */
public final class TwoStageContexts {
  private static final Logger log = LoggerFactory.getLogger(TwoStageContexts.class);

  /** Image number of the samples. No data set has it, so no image shares their noise. */
  private static final int SAMPLE = -1;

  private TwoStageContexts() {}

  /**
   * @param samplers draw unconditionally
   * @param config configuration of the samplers' model
   * @param done is told the number of contexts so far
   */
  public static Contexts of(
      Workers<FaceSampler> samplers,
      ModelConfig config,
      Embedder embedder,
      int count,
      long seed,
      ApartRule rule,
      LongConsumer done) {
    IdentityDistribution.requireCount(count, embedder.width());
    int width = config.network().contextInput();
    if (config.network().conditional() && embedder.width() != width) {
      log.warn("the contexts will have width {}, the model takes {}", embedder.width(), width);
    }
    float[] ignored = new float[width];
    List<float[]> kept = new ArrayList<>();
    Distinct distinct = new Distinct();
    int drawn = 0;
    int round = samplers.count() * samplers.first().batch();
    while (kept.size() < count) {
      if (drawn - kept.size() > count + (rule.rejects() ? 100L * kept.size() : 0)) {
        throw new FileException(
            "only "
                + kept.size()
                + " of "
                + drawn
                + " samples have a finite vector"
                + (rule.rejects() ? " and are " + rule : ""));
      }
      int missing = count - kept.size();
      int size = rule.rejects() ? round : Math.min(round, missing);
      List<FaceSampler.Face> faces =
          IntStream.range(drawn, drawn + size)
              .mapToObj(i -> new FaceSampler.Face(ignored, i, SAMPLE))
              .toList();
      List<Rgb> images = draw(samplers, faces, seed);
      distinct.require(faces, images);
      float[][] vectors =
          Arrays.stream(embedder.embed(images)).filter(Objects::nonNull).toArray(float[][]::new);
      if (vectors.length > 0) {
        kept.addAll(rule.keep(missing, vectors));
      }
      drawn += faces.size();
      done.accept(kept.size());
    }
    return Contexts.numbered(kept.toArray(float[][]::new));
  }

  /** Draws at most a batch for each worker. */
  private static List<Rgb> draw(
      Workers<FaceSampler> samplers, List<FaceSampler.Face> faces, long seed) {
    int batch = samplers.first().batch();
    Rgb[] images = new Rgb[faces.size()];
    samplers.forEach(
        (images.length + batch - 1) / batch,
        (sampler, number) -> {
          int begin = number * batch;
          int end = Math.min(images.length, begin + batch);
          List<Rgb> drawn = sampler.draw(faces.subList(begin, end), seed);
          for (int i = begin; i < end; i++) {
            images[i] = drawn.get(i - begin);
          }
        });
    return List.of(images);
  }
}
