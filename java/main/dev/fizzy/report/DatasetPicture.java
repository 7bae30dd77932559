package dev.fizzy.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sample images of a data set, one row per identity, from a folder with a {@code manifest.json}, in
 * whatever format the images are stored.
 *
 * @param name of the data set: its folder
 * @param run what the manifest says: the parameters that the images depend on
 * @param rows names of the identities shown
 * @param picture a data URI
 */
record DatasetPicture(String name, Map<String, Object> run, List<String> rows, String picture) {
  private static final long LIMIT = 64 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 8;
  private static final int COLUMNS = 8; // at most
  private static final int SIDE = Thumbnail.SIDE;
  private static final byte EMPTY = (byte) 128;

  /**
   * @param skipped receives the images that cannot be shown
   */
  static DatasetPicture of(String name, Path folder, List<String> skipped) {
    Map<String, Object> run =
        JSON.convertValue(
            Json.read(folder.resolve("manifest.json"), LIMIT), new TypeReference<>() {});
    try (LabeledImages images = ImageSets.open(folder)) {
      return of(name, run, images, skipped);
    }
  }

  /** The same for a set without a manifest. */
  static DatasetPicture bare(String name, Path set, List<String> skipped) {
    try (LabeledImages images = ImageSets.open(set)) {
      Map<String, Object> run = Map.of("images", images.count(), "classes", images.classes());
      return of(name, run, images, skipped);
    }
  }

  private static DatasetPicture of(
      String name, Map<String, Object> run, LabeledImages images, List<String> skipped) {
    SortedMap<Integer, List<Integer>> rows = rows(images);
    List<String> names = rows.keySet().stream().map(images::className).toList();
    return new DatasetPicture(
        name, run, names, Thumbnail.uri(picture(images, List.copyOf(rows.values()), skipped)));
  }

  /** The first images of some identities, evenly spaced among all that have images. */
  private static SortedMap<Integer, List<Integer>> rows(LabeledImages images) {
    BitSet present = new BitSet();
    for (int i = 0; i < images.count(); i++) {
      int label = label(images, i);
      if (label >= 0) {
        present.set(label);
      }
    }
    int[] labels = present.stream().toArray();
    if (labels.length == 0) {
      throw new FileException("none of the images in " + images + " has a label");
    }
    SortedMap<Integer, List<Integer>> rows = new TreeMap<>();
    int count = Math.min(ROWS, labels.length);
    for (int r = 0; r < count; r++) {
      rows.put(labels[(int) ((long) r * labels.length / count)], new ArrayList<>());
    }
    for (int i = 0; i < images.count(); i++) {
      List<Integer> row = rows.get(label(images, i));
      if (row != null && row.size() < COLUMNS) {
        row.add(i);
      }
    }
    return rows;
  }

  /** The label, or -1 if it cannot be read. */
  private static int label(LabeledImages images, int image) {
    try {
      return images.label(image);
    } catch (IOException e) {
      return -1;
    }
  }

  private static Rgb picture(LabeledImages images, List<List<Integer>> rows, List<String> skipped) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(1);
    byte[] pixels = new byte[3 * SIDE * SIDE * rows.size() * columns];
    Arrays.fill(pixels, EMPTY);
    for (int r = 0; r < rows.size(); r++) {
      for (int c = 0; c < rows.get(r).size(); c++) {
        int image = rows.get(r).get(c);
        try {
          put(images.decode(image, SIDE), r, c, columns, pixels);
        } catch (IOException e) {
          skipped.add(images + "/" + images.name(image) + ": " + FileException.reason(e));
        }
      }
    }
    return new Rgb(SIDE * columns, SIDE * rows.size(), pixels);
  }

  private static void put(Rgb face, int row, int column, int columns, byte[] pixels) {
    for (int y = 0; y < SIDE; y++) {
      int to = 3 * SIDE * ((row * SIDE + y) * columns + column);
      System.arraycopy(face.pixels(), 3 * SIDE * y, pixels, to, 3 * SIDE);
    }
  }
}
