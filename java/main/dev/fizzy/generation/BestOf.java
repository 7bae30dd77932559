package dev.fizzy.generation;

import dev.fizzy.dataset.write.ImageKey;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Later;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Embedder;
import dev.fizzy.image.Rgb;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Draws {@code of} candidates for every {@code keep} images of an identity and keeps the nearest to
 * its context, in the order in which they were drawn. Candidates are counted like images: group g
 * has the numbers from g of to (g + 1) of - 1. A group is drawn as a whole whichever of its images
 * are missing, so an image does not depend on shards or restarts.
 *
 * @param log is told the candidates of each group that is drawn
 */
public record BestOf(ImageConditions conditions, int keep, int of, Embedder embedder, ChoiceLog log)
    implements Drawing {
  public BestOf {
    if (keep < 1 || of <= keep) {
      throw new EngineException(
          "of some candidates at least one and fewer than all are kept, not " + keep + " of " + of);
    }
  }

  @Override
  public int images(int batch) {
    return keep * Math.max(1, batch / of);
  }

  @Override
  public Later<List<Rgb>> draw(
      FaceSampler sampler, List<ImageKey> keys, long seed, Distinct distinct) {
    Map<ImageKey, List<ImageKey>> groups = new LinkedHashMap<>(); // by the group's first image
    for (ImageKey key : keys) {
      ImageKey first = new ImageKey(key.identity(), key.image() / keep * keep);
      groups.computeIfAbsent(first, k -> new ArrayList<>()).add(key);
    }
    List<FaceSampler.Face> faces = new ArrayList<>();
    groups.keySet().forEach(first -> faces.addAll(candidates(first)));
    List<Rgb> drawn = new ArrayList<>();
    for (int from = 0; from < faces.size(); from += sampler.batch()) {
      List<FaceSampler.Face> some =
          faces.subList(from, Math.min(faces.size(), from + sampler.batch()));
      List<Rgb> images = sampler.draw(some, seed);
      distinct.require(some, images);
      drawn.addAll(images);
    }
    List<Rgb> kept = new ArrayList<>();
    int from = 0;
    for (var group : groups.entrySet()) {
      List<Rgb> candidates = drawn.subList(from, from + of);
      int[] chosen = choose(group.getKey(), candidates);
      group.getValue().forEach(key -> kept.add(candidates.get(chosen[key.image() % keep])));
      from += of;
    }
    return Later.of(kept);
  }

  private List<FaceSampler.Face> candidates(ImageKey first) {
    int begin = first.image() / keep * of;
    return IntStream.range(begin, begin + of)
        .mapToObj(number -> conditions.face(first.identity(), number))
        .toList();
  }

  private int[] choose(ImageKey first, List<Rgb> candidates) {
    float[] cosines = cosines(first.identity(), candidates);
    int[] chosen =
        IntStream.range(0, of)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -cosines[i]))
            .limit(keep)
            .mapToInt(i -> i)
            .sorted()
            .toArray();
    log.add(conditions.contexts().name(first.identity()), first.image(), chosen, cosines);
    return chosen;
  }

  /** Cosines to the identity's context; -1 for a candidate without a vector. */
  private float[] cosines(int identity, List<Rgb> candidates) {
    float[] context = Embedder.unit(conditions.contexts().vector(identity).clone());
    if (context == null) {
      throw new FileException(
          "the context of "
              + conditions.contexts().name(identity)
              + " is zero: nothing is near it");
    }
    float[][] vectors = embedder.embed(candidates);
    float[] cosines = new float[of];
    for (int i = 0; i < of; i++) {
      double sum = 0;
      for (int k = 0; vectors[i] != null && k < context.length; k++) {
        sum += (double) vectors[i][k] * context[k];
      }
      cosines[i] = vectors[i] == null ? -1 : (float) sum;
    }
    return cosines;
  }
}
