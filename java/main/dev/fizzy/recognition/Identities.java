package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Images named identity/image, gathered by identity, in the order in which they come. */
final class Identities {
  private final List<String> names;
  private final int[][] images;
  private final int[] owner;

  private Identities(List<String> names, int[][] images, int[] owner) {
    this.names = names;
    this.images = images;
    this.owner = owner;
  }

  static Identities of(List<String> imageNames) {
    Map<String, List<Integer>> byIdentity = new LinkedHashMap<>();
    for (int i = 0; i < imageNames.size(); i++) {
      String identity = folder(imageNames.get(i));
      if (identity == null) {
        throw new EngineException(
            "the image "
                + imageNames.get(i)
                + " is in no identity's folder: identity/image is wanted");
      }
      byIdentity.computeIfAbsent(identity, k -> new ArrayList<>()).add(i);
    }
    int[][] images = new int[byIdentity.size()][];
    int[] owner = new int[imageNames.size()];
    int number = 0;
    for (List<Integer> of : byIdentity.values()) {
      images[number] = of.stream().mapToInt(Integer::intValue).toArray();
      for (int image : images[number]) {
        owner[image] = number;
      }
      number++;
    }
    return new Identities(List.copyOf(byIdentity.keySet()), images, owner);
  }

  /** The folder of an image's name, or null. */
  static String folder(String name) {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? null : name.substring(0, slash);
  }

  int count() {
    return names.size();
  }

  String name(int identity) {
    return names.get(identity);
  }

  /** Numbers of the identity's images. */
  int[] images(int identity) {
    return images[identity];
  }

  int owner(int image) {
    return owner[image];
  }

  int imageCount() {
    return owner.length;
  }

  /** Pairs of images of one identity. */
  long genuinePairs() {
    return Arrays.stream(images).mapToLong(of -> (long) of.length * (of.length - 1) / 2).sum();
  }

  /** How many identities have one image alone. */
  int single() {
    return (int) Arrays.stream(images).filter(of -> of.length == 1).count();
  }
}
