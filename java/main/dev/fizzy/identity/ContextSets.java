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

/** Joins and divides sets of identities. */
public final class ContextSets {
  private ContextSets() {}

  /**
   * All identities of several sets, one set after the other. If two sets have a name in common, the
   * names of every set get its number and "-" in front.
   *
   * @param counts number of identities of each set, drawn by the seed; null for all
   */
  public static Contexts mix(List<Contexts> sets, int[] counts, long seed) {
    List<Contexts> parts = new ArrayList<>();
    Set<String> all = new HashSet<>();
    boolean unique = true;
    for (int s = 0; s < sets.size(); s++) {
      Contexts set = sets.get(s);
      if (set.width() != sets.get(0).width()) {
        throw new FileException(
            "the sets to mix have the widths " + sets.get(0).width() + " and " + set.width());
      }
      parts.add(counts == null ? set : AuthenticContexts.drawn(set, counts[s], seed + s));
      for (String name : parts.get(s).names()) {
        unique &= all.add(name);
      }
    }
    List<String> names = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    Map<String, Map<String, Double>> parents = new LinkedHashMap<>();
    for (int s = 0; s < parts.size(); s++) {
      Contexts part = parts.get(s);
      for (int i = 0; i < part.size(); i++) {
        String name = unique ? part.name(i) : (s + 1) + "-" + part.name(i);
        names.add(name);
        values.add(part.vector(i));
        if (part.parents().containsKey(part.name(i))) {
          parents.put(name, part.parents().get(part.name(i)));
        }
      }
    }
    return new Contexts(names, values.toArray(float[][]::new)).withParents(parents);
  }

  /**
   * Disjoint parts that are the whole together, in the order of the whole.
   *
   * @param shares of the parts, above 0
   */
  public static List<Contexts> split(Contexts whole, double[] shares, long seed) {
    int size = whole.size();
    int[] order = new Philox(seed, Philox.Purpose.SPLIT, 0).draw(size, size);
    double sum = Arrays.stream(shares).sum();
    double before = 0;
    int from = 0;
    List<Contexts> parts = new ArrayList<>();
    for (double share : shares) {
      before += share;
      int to = (int) Math.round(size * (before / sum));
      if (to == from) {
        throw new FileException(
            "a share of " + share + " of " + sum + " is none of the " + size + " identities");
      }
      parts.add(whole.select(Arrays.stream(order, from, to).sorted().toArray()));
      from = to;
    }
    return parts;
  }

  /**
   * The mean of the unit vectors of each person's faces.
   *
   * @param people of the faces; faces of null are left out
   */
  public static Contexts centers(Contexts faces, List<String> people) {
    Map<String, double[]> sums = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    float[][] unit = Cosines.unit(faces);
    for (int i = 0; i < unit.length; i++) {
      if (people.get(i) != null) {
        double[] sum = sums.computeIfAbsent(people.get(i), p -> new double[faces.width()]);
        counts.merge(people.get(i), 1, Integer::sum);
        for (int k = 0; k < sum.length; k++) {
          sum[k] += unit[i][k];
        }
      }
    }
    List<float[]> means = new ArrayList<>();
    sums.forEach((person, sum) -> means.add(scaled(sum, 1. / counts.get(person))));
    return new Contexts(List.copyOf(sums.keySet()), means.toArray(float[][]::new));
  }

  private static float[] scaled(double[] sum, double scale) {
    float[] mean = new float[sum.length];
    for (int k = 0; k < mean.length; k++) {
      mean[k] = (float) (scale * sum[k]);
    }
    return mean;
  }
}
