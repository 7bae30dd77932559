package dev.fizzy.dataset.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.io.api.Binary;

/**
 * A column of encoded images with access by row. A page is decoded whole; the pages used last are
 * kept, up to an eighth of the heap, so that rows in order decode each page once. Thread-safe.
 */
final class BytesColumn {
  private static final int SHARE = 8;

  /** The place of a page among all rows of the file. */
  private record Page(int firstRow, Chunk chunk, Chunk.Place place) {}

  /**
   * A decoded page.
   *
   * @param values of its rows, null where a row has none
   */
  private record Decoded(Binary[] values, long bytes) {}

  private final List<Page> pages = new ArrayList<>();
  private final Map<Page, Decoded> kept = new LinkedHashMap<>(16, .75f, true);
  private long bytesKept;

  /** Lists the pages; reads no value. */
  BytesColumn(ParquetFile file, Column column) throws IOException {
    int row = 0;
    for (int group = 0; group < file.groups(); group++) {
      Chunk chunk = file.chunk(group, column);
      for (Chunk.Place place : chunk.places()) {
        if (place.rows() > 0) {
          pages.add(new Page(row + place.first(), chunk, place));
        }
      }
      row += chunk.rows();
    }
  }

  /**
   * The value of a row, null if it has none.
   *
   * @throws IOException with the reason, if its page is damaged
   */
  byte[] get(int row) throws IOException {
    Page page = pages.get(page(row));
    Binary value = decoded(page).values[row - page.firstRow];
    return value == null ? null : value.getBytes();
  }

  private int page(int row) {
    int low = 0;
    int high = pages.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (pages.get(middle).firstRow <= row) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private synchronized Decoded decoded(Page page) throws IOException {
    Decoded found = kept.get(page);
    if (found != null) {
      return found;
    }
    Decoded decoded = ParquetImages.damaged(() -> decode(page));
    bytesKept += decoded.bytes;
    kept.put(page, decoded);
    var oldest = kept.entrySet().iterator();
    while (kept.size() > 1 && bytesKept > Runtime.getRuntime().maxMemory() / SHARE) {
      bytesKept -= oldest.next().getValue().bytes;
      oldest.remove();
    }
    return decoded;
  }

  private static Decoded decode(Page page) throws IOException {
    ColumnReader reader = Pages.values(page.chunk, page.place);
    int present = page.chunk.column().descriptor().getMaxDefinitionLevel();
    Binary[] values = new Binary[page.place.rows()];
    long bytes = 0;
    for (int i = 0; i < values.length; i++) {
      if (reader.getCurrentDefinitionLevel() == present) {
        values[i] = reader.getBinary();
        bytes += values[i].length();
      }
      reader.consume();
    }
    return new Decoded(values, bytes);
  }
}
