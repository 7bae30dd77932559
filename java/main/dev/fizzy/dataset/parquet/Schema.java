package dev.fizzy.dataset.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;

/** Reads the tree of columns, which a file stores as a list in depth-first order. */
final class Schema {
  private static final int DEPTH = 32;

  private final List<SchemaElement> elements;
  private final List<Column> columns = new ArrayList<>();
  private int next = 1; // the root is no column

  static List<Column> columns(List<SchemaElement> elements) throws IOException {
    if (elements == null || elements.isEmpty()) {
      throw new IOException("it lists no columns");
    }
    Schema schema = new Schema(elements);
    schema.children(elements.get(0), List.of(), 0, 0);
    return schema.columns;
  }

  private Schema(List<SchemaElement> elements) {
    this.elements = elements;
  }

  private void children(SchemaElement group, List<String> path, int repetition, int definition)
      throws IOException {
    if (path.size() > DEPTH) {
      throw new IOException("its columns are nested more than " + DEPTH + " deep");
    }
    for (int i = 0; i < group.getNum_children(); i++) {
      if (next == elements.size()) {
        throw new IOException("its list of columns ends inside a group");
      }
      SchemaElement element = elements.get(next++);
      FieldRepetitionType kind = element.getRepetition_type();
      int r = repetition + (kind == FieldRepetitionType.REPEATED ? 1 : 0);
      int d = definition + (kind == FieldRepetitionType.REQUIRED ? 0 : 1);
      List<String> below = new ArrayList<>(path);
      below.add(element.getName());
      if (element.getNum_children() > 0) {
        children(element, below, r, d);
      } else {
        columns.add(column(element, below, r, d));
      }
    }
  }

  private Column column(SchemaElement element, List<String> path, int repetition, int definition)
      throws IOException {
    if (!element.isSetType()) {
      throw new IOException("the column " + String.join(".", path) + " has no known type");
    }
    PrimitiveTypeName type =
        switch (element.getType()) {
          case BOOLEAN -> PrimitiveTypeName.BOOLEAN;
          case INT32 -> PrimitiveTypeName.INT32;
          case INT64 -> PrimitiveTypeName.INT64;
          case INT96 -> PrimitiveTypeName.INT96;
          case FLOAT -> PrimitiveTypeName.FLOAT;
          case DOUBLE -> PrimitiveTypeName.DOUBLE;
          case BYTE_ARRAY -> PrimitiveTypeName.BINARY;
          case FIXED_LEN_BYTE_ARRAY -> PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
        };
    PrimitiveType primitive =
        new PrimitiveType(Repetition.OPTIONAL, type, element.getType_length(), element.getName());
    String[] names = path.toArray(String[]::new);
    return new Column(
        columns.size(),
        new ColumnDescriptor(names, primitive, repetition, definition),
        isText(element));
  }

  private static boolean isText(SchemaElement element) {
    ConvertedType converted = element.getConverted_type();
    boolean logical =
        element.isSetLogicalType()
            && (element.getLogicalType().isSetSTRING() || element.getLogicalType().isSetENUM());
    return logical || converted == ConvertedType.UTF8 || converted == ConvertedType.ENUM;
  }
}
