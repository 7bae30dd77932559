package dev.fizzy.recognition;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import dev.fizzy.identity.Contexts;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Whether an image finds the person it was asked for: the rank of its own context among N contexts
 * by cosine, 1 being the nearest. A context as near as the own one counts as nearer.
 *
 * @param candidates N, with the own context
 * @param images ranks of the images
 * @param identities ranks of the identities: of the mean of their images' unit vectors
 */
public record Retrieval(int candidates, int[] images, int[] identities) {
  /**
   * Contexts of other people. Those that are named like an identity's context are left out, and
   * those of a person who is asked for.
   *
   * @param person gives the person of a context by its name, or null if it is not known
   * @param candidates largest number of candidates, with the identities' contexts; the others are
   *     drawn by the seed
   */
  public record Others(Contexts contexts, UnaryOperator<String> person, int candidates, long seed) {
    int[] chosen(Contexts own) {
      if (contexts.width() != own.width()) {
        throw new EngineException(
            "the contexts have width " + own.width() + " and the others " + contexts.width());
      }
      Set<String> asked =
          own.names().stream().map(person).filter(Objects::nonNull).collect(Collectors.toSet());
      int[] strangers =
          IntStream.range(0, contexts.size())
              .filter(i -> own.indexOf(contexts.name(i)) < 0)
              .filter(i -> !asked.contains(person.apply(contexts.name(i))))
              .toArray();
      int count = Math.max(0, Math.min(strangers.length, candidates - own.size()));
      Philox random = new Philox(seed, Philox.Purpose.SHUFFLE, 0);
      return IntStream.of(random.draw(count, strangers.length)).map(i -> strangers[i]).toArray();
    }
  }

  /** The second share that is reported beside rank 1. */
  private static final int FEW = 5;

  /**
   * @param faces named identity/image
   * @param contexts that the identities were generated from
   * @param others further contexts, or null
   * @param done is told the number of images and identities done, of {@link #work}
   */
  public static Retrieval of(
      Device device, Contexts faces, Contexts contexts, Others others, LongConsumer done) {
    ContextRanks ranks = new ContextRanks(faces, contexts, others);
    return ranks.retrieval(ranks.of(device, 0, ranks.blocks(), done));
  }

  /** Number of images and identities that {@link #of} ranks. */
  public static long work(Contexts faces) {
    return faces.size() + Identities.of(faces.names()).count();
  }

  /** Share of ranks that are at most {@code rank}. */
  public static double share(int[] ranks, int rank) {
    return (double) Arrays.stream(ranks).filter(r -> r <= rank).count() / ranks.length;
  }

  public static double median(int[] ranks) {
    return new Spread(Arrays.stream(ranks).asDoubleStream().toArray()).median();
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("candidates", candidates);
    fields.put("images", fields(images));
    fields.put("identities", fields(identities));
    return fields;
  }

  private static Map<String, Object> fields(int[] ranks) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("rank1", share(ranks, 1));
    fields.put("rank" + FEW, share(ranks, FEW));
    fields.put("median_rank", median(ranks));
    return fields;
  }
}
