package dev.fizzy.cli;

import dev.fizzy.cluster.MergedWork;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.identity.Contexts;
import dev.fizzy.recognition.ContextRanks;
import dev.fizzy.recognition.PairScores;
import dev.fizzy.recognition.Retrieval;
import dev.fizzy.recognition.Separability;
import java.io.Serializable;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The comparisons of {@code evaluate separability} on an executor.
 *
 * @param arguments of the command
 * @param checksum of the vectors, which the worker must have as well
 */
record SeparabilityWork(List<String> arguments, String checksum)
    implements MergedWork<SeparabilityWork.Slices> {

  /** Scores and ranks, in slices by their parts. */
  record Slices(TreeMap<Integer, float[]> scores, TreeMap<Integer, int[]> ranks)
      implements Serializable {}

  /** What all comparisons give. */
  record Found(Separability separability, Retrieval retrieval) {}

  /**
   * The comparisons, of which each part makes its share.
   *
   * @param ranks null without contexts
   */
  record Comparisons(PairScores pairs, ContextRanks ranks) {
    long count() {
      return pairs.count();
    }

    private Slices part(Shard part, int threads, LongConsumer done) {
      Slices slices = new Slices(new TreeMap<>(), new TreeMap<>());
      int from = (int) part.begin(pairs.count());
      slices.scores.put(part.index(), pairs.of(from, (int) part.end(pairs.count()), done));
      if (ranks != null) {
        try (Device device = Devices.open(Devices.CPU, threads)) {
          int begin = (int) part.begin(ranks.blocks());
          int end = (int) part.end(ranks.blocks());
          slices.ranks.put(part.index(), ranks.of(device, begin, end, n -> {}));
        }
      }
      return slices;
    }

    Found found(Slices slices, Contexts wanted) {
      float[] scores = new float[pairs.count()];
      int at = 0;
      for (float[] slice : slices.scores.values()) {
        System.arraycopy(slice, 0, scores, at, slice.length);
        at += slice.length;
      }
      int[] all = slices.ranks.values().stream().flatMapToInt(IntStream::of).toArray();
      return new Found(
          Separability.of(pairs, scores, wanted), ranks == null ? null : ranks.retrieval(all));
    }
  }

  @Override
  public String key() {
    return toString();
  }

  @Override
  public Opened<Slices> open() {
    return Resent.parsed(arguments, EvaluateSeparabilityCommand.class).openOnWorker(checksum)::part;
  }

  @Override
  public Slices merge(Slices one, Slices other) {
    one.scores.putAll(other.scores);
    one.ranks.putAll(other.ranks);
    return one;
  }
}
