package dev.fizzy.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.NameBelow;
import dev.fizzy.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The faces that a result names: the closest pairs of leakage, the worst identities of
 * separability. They are read from the sets that the command was given, where these still exist.
 *
 * @param file of the result, relative to the report's folder
 * @param data pictures of the data set's images by name, as data URIs
 * @param training pictures of the training faces by name
 */
record ResultPictures(String file, Map<String, String> data, Map<String, String> training) {
  private static final int MATCHES = 12;

  /**
   * @param base the folder that the command ran in
   * @param realFaces whether to read training faces
   * @param skipped receives the sets and images that cannot be shown
   */
  static ResultPictures of(
      String file, StoredResult stored, Path base, boolean realFaces, List<String> skipped) {
    Set<String> data = new LinkedHashSet<>();
    Set<String> training = new LinkedHashSet<>();
    for (Map<?, ?> match : rows(stored.result().get("closest"))) {
      add(match.get("image"), data);
      if (realFaces) {
        add(match.get("imageTraining"), training);
      }
    }
    for (Map<?, ?> identity : rows(stored.result().get("worst"))) {
      if (identity.get("images") instanceof List<?> images) {
        images.forEach(image -> add(image, data));
      }
    }
    return new ResultPictures(
        file,
        read(stored.result().get("data"), base, data, skipped),
        read(stored.result().get("training"), base, training, skipped));
  }

  @JsonIgnore
  boolean isEmpty() {
    return data.isEmpty() && training.isEmpty();
  }

  private static List<Map<?, ?>> rows(Object list) {
    return list instanceof List<?> all
        ? all.stream()
            .limit(MATCHES)
            .filter(row -> row instanceof Map<?, ?>)
            .<Map<?, ?>>map(row -> (Map<?, ?>) row)
            .toList()
        : List.of();
  }

  private static void add(Object name, Set<String> names) {
    if (name instanceof String text) {
      names.add(text);
    }
  }

  private static Map<String, String> read(
      Object location, Path base, Set<String> names, List<String> skipped) {
    Map<String, String> pictures = new HashMap<>();
    if (!(location instanceof String text) || names.isEmpty()) {
      return pictures;
    }
    Path set = base.resolve(text).normalize();
    Set<String> packed = new LinkedHashSet<>();
    for (String name : names) {
      Path image = NameBelow.fault(name) == null ? set.resolve(name) : set;
      if (Files.isRegularFile(image)) {
        try {
          byte[] bytes = ImageDecoder.read(image);
          pictures.put(name, Thumbnail.uri(ImageDecoder.square(bytes, Thumbnail.SIDE)));
        } catch (IOException e) {
          skipped.add(image + ": " + FileException.reason(e));
        }
      } else {
        packed.add(name);
      }
    }
    if (!packed.isEmpty()) {
      readPacked(set, packed, pictures, skipped);
    }
    return pictures;
  }

  /** Images of a packed set, under the names that embedding gives them. */
  private static void readPacked(
      Path set, Set<String> names, Map<String, String> pictures, List<String> skipped) {
    try (ImageSource images = ImageSets.faces(set)) {
      for (int i = 0; i < images.count() && !names.isEmpty(); i++) {
        String name = images.name(i);
        if (names.remove(name)) {
          pictures.put(name, Thumbnail.uri(images.decode(i, Thumbnail.SIDE)));
        }
      }
    } catch (FileException e) {
      skipped.add("no faces of " + set + " are shown: " + e.getMessage());
    } catch (IOException e) {
      skipped.add("not all faces of " + set + " are shown: " + FileException.reason(e));
    }
  }
}
