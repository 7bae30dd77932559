package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Labeled faces, as {@link DecodedImages}. Identities with too few usable images are skipped; the
 * others are numbered in the order of the source.
 */
public final class IdentityFaces {
  private static final Logger log = LoggerFactory.getLogger(IdentityFaces.class);
  private static final int NAMED = 10;

  private final DecodedImages decoded;
  private final int[] images;
  private final int[] labels;
  private final List<String> identities;
  private final List<Skipped> skipped;
  private final List<String> skippedIdentities;

  private IdentityFaces(
      DecodedImages decoded,
      int[] images,
      int[] labels,
      List<String> identities,
      List<Skipped> skipped,
      List<String> skippedIdentities) {
    this.decoded = decoded;
    this.images = images;
    this.labels = labels;
    this.identities = identities;
    this.skipped = skipped;
    this.skippedIdentities = skippedIdentities;
  }

  /**
   * @param size side of the squares in pixels
   * @param minImages identities with fewer usable images are skipped
   * @param memoryLimit bytes of pixels to keep
   * @param done called with the number of finished images, from any thread
   */
  public static IdentityFaces read(
      LabeledImages source,
      int size,
      int minImages,
      int threads,
      long memoryLimit,
      LongConsumer done) {
    int[] labels = new int[source.count()];
    DecodedImages decoded =
        DecodedImages.read(
            source, size, threads, memoryLimit, i -> labels[i] = source.label(i), done);
    List<Skipped> skipped = decoded.skipped();
    int[] good = new int[source.classes()];
    decoded.good().forEach(i -> good[labels[i]]++);
    List<String> identities = new ArrayList<>();
    List<String> skippedIdentities = new ArrayList<>();
    int[] number = new int[good.length];
    for (int label = 0; label < good.length; label++) {
      boolean enough = good[label] >= minImages;
      number[label] = enough ? identities.size() : -1;
      (enough ? identities : skippedIdentities).add(source.className(label));
    }
    int[] images = decoded.good().filter(i -> number[labels[i]] >= 0).toArray();
    report(source, minImages, identities, skippedIdentities, skipped);
    return new IdentityFaces(
        decoded,
        images,
        Arrays.stream(images).map(i -> number[labels[i]]).toArray(),
        List.copyOf(identities),
        List.copyOf(skipped),
        List.copyOf(skippedIdentities));
  }

  private static void report(
      LabeledImages source,
      int minImages,
      List<String> identities,
      List<String> skippedIdentities,
      List<Skipped> skipped) {
    skipped.forEach(s -> log.warn("skipped {}", s));
    if (!skippedIdentities.isEmpty()) {
      log.warn(
          "skipped {} identities with fewer than {} usable images: {}",
          skippedIdentities.size(),
          minImages,
          some(skippedIdentities));
    }
    Map<String, String> plain = new TreeMap<>();
    List<String> alike = new ArrayList<>();
    for (String name : identities) {
      String before = plain.putIfAbsent(name.toLowerCase(Locale.ROOT).strip(), name);
      if (before != null) {
        alike.add(before + " and " + name);
      }
    }
    if (!alike.isEmpty()) {
      log.warn(
          "{} pairs of identities differ only in upper and lower case and are treated as different"
              + " people: {}",
          alike.size(),
          some(alike));
    }
    if (identities.size() < 2) {
      throw new FileException(
          source
              + " has "
              + identities.size()
              + " identities with at minImages "
              + minImages
              + " usable images; two are needed"
              + (skipped.isEmpty() ? "" : "; skipped images: " + skipped.size())
              + (skippedIdentities.isEmpty()
                  ? ""
                  : "; too few images: " + some(skippedIdentities)));
    }
  }

  private static String some(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
        + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "");
  }

  /** The faces of some identities, which get new labels in the given order. */
  public IdentityFaces only(int... people) {
    int[] number = new int[identities.size()];
    Arrays.fill(number, -1);
    List<String> names = new ArrayList<>();
    for (int person : people) {
      number[person] = names.size();
      names.add(identities.get(person));
    }
    int[] faces = IntStream.range(0, count()).filter(i -> number[labels[i]] >= 0).toArray();
    return new IdentityFaces(
        decoded,
        Arrays.stream(faces).map(i -> images[i]).toArray(),
        Arrays.stream(faces).map(i -> number[labels[i]]).toArray(),
        List.copyOf(names),
        List.of(),
        List.of());
  }

  public int count() {
    return images.length;
  }

  /** Side of the squares in pixels. */
  public int size() {
    return decoded.size();
  }

  /** Names of the identities by label. */
  public List<String> identities() {
    return identities;
  }

  /** The label of a face, 0 .. identities-1. */
  public int label(int face) {
    return labels[face];
  }

  /** The name of a face in the source. */
  public String name(int face) {
    return decoded.source().name(images[face]);
  }

  /** Images that cannot be used, with the reasons. */
  public List<Skipped> skipped() {
    return skipped;
  }

  /** Identities with too few usable images. */
  public List<String> skippedIdentities() {
    return skippedIdentities;
  }

  /** The pixels of a face, [size, size, 3]; do not modify them. */
  public byte[] pixels(int face) {
    return decoded.pixels(images[face]);
  }

  /** A checksum of the names and labels of all faces. */
  public String checksum() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count(); i++) {
      text.append(identities.get(labels[i])).append('\n').append(name(i)).append('\n');
    }
    return Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
