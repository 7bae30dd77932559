package dev.fizzy.dataset.parquet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.parquet.column.ColumnReader;

/** Reads columns of text and numbers. */
final class Values {
  /** Takes the values of a column in the order of its rows; null where a row has none. */
  interface Consumer {
    void accept(String value) throws IOException;
  }

  private Values() {}

  /** Reads the column of one row group as text. */
  static void read(Chunk chunk, Consumer into) throws IOException {
    if (chunk.rows() == 0) {
      return;
    }
    ColumnReader values = Pages.values(chunk);
    int present = chunk.column().descriptor().getMaxDefinitionLevel();
    for (int row = 0; row < chunk.rows(); row++) {
      into.accept(values.getCurrentDefinitionLevel() == present ? text(chunk, values) : null);
      values.consume();
    }
  }

  private static String text(Chunk chunk, ColumnReader values) throws IOException {
    return switch (chunk.column().descriptor().getPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> number(values.getInteger());
      case INT64 -> number(values.getLong());
      case FLOAT -> whole(chunk, values.getFloat());
      case DOUBLE -> whole(chunk, values.getDouble());
      default -> new String(values.getBinary().getBytes(), StandardCharsets.UTF_8);
    };
  }

  /** A negative number means that there is none. */
  private static String number(long value) {
    return value < 0 ? null : Long.toString(value);
  }

  /** Whole numbers become fractions in tables with missing values. */
  private static String whole(Chunk chunk, double value) throws IOException {
    if (Double.isNaN(value)) {
      return null;
    }
    if (value != Math.rint(value) || Math.abs(value) > 1L << 53) {
      throw new IOException("the column " + chunk.column() + " has the value " + value);
    }
    return number((long) value);
  }
}
