package dev.fizzy.dataset.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.file.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The names of numbered classes, which Hugging Face's data sets store in the footer: {@code
 * info.features.COLUMN.names}.
 */
final class ClassNames {
  private static final String NOTE = "huggingface";

  private final List<String> names;

  /** Names of the values of a column; none if the file does not store them. */
  static ClassNames of(ParquetFile file, Column column) {
    List<String> names = new ArrayList<>();
    String note = file.note(NOTE);
    if (note != null && column.isNumber()) {
      try {
        JsonNode features = Json.tree(note.getBytes(StandardCharsets.UTF_8)).at("/info/features");
        features.path(column.toString()).path("names").forEach(name -> names.add(name.asText()));
      } catch (IOException e) {
        names.clear(); // the numbers are names enough
      }
    }
    return new ClassNames(names);
  }

  private ClassNames(List<String> names) {
    this.names = names;
  }

  /** The name of a value, or the value itself. */
  String name(String value) {
    try {
      int number = names.isEmpty() || value == null ? -1 : Integer.parseInt(value);
      return number < 0 || number >= names.size() ? value : names.get(number);
    } catch (NumberFormatException e) {
      return value;
    }
  }
}
