package dev.fizzy.dataset.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FaceEmbedding;
import dev.fizzy.identity.TinyOnnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaceSetTest {
  @TempDir Path folder;

  @Test
  void readsWhatIsGoodAndNamesTheRest() throws IOException {
    Pictures.mixedFolder(folder);
    AtomicLong most = new AtomicLong();
    FaceSet set =
        FaceSet.read(
            FaceFolder.open(folder),
            16,
            3,
            FaceSet.MEMORY_LIMIT,
            n -> most.accumulateAndGet(n, Math::max));
    assertEquals(List.of("a.png", "b/2.png", "c.jpg"), set.names());
    assertArrayEquals(Pictures.noise(16, 1).pixels(), set.pixels(0));
    assertEquals(3 * 16 * 16, set.pixels(2).length);
    assertEquals(
        List.of("b/empty.jpg", "noise.jpeg", "torn.png"),
        set.skipped().stream().map(Skipped::name).toList());
    assertTrue(set.skipped().get(2).reason().contains("truncated"));
    assertEquals(6, most.get());
  }

  @Test
  void whatDoesNotFitIsDecodedWhenAskedFor() throws IOException {
    Pictures.mixedFolder(folder);
    FaceFolder faces = FaceFolder.open(folder);
    FaceSet all = FaceSet.read(faces, 16, 1, FaceSet.MEMORY_LIMIT, n -> {});
    FaceSet one = FaceSet.read(faces, 16, 2, 3 * 16 * 16 + 1, n -> {});
    assertEquals(all.names(), one.names());
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(all.pixels(i), one.pixels(i));
    }
    assertSame(one.pixels(0), one.pixels(0));
    assertNotSame(one.pixels(2), one.pixels(2));
    Files.delete(folder.resolve("c.jpg"));
    assertTrue(
        assertThrows(FileException.class, () -> one.pixels(2)).getMessage().contains("c.jpg"));
  }

  @Test
  void aFolderWithoutImagesIsRefused() throws IOException {
    assertThrows(FileException.class, () -> FaceFolder.open(folder.resolve("none")));
    assertThrows(FileException.class, () -> FaceFolder.open(folder));
    Files.writeString(folder.resolve("x.png"), "no");
    FaceFolder bad = FaceFolder.open(folder);
    String message =
        assertThrows(FileException.class, () -> FaceSet.read(bad, 16, 1, 1 << 20, n -> {}))
            .getMessage();
    assertTrue(
        message.contains("none of the 1 files") && message.contains("x.png: not an image"),
        message);
    assertThrows(FileException.class, () -> FaceFolder.open(folder.resolve("x.png")));
  }

  @Test
  void embeddingDoesNotDependOnThreads() throws IOException {
    Pictures.mixedFolder(folder);
    FaceFolder faces = FaceFolder.open(folder);
    Path network = TinyOnnx.flatten(folder.resolve("e.onnx"), 2, 3, 112, 112);
    try (Embedder embedder = Embedder.open(network, null)) {
      FaceEmbedding one = FaceEmbedding.of(faces, embedder, 1, n -> {});
      FaceEmbedding three = FaceEmbedding.of(faces, embedder, 3, n -> {});
      assertEquals(List.of("a.png", "b/2.png", "c.jpg"), one.contexts().names());
      assertEquals(one.contexts().sha256(), three.contexts().sha256());
      assertEquals(3, one.skipped().size());
    }
  }
}
