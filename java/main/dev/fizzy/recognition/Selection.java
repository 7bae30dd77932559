package dev.fizzy.recognition;

import dev.fizzy.file.FileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Applies {@link SelectionRules} to the images of a data set: rules for each image first, then the
 * largest cluster, duplicates of an identity or of the set, and the number of images of each
 * identity.
 */
public final class Selection {
  /** Why an image is dropped: the first rule that it fails. */
  public enum Reason {
    UNREADABLE,
    ADHERENCE,
    CENTER,
    TYPICAL,
    SHARPNESS,
    CLIPPED,
    FACE,
    REAL,
    CLUSTER,
    DUPLICATE,
    MOST,
    LEAST
  }

  private final ImageMeasures measures;
  private final SelectionRules rules;
  private final UnitRows rows;
  private final Reason[] reasons;
  private final double oddest; // that is kept
  private final List<String> without = new ArrayList<>();
  private final int identities;

  /** Throws if an identity has nothing left and no rule allows it, or if nothing is left at all. */
  public Selection(ImageMeasures measures, SelectionRules rules) {
    this.measures = measures;
    this.rules = rules;
    rows = measures.faces() == null ? null : new UnitRows(measures.faces());
    reasons = new Reason[measures.names().size()];
    oddest = rules.typical() == null ? 0 : quantile(measures.oddness(), rules.typical());
    Identities groups = Identities.of(measures.names());
    identities = groups.count();
    for (int identity = 0; identity < groups.count(); identity++) {
      select(groups.images(identity));
    }
    if (rules.duplicatesInSet()) {
      drop(duplicatesInSet(), Reason.DUPLICATE);
    }
    for (int identity = 0; identity < groups.count(); identity++) {
      limit(groups.name(identity), groups.images(identity));
    }
    if (rules.least() == null && !without.isEmpty()) {
      throw new FileException(
          "the rules leave "
              + without.size()
              + " of "
              + identities
              + " identities without an image, the first is "
              + without.get(0)
              + "; --min-images 1 drops such identities");
    }
    if (kept().length == 0) {
      throw new FileException("the rules keep none of the " + reasons.length + " images");
    }
  }

