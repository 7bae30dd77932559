package dev.fizzy.dataset.parquet;

import java.util.List;
import java.util.Locale;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * A column that holds values.
 *
 * @param index position in the row groups
 * @param isText whether the file says that the bytes are text
 */
record Column(int index, ColumnDescriptor descriptor, boolean isText) {
  /** Names from the outermost group to the column. */
  List<String> path() {
    return List.of(descriptor.getPath());
  }

  /** The name in lower case, with dots between groups. */
  String key() {
    return toString().toLowerCase(Locale.ROOT);
  }

  /** Whether a row may have several values. */
  boolean isList() {
    return descriptor.getMaxRepetitionLevel() > 0;
  }

  boolean isBytes() {
    return type() == PrimitiveTypeName.BINARY;
  }

  boolean isNumber() {
    return switch (type()) {
      case INT32, INT64, FLOAT, DOUBLE -> true;
      default -> false;
    };
  }

  private PrimitiveTypeName type() {
    return descriptor.getPrimitiveType().getPrimitiveTypeName();
  }

  @Override
  public String toString() {
    return String.join(".", descriptor.getPath());
  }
}
