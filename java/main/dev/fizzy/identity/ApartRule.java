package dev.fizzy.identity;

import dev.fizzy.engine.Device;
import dev.fizzy.file.FileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keeps an identity if its cosine to each identity kept before, and to each vector of other sets,
 * is at most a bound: a set without look-alikes, and none of real people if these are the other
 * set.
 */
public final class ApartRule {
  /** Keeps every identity. */
  public static final ApartRule NONE = new ApartRule();

  private final Device device;
  private final double most;
  private final List<Embeddings> others;
  private final List<float[]> kept = new ArrayList<>();
  private float nearest = -1;

  private ApartRule() {
    this(null, 1, List.of());
  }

  /**
   * @param most bound on the cosines, -1 to 1
   * @param others read block by block; stay open
   */
  public ApartRule(Device device, double most, List<Embeddings> others) {
    this.device = device;
    this.most = most;
    this.others = List.copyOf(others);
  }

  /** Whether it may reject an identity. */
  public boolean rejects() {
    return device != null;
  }

  /** The largest cosine of two kept identities; -1 for fewer than two. */
  public float nearest() {
    return nearest;
  }

  /**
   * The kept of these vectors, unchanged and in their order.
   *
   * @param limit number to keep at most; the vectors after the last kept one are not looked at
   */
  public List<float[]> keep(int limit, float[]... vectors) {
    if (!rejects()) {
      return Arrays.asList(vectors).subList(0, Math.min(limit, vectors.length));
    }
    int[] chosen = chosen(Contexts.numbered(vectors), limit);
    return Arrays.stream(chosen).mapToObj(i -> vectors[i]).toList();
  }

  /** The kept of these identities, in their order; throws if none is. */
  public Contexts keep(Contexts contexts) {
    if (!rejects()) {
      return contexts;
    }
    int[] chosen =
        IntStream.iterate(
                0, from -> from < contexts.size(), from -> from + IdentityDistribution.BLOCK)
            .flatMap(from -> chosenFrom(contexts, from))
            .toArray();
    if (chosen.length == 0) {
      throw new FileException("none of the " + contexts.size() + " identities is " + this);
    }
    return chosen.length == contexts.size() ? contexts : contexts.select(chosen);
  }

  private IntStream chosenFrom(Contexts contexts, int from) {
    int to = Math.min(contexts.size(), from + IdentityDistribution.BLOCK);
    int[] block = IntStream.range(from, to).toArray();
    return Arrays.stream(chosen(contexts.select(block), block.length)).map(i -> from + i);
  }

  private int[] chosen(Contexts block, int limit) {
    float[][] unit = Cosines.unit(block);
    float[] before = new float[unit.length];
    boolean[] rejected = new boolean[unit.length];
    Arrays.fill(before, -1);
    for (Embeddings other : others) {
      requireWidth(other, block.width());
      Cosines.forEach(device, other, unit, (row, scores, at) -> reject(scores, at, rejected));
    }
    if (!kept.isEmpty()) {
      float[][] rows = kept.toArray(float[][]::new);
      Cosines.forEach(device, rows, unit, (row, scores, at) -> raise(scores, at, before));
    }
    List<Integer> chosen = new ArrayList<>();
    Cosines.forEach(
        device,
        unit,
        unit,
        (row, scores, at) -> {
          float largest = before[row];
          for (int j : chosen) {
            largest = Math.max(largest, scores[at + j]);
          }
          if (chosen.size() < limit && !rejected[row] && largest <= most) {
            chosen.add(row);
            nearest = Math.max(nearest, largest);
          }
        });
    chosen.forEach(i -> kept.add(unit[i]));
    return chosen.stream().mapToInt(i -> i).toArray();
  }

  private void reject(float[] scores, int at, boolean[] rejected) {
    for (int i = 0; i < rejected.length; i++) {
      rejected[i] |= scores[at + i] > most;
    }
  }

  private static void raise(float[] scores, int at, float[] largest) {
    for (int i = 0; i < largest.length; i++) {
      largest[i] = Math.max(largest[i], scores[at + i]);
    }
  }

  private static void requireWidth(Embeddings other, int width) {
    if (other.width() != width) {
      throw new FileException(
          "the identities have width "
              + width
              + " and those to stay apart from "
              + other.width()
              + "; both must come from one embedder");
    }
  }

  @Override
  public String toString() {
    return "at most "
        + most
        + " in cosine from each other"
        + (others.isEmpty() ? "" : " and from those of --apart-from");
  }
}