  /** The least value that a share of the values that are numbers does not exceed. */
  private static double quantile(double[] values, double share) {
    double[] sorted = DoubleStream.of(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  private void select(int[] images) {
    for (int image : images) {
      reasons[image] = reason(image);
    }
    if (rules.cluster() != null) {
      List<Integer> left = left(images);
      left.removeAll(largestCluster(left));
      drop(left, Reason.CLUSTER);
    }
    if (rules.duplicate() != null && !rules.duplicatesInSet()) {
      drop(duplicates(left(images)), Reason.DUPLICATE);
    }
  }

  /** The rules on the number of an identity's images. */
  private void limit(String name, int[] images) {
    if (rules.most() != null) {
      List<Integer> nearest = left(images);
      nearest.sort(Comparator.comparingDouble(image -> -nearness(image)));
      drop(nearest.subList(Math.min(nearest.size(), rules.most()), nearest.size()), Reason.MOST);
    }
    List<Integer> left = left(images);
    if (left.size() < (rules.least() == null ? 1 : rules.least())) {
      without.add(name);
      drop(left, Reason.LEAST);
    }
  }

  private void drop(List<Integer> images, Reason reason) {
    images.forEach(image -> reasons[image] = reason);
  }

  private List<Integer> left(int[] images) {
    return new ArrayList<>(
        IntStream.of(images).filter(image -> reasons[image] == null).boxed().toList());
  }

  /** The rule for single images that an image fails, or null. */
  private Reason reason(int image) {
    int v = measures.vector()[image];
    if (rules.needVectors() && v < 0
        || rules.typical() != null && Double.isNaN(measures.oddness()[image])
        || rules.needPixels() && measures.pixels()[image] == null
        || rules.misaligned() != null && Double.isNaN(measures.misaligned()[image])) {
      return Reason.UNREADABLE;
    }
    if (rules.adherence() != null && !rules.adherence().contain(measures.adherence()[v])) {
      return Reason.ADHERENCE;
    }
    if (rules.center() != null && !rules.center().contain(measures.center()[v])) {
      return Reason.CENTER;
    }
    if (rules.typical() != null && measures.oddness()[image] > oddest) {
      return Reason.TYPICAL;
    }
    if (rules.sharpness() != null && measures.pixels()[image].laplacian() < rules.sharpness()) {
      return Reason.SHARPNESS;
    }
    if (rules.clipped() != null && clipped(image) > rules.clipped()) {
      return Reason.CLIPPED;
    }
    if (rules.misaligned() != null && !wellPlaced(measures.misaligned()[image])) {
      return Reason.FACE;
    }
    return rules.real() != null && measures.real()[v] > rules.real() ? Reason.REAL : null;
  }

  private boolean wellPlaced(double distance) {
    return distance <= rules.misaligned() && distance != Double.POSITIVE_INFINITY;
  }

  private double clipped(int image) {
    double[] shares = measures.pixels()[image].clipped();
    return (shares[0] + shares[1] + shares[2]) / shares.length;
  }

  private float nearness(int image) {
    int v = measures.vector()[image];
    return measures.adherence() == null ? measures.center()[v] : measures.adherence()[v];
  }

  private float cosine(int a, int b) {
    return rows.cosine(measures.vector()[a], measures.vector()[b]);
  }

  /** The largest set of images that are linked by neighbors; of equally large ones the first. */
  private List<Integer> largestCluster(List<Integer> images) {
    List<Integer> unseen = new ArrayList<>(images);
    List<Integer> largest = List.of();
    while (!unseen.isEmpty()) {
      List<Integer> cluster = new ArrayList<>(List.of(unseen.remove(0)));
      for (int i = 0; i < cluster.size(); i++) {
        int image = cluster.get(i);
        List<Integer> neighbors =
            unseen.stream().filter(other -> cosine(image, other) >= rules.cluster()).toList();
        unseen.removeAll(neighbors);
        cluster.addAll(neighbors);
      }
      largest = cluster.size() > largest.size() ? cluster : largest;
    }
    return largest;
  }

  private List<Integer> duplicates(List<Integer> images) {
    List<Integer> kept = new ArrayList<>();
    List<Integer> dropped = new ArrayList<>();
    for (int image : images) {
      boolean duplicate = kept.stream().anyMatch(k -> cosine(k, image) > rules.duplicate());
      (duplicate ? dropped : kept).add(image);
    }
    return dropped;
  }

  /** Images that are near to an earlier one that is kept. */
  private List<Integer> duplicatesInSet() {
    Map<Integer, Integer> imageOfVector = new HashMap<>();
    for (int image = 0; image < reasons.length; image++) {
      if (reasons[image] == null) {
        imageOfVector.put(measures.vector()[image], image);
      }
    }
    Map<Integer, List<Integer>> earlier = new TreeMap<>();
    measures
        .near()
        .forEach(
            (a, b) -> {
              Integer one = imageOfVector.get(a);
              Integer other = imageOfVector.get(b);
              if (one != null && other != null && cosine(one, other) > rules.duplicate()) {
                earlier
                    .computeIfAbsent(Math.max(one, other), i -> new ArrayList<>())
                    .add(Math.min(one, other));
              }
            });
    Set<Integer> dropped = new HashSet<>();
    earlier.forEach(
        (image, others) -> {
          if (!dropped.containsAll(others)) {
            dropped.add(image);
          }
        });
    return List.copyOf(dropped);
  }

  /** Indices of the images that are kept. */
  public int[] kept() {
    return IntStream.range(0, reasons.length).filter(i -> reasons[i] == null).toArray();
  }

  /** Names of the identities of which no image is kept. */
  public List<String> without() {
    return List.copyOf(without);
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("images", reasons.length);
    fields.put("kept", kept().length);
    fields.put("identities", identities);
    fields.put("identities_without_images", without());
    for (Reason reason : Reason.values()) {
      int count = (int) java.util.Arrays.stream(reasons).filter(r -> r == reason).count();
      if (count > 0) {
        fields.put("dropped_" + reason.name().toLowerCase(Locale.ROOT), count);
      }
    }
    return fields;
  }
}
