package dev.fizzy.dataset.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShardTest {
  @Test
  void partsCoverTheWorkOnceAndEvenly() {
    for (int count : new int[] {1, 2, 3, 7, 16}) {
      for (long total : new long[] {0, 1, 5, 16, 17, 500_000_003L}) {
        long at = 0;
        for (int i = 1; i <= count; i++) {
          Shard shard = new Shard(i, count);
          assertEquals(at, shard.begin(total));
          long size = shard.end(total) - at;
          assertTrue(size == total / count || size == total / count + 1);
          at = shard.end(total);
        }
        assertEquals(total, at);
      }
    }
  }

  @Test
  void isWrittenAsAFraction() {
    assertEquals(new Shard(3, 16), Shard.parse("3/16"));
    for (String bad : List.of("0/2", "3/2", "1", "1/0", "-1/2", "a/b", "1/2/3", "")) {
      assertThrows(FileException.class, () -> Shard.parse(bad), bad);
    }
  }

  @Test
  void foldersAreNamedSafely() {
    assertEquals(List.of("000000", "anna.jpg"), FolderNames.of(List.of("000000", "anna.jpg")));
    for (String bad : List.of("../x", "a/b", ".", "", "A", "manifest.json", "é")) {
      assertEquals(List.of("000000", "000001"), FolderNames.of(List.of("a", bad)), bad);
    }
  }
}
