package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embeddings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedInputTest {
  @TempDir Path folder;

  private String images() {
    try (ImageSource images = ImageSets.faces(folder)) {
      return SharedInput.images(folder, images);
    }
  }

  @Test
  void otherImagesOfTheSameNamesAreNoticed() throws IOException {
    Pictures.blob(folder.resolve("a/0.png"), 8, 1);
    Pictures.blob(folder.resolve("a/1.png"), 8, 2);
    String before = images();
    Files.writeString(folder.resolve("report.html"), "beside the images");
    assertEquals(before, images());
    Pictures.blob(folder.resolve("a/1.png"), 16, 2);
    String larger = images();
    assertNotEquals(before, larger);
    Files.writeString(folder.resolve("manifest-1-of-2.jsonl"), "{\"sha256\": \"00\"}");
    String listed = images();
    assertNotEquals(larger, listed);
    Files.writeString(folder.resolve("manifest-1-of-2.jsonl"), "{\"sha256\": \"01\"}");
    assertNotEquals(listed, images());
  }

  @Test
  void otherVectorsOfTheSameNamesAreNoticed() {
    Path file = folder.resolve("v.npy");
    assertNotEquals(vectors(file, 1), vectors(file, 2));
  }

  private static String vectors(Path file, float value) {
    new Contexts(List.of("a"), new float[][] {{value, 1}}).write(file);
    try (Embeddings vectors = Embeddings.open(file)) {
      return SharedInput.vectors(file, vectors);
    }
  }
}
