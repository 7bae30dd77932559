package dev.fizzy.dataset.parquet;

import java.util.Collections;
import java.util.List;

/** The first rows of consecutive blocks, some of which may have no row. */
final class FirstRows {
  private FirstRows() {}

  /** The block that has a row. */
  static int find(List<Integer> firstRows, int row) {
    int found = Collections.binarySearch(firstRows, row);
    int at = found >= 0 ? found : -found - 2;
    while (at + 1 < firstRows.size() && firstRows.get(at + 1) == row) {
      at++; // blocks without rows
    }
    return at;
  }
}
