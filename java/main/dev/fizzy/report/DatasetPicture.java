package dev.fizzy.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.file.FileException;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Sample images of a data set, one row per identity, from a folder with a {@code manifest.json}.
 *
 * @param name of the data set: its folder
 * @param run the parameters that the images depend on, from the manifest
 * @param rows names of the identities shown
 * @param picture a data URI
 */
record DatasetPicture(String name, Map<String, Object> run, List<String> rows, String picture) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 8;
  private static final int COLUMNS = 8; // at most
  private static final int SIDE = 80;
  private static final int QUALITY = 88;
  private static final byte EMPTY = (byte) 128;

  /**
   * @param skipped receives the images that cannot be shown
   * @return null if the folder contains no images
   */
  static DatasetPicture of(String name, Path folder, List<String> skipped) {
    Map<String, Object> run;
    List<Path> identities;
    try {
      run = JSON.readValue(folder.resolve("manifest.json").toFile(), new TypeReference<>() {});
      identities = list(folder, Files::isDirectory);
    } catch (IOException e) {
      throw FileException.of("read the data set", folder, e);
    }
    if (identities.isEmpty()) {
      return null;
    }
    int rows = Math.min(ROWS, identities.size());
    List<String> labels = new ArrayList<>();
    List<FaceFolder> shown = new ArrayList<>();
    int columns = 1;
    for (int r = 0; r < rows; r++) {
      Path identity = identities.get((int) ((long) r * identities.size() / rows));
      labels.add(identity.getFileName().toString());
      FaceFolder images = open(identity, skipped);
      shown.add(images);
      columns = Math.max(columns, images == null ? 0 : Math.min(COLUMNS, images.names().size()));
    }
    byte[] pixels = new byte[3 * SIDE * SIDE * rows * columns];
    Arrays.fill(pixels, EMPTY);
    for (int r = 0; r < rows; r++) {
      if (shown.get(r) != null) {
        row(shown.get(r), r, columns, pixels, skipped);
      }
    }
    byte[] jpeg = ImageEncoder.jpeg(new Rgb(SIDE * columns, SIDE * rows, pixels), QUALITY, null);
    return new DatasetPicture(
        name, run, labels, "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg));
  }

  private static List<Path> list(Path folder, Predicate<Path> wanted) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> !f.getFileName().toString().startsWith("."))
          .filter(wanted)
          .sorted()
          .toList();
    }
  }

  private static FaceFolder open(Path identity, List<String> skipped) {
    try {
      return FaceFolder.open(identity);
    } catch (FileException e) {
      skipped.add(e.getMessage());
      return null;
    }
  }

  private static void row(
      FaceFolder images, int row, int columns, byte[] pixels, List<String> skipped) {
    for (int c = 0; c < Math.min(columns, images.names().size()); c++) {
      String image = images.names().get(c);
      try {
        put(images.decode(image, SIDE), row, c, columns, pixels);
      } catch (IOException e) {
        skipped.add(images.folder().resolve(image) + ": " + FileException.reason(e));
      }
    }
  }

  private static void put(Rgb face, int row, int column, int columns, byte[] pixels) {
    for (int y = 0; y < SIDE; y++) {
      int to = 3 * SIDE * ((row * SIDE + y) * columns + column);
      System.arraycopy(face.pixels(), 3 * SIDE * y, pixels, to, 3 * SIDE);
    }
  }
}
