package dev.fizzy.recognition;

import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.engine.EngineException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Images grouped by identity. Identities and images keep their order of appearance. */
final class Identities {
  private final List<String> names;
  private final int[] owner;
  private final int[] start;
  private final int[] images;

  private Identities(List<String> names, int[] owner) {
    this.names = names;
    this.owner = owner;
    // Counting sort of the images by owner.
    start = new int[names.size() + 1];
    for (int identity : owner) {
      start[identity + 1]++;
    }
    for (int i = 0; i < names.size(); i++) {
      start[i + 1] += start[i];
    }
    images = new int[owner.length];
    int[] at = Arrays.copyOf(start, names.size());
    for (int image = 0; image < owner.length; image++) {
      images[at[owner[image]]++] = image;
    }
  }

  /** Groups images by the first folder in their names, identity/image. */
  static Identities of(List<String> imageNames) {
    return labeled(
        new AbstractList<>() {
          @Override
          public String get(int i) {
            String identity = FaceLabels.identity(imageNames.get(i));
            if (identity == null) {
              throw new EngineException(
                  "the image "
                      + imageNames.get(i)
                      + " is not in an identity's folder: its name must be identity/image");
            }
            return identity;
          }

          @Override
          public int size() {
            return imageNames.size();
          }
        });
  }

  /**
   * @param labels one per image; an image with null is a separate identity, whose name is null
   */
  static Identities labeled(List<String> labels) {
    Map<String, Integer> numbers = new HashMap<>();
    List<String> names = new ArrayList<>();
    int[] owner = new int[labels.size()];
    for (int i = 0; i < owner.length; i++) {
      String label = labels.get(i);
      Integer number = label == null ? null : numbers.get(label);
      if (number == null) {
        number = names.size();
        names.add(label);
        if (label != null) {
          numbers.put(label, number);
        }
      }
      owner[i] = number;
    }
    return new Identities(names, owner);
  }

  int count() {
    return names.size();
  }

  String name(int identity) {
    return names.get(identity);
  }

  /** Number of images of the identity. */
  int size(int identity) {
    return start[identity + 1] - start[identity];
  }

  /** Indices of the identity's images. */
  int[] images(int identity) {
    return Arrays.copyOfRange(images, start[identity], start[identity + 1]);
  }

  int owner(int image) {
    return owner[image];
  }

  int imageCount() {
    return owner.length;
  }

  /** Number of pairs of images of one identity. */
  long genuinePairs() {
    long pairs = 0;
    for (int i = 0; i < count(); i++) {
      pairs += (long) size(i) * (size(i) - 1) / 2;
    }
    return pairs;
  }

  /** Number of identities with a single image. */
  int single() {
    int single = 0;
    for (int i = 0; i < count(); i++) {
      single += size(i) == 1 ? 1 : 0;
    }
    return single;
  }
}
