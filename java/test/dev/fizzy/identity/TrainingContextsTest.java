package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingContextsTest {
  private static final float[][] VECTORS = {{1, 0}, {0, 1}};

  @TempDir Path folder;

  private float[][] of(String... names) throws IOException {
    Pictures.png(folder.resolve("f/a/17.5.png"), 8, 1);
    Pictures.png(folder.resolve("f/b.png"), 8, 2);
    Contexts contexts = new Contexts(List.of(names), VECTORS);
    FaceSet faces = FaceSet.read(FaceFolder.open(folder.resolve("f")), 8, 1, 0, n -> {});
    return TrainingContexts.of(faces, contexts, 2);
  }

  @Test
  void keysMatchWithAndWithoutEndings() throws IOException {
    for (String[] names :
        new String[][] {
          {"a/17.5.png", "b.png"}, {"a/17.5", "b"}, {"a/17.5.jpg", "b.webp"}, {"a/17.5", "b.png"}
        }) {
      float[][] contexts = of(names);
      assertArrayEquals(VECTORS[0], contexts[0], names[0]);
      assertArrayEquals(VECTORS[1], contexts[1], names[1]);
    }
    for (String[] names : new String[][] {{"a/17.5.png", "c"}, {"b.jpg", "b.webp"}}) {
      String message = assertThrows(FileException.class, () -> of(names)).getMessage();
      assertTrue(message.contains("has no context for"), message);
    }
  }
}
