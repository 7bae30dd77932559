package dev.fizzy.dataset.recordio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.write.Container;
import dev.fizzy.dataset.write.ContainerContract;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.file.FileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RecordContainerTest extends ContainerContract {
  @Override
  protected Container.Format format() {
    return RecordContainer.FORMAT;
  }

  @Override
  protected String file(int number) {
    return "train.rec";
  }

  @Test
  void partsOneBehindTheOtherAreTheWhole() throws IOException {
    Path whole = whole();
    Path parts = folder.resolve("parts");
    for (int i : new int[] {2, 4, 1}) {
      fill(parts, new Shard(i, 4), 100, false);
    }
    assertTrue(
        assertThrows(FileException.class, () -> complete(parts))
            .getMessage()
            .contains("holds 3 of 4 parts"));
    fill(parts, new Shard(3, 4), 100, false);
    complete(parts);
    ByteArrayOutputStream together = new ByteArrayOutputStream();
    for (int i = 1; i <= 4; i++) {
      together.write(Files.readAllBytes(parts.resolve("train-" + i + "-of-4.rec")));
    }
    assertArrayEquals(Files.readAllBytes(whole.resolve("train.rec")), together.toByteArray());
    Path joined = Files.createDirectories(folder.resolve("joined"));
    Files.write(joined.resolve("train.rec"), together.toByteArray());
    complete(joined); // without an index
    RecordImages.writeIndex(joined.resolve("train.rec"));
    assertEquals(
        Files.readString(whole.resolve("train.idx")),
        Files.readString(joined.resolve("train.idx")));
    assertEquals("3,16,16\n", Files.readString(whole.resolve("property")));
  }

  @Test
  void identitiesHaveTheirRecords() throws IOException {
    Path whole = whole();
    try (RecordFile file = RecordFile.open(whole.resolve("train.rec"))) {
      RecordIndex index = RecordIndex.read(whole.resolve("train.idx"), file.size());
      assertEquals(19, index.count());
      RecordHeader head = file.header(index.offset(0));
      assertArrayEquals(new float[] {16, 19}, head.labels());
      for (int label = 0; label < 3; label++) {
        assertEquals(16 + label, index.key(16 + label));
        RecordHeader identity = file.header(index.offset(16 + label));
        assertArrayEquals(new float[] {1 + 5 * label, 6 + 5 * label}, identity.labels());
      }
    }
  }
}
