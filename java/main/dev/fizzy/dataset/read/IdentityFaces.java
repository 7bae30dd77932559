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
 * The faces of known people, as {@link DecodedImages}, with the number of whom they show. People
 * with too few good images are skipped; the others are numbered in the order in which the source
 * has them.
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
   * @param least good images that a person needs
   * @param memoryLimit bytes of pixels to keep
   * @param done told the number of images dealt with, from any thread
   */
  public static IdentityFaces read(
      LabeledImages source, int size, int least, int threads, long memoryLimit, LongConsumer done) {
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
      boolean enough = good[label] >= least;
      number[label] = enough ? identities.size() : -1;
      (enough ? identities : skippedIdentities).add(source.className(label));
    }
    int[] images = decoded.good().filter(i -> number[labels[i]] >= 0).toArray();
    report(source, least, identities, skippedIdentities, skipped);
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
      int least,
      List<String> identities,
      List<String> skippedIdentities,
      List<Skipped> skipped) {
    skipped.forEach(s -> log.warn("skipped {}", s));
    if (!skippedIdentities.isEmpty()) {
      log.warn(
          "{} identities with fewer than {} good images are skipped: {}",
          skippedIdentities.size(),
          least,
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
          "{} pairs of identities differ in capitals alone and are taken for two people: {}",
          alike.size(),
          some(alike));
    }
    if (identities.size() < 2) {
      throw new FileException(
          source
              + " has "
              + identities.size()
              + " identities with at least "
              + least
              + " good images; two are needed"
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

  /** The faces of some of the people, who are numbered anew in the order given. */
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

  /** People, in the order of their numbers. */
  public List<String> identities() {
    return identities;
  }

  /** Whom a face shows, 0 .. identities-1. */
  public int label(int face) {
    return labels[face];
  }

  /** What the source calls the face. */
  public String name(int face) {
    return decoded.source().name(images[face]);
  }

  /** Images that cannot be used, and why. */
  public List<Skipped> skipped() {
    return skipped;
  }

  /** People with too few good images. */
  public List<String> skippedIdentities() {
    return skippedIdentities;
  }

  /** [size, size, 3], not to be changed. */
  public byte[] pixels(int face) {
    return decoded.pixels(images[face]);
  }

  /** Changes when a face comes, goes or becomes another's. */
  public String checksum() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count(); i++) {
      text.append(identities.get(labels[i])).append('\n').append(name(i)).append('\n');
    }
    return Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
