package dev.fizzy.identity;

import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Identities between given ones, on the sphere. They are named after their parents, and {@link
 * Contexts#parents} tells who is in whom and by which share.
 */
public final class Morphs {
  private final Contexts from;
  private final double[] weights;

  /**
   * @param weights of the parents of each morph, in their order; positive
   */
  public Morphs(Contexts from, double... weights) {
    this.from = from;
    double sum = Arrays.stream(weights).sum();
    this.weights = Arrays.stream(weights).map(w -> w / sum).toArray();
    if (weights.length < 2) {
      throw new FileException("a morph has at least two parents, not " + weights.length);
    }
    if (weights.length > from.size()) {
      throw new FileException(
          "a morph of " + weights.length + " parents needs as many identities, not " + from.size());
    }
  }

  /** A morph of each group of names. */
  public Contexts named(List<List<String>> groups) {
    return of(groups.stream().map(this::indices).toList());
  }

  private int[] indices(List<String> group) {
    if (group.size() != weights.length || Set.copyOf(group).size() != group.size()) {
      throw new FileException(
          "a morph needs "
              + weights.length
              + " different parents, one for each weight, not "
              + String.join(",", group));
    }
    return from.indices(group);
  }

  /** Morphs of {@code count} different groups of parents, drawn by the seed. */
  public Contexts drawn(int count, long seed) {
    Philox random = new Philox(seed, Philox.Purpose.SHUFFLE, 0);
    Set<List<Integer>> seen = new HashSet<>();
    List<int[]> groups = new ArrayList<>();
    for (long tries = 0; groups.size() < count; tries++) {
      if (tries > 100L * count + 10_000) {
        throw new FileException(
            "found only "
                + groups.size()
                + " different groups of "
                + weights.length
                + " among "
                + from.size()
                + " identities, not "
                + count);
      }
      int[] group = random.draw(weights.length, from.size());
      if (seen.add(IntStream.of(group).sorted().boxed().toList())) {
        groups.add(group);
      }
    }
    return of(groups);
  }

  private Contexts of(List<int[]> groups) {
    Contexts.requireMemory(groups.size(), from.width());
    Map<String, Map<String, Double>> parents = new LinkedHashMap<>();
    float[][] values = new float[groups.size()][];
    for (int i = 0; i < values.length; i++) {
      int[] group = groups.get(i);
      float[][] vectors = IntStream.of(group).mapToObj(from::vector).toArray(float[][]::new);
      values[i] = SphericalMean.of(vectors, weights);
      Map<String, Double> shares = new LinkedHashMap<>();
      for (int p = 0; p < group.length; p++) {
        shares.put(from.name(group[p]), weights[p]);
      }
      parents.put(name(shares), shares);
    }
    return new Contexts(List.copyOf(parents.keySet()), values).withParents(parents);
  }

  /** {@code anna__ben}, with unequal shares {@code anna-0.7__ben-0.3}: valid as a folder's name. */
  private String name(Map<String, Double> shares) {
    boolean equal = Arrays.stream(weights).allMatch(w -> w == weights[0]);
    return shares.entrySet().stream()
        .map(e -> e.getKey() + (equal ? "" : "-" + Math.round(1e4 * e.getValue()) / 1e4))
        .collect(Collectors.joining("__"));
  }
}
