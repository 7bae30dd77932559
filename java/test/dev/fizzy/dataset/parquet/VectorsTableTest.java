package dev.fizzy.dataset.parquet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorsTableTest {
  private static final int WIDTH = 3;

  @TempDir Path folder;

  private static float[] vector(int row) {
    return new float[] {row, -row, 1f / (row + 1)};
  }

  private void part(String name, int from, int to, int width) throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve(name));
        VectorsWriter writer = new VectorsWriter(out, width)) {
      for (int row = from; row < to; row++) {
        writer.add("id/" + row, Arrays.copyOf(vector(row), width));
      }
    }
  }

  /** The first part has three row groups, the second none. */
  @Test
  void partsAreReadInOrder() throws IOException {
    part("embeddings-1-of-3.parquet", 0, 5000, WIDTH);
    part("embeddings-2-of-3.parquet", 5000, 5000, WIDTH);
    part("embeddings-3-of-3.parquet", 5000, 5007, WIDTH);
    try (VectorsTable table = VectorsTable.open(folder)) {
      assertEquals(WIDTH, table.width());
      assertEquals(5007, table.names().size());
      assertEquals("id/5003", table.names().get(5003));
      int from = 2040;
      float[] read = new float[1 + 2966 * WIDTH];
      table.read(from, 2966, read, 1);
      for (int row = from; row < from + 2966; row++) {
        int at = 1 + (row - from) * WIDTH;
        assertArrayEquals(vector(row), Arrays.copyOfRange(read, at, at + WIDTH));
      }
    }
    Files.delete(folder.resolve("embeddings-2-of-3.parquet"));
    assertRefused("has 2 of 3 parts");
  }

  /** Reads by turns from two files give the rows of a single reading. */
  @Test
  void filesAreReadByTurns() throws IOException {
    part("a.parquet", 0, 5, WIDTH);
    part("b.parquet", 5, 5, WIDTH);
    part("c.parquet", 5, 9, WIDTH);
    try (VectorsTable table = VectorsTable.open(folder)) {
      float[] read = new float[WIDTH];
      for (int row : new int[] {0, 8, 4, 5, 1}) {
        table.read(row, 1, read, 0);
        assertArrayEquals(vector(row), read);
      }
      assertEquals(1, table.held(), "a thread keeps a row group of one file");
    }
  }

  @Test
  void vectorsOfAnotherWidthAreRefused() throws IOException {
    part("a.parquet", 0, 3, 2);
    part("b.parquet", 3, 5, 1);
    assertRefused("width 1");
    Files.delete(folder.resolve("b.parquet"));
    try (OutputStream out = Files.newOutputStream(folder.resolve("a.parquet"));
        ManifestWriter writer = new ManifestWriter(out)) {
      writer.add(new ManifestRow("x.png", 0, "id", 1, "00"));
    }
    assertRefused("no column of lists of float32");
  }

  private void assertRefused(String reason) {
    String message =
        assertThrows(FileException.class, () -> VectorsTable.open(folder)).getMessage();
    assertTrue(message.contains(reason), message);
  }
}
