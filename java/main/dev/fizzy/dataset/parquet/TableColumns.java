package dev.fizzy.dataset.parquet;

import dev.fizzy.file.Quoted;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The columns of a table of faces, chosen by their names and types.
 *
 * @param image encoded images, or null if they are in files
 * @param file paths of the images' files, or names of the images; null if there is neither
 * @param identity names or numbers of the identities
 */
record TableColumns(Column image, Column file, Column identity) {
  /** Names of columns in lower case, the most specific first. */
  private static final List<String> IDENTITIES =
      List.of(
          "identity",
          "identity_id",
          "person",
          "person_id",
          "subject",
          "subject_id",
          "label",
          "labels",
          "label_id",
          "cls",
          "class",
          "class_id",
          "target");

  /** The structures of Hugging Face's data sets have the members bytes and path. */
  private static final List<String> IMAGES =
      List.of(
          "image",
          "img",
          "face",
          "picture",
          "photo",
          "jpg",
          "jpeg",
          "png",
          "webp",
          "bytes",
          "image_bytes",
          "img_bytes",
          "image_data",
          "content",
          "data");

  private static final List<String> FILES =
      List.of(
          "file",
          "path",
          "file_name",
          "filename",
          "filepath",
          "file_path",
          "image_path",
          "img_path",
          "image_file",
          "image",
          "img",
          "image_name",
          "__key__",
          "key");

  private static final String BYTES = ".bytes";
  private static final int LISTED = 12;

  static TableColumns of(ParquetFile table) throws IOException {
    List<Column> columns = table.columns().stream().filter(column -> !column.isList()).toList();
    Column image = image(columns);
    Column file = image == null ? null : find(columns, List.of(path(image)), Column::isBytes);
    file = file != null ? file : find(columns, FILES, c -> c.isBytes() && c != image);
    Column identity = find(columns, IDENTITIES, c -> c != image && (c.isNumber() || c.isBytes()));
    if (image == null && file == null) {
      throw new IOException(
          list(table.columns())
              + "none has images: expected bytes in a column such as image or image.bytes, or paths"
              + " relative to the table's folder in a column such as file");
    }
    if (identity == null) {
      throw new IOException(
          list(table.columns())
              + "none has identities: expected numbers or text in a column such as identity, label"
              + " or person_id; rename it to identity");
    }
    return new TableColumns(image, file, identity);
  }

  private static Column image(List<Column> columns) {
    Predicate<Column> encoded = column -> column.isBytes() && !column.isText();
    Column named = find(columns, IMAGES.stream().map(name -> name + BYTES).toList(), encoded);
    named = named != null ? named : find(columns, IMAGES, encoded);
    if (named != null) {
      return named;
    }
    List<Column> others =
        columns.stream()
            .filter(encoded.and(c -> !FILES.contains(c.key()) && !IDENTITIES.contains(c.key())))
            .toList();
    return others.size() == 1 ? others.get(0) : null;
  }

  /** The name of the column with the images' paths in the same structure. */
  private static String path(Column image) {
    String key = image.key();
    return key.endsWith(BYTES) ? key.substring(0, key.length() - BYTES.length()) + ".path" : "";
  }

  private static Column find(List<Column> columns, List<String> names, Predicate<Column> type) {
    return names.stream()
        .map(
            name ->
                columns.stream()
                    .filter(column -> column.key().equals(name) && type.test(column))
                    .findFirst())
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(null);
  }

  private static String list(List<Column> columns) {
    return "of its columns "
        + columns.stream().limit(LISTED).map(Quoted::of).toList()
        + (columns.size() > LISTED ? " and more" : "")
        + " ";
  }

  @Override
  public String toString() {
    return "images from the column "
        + (image == null ? file : image)
        + ", identities from "
        + identity;
  }
}
