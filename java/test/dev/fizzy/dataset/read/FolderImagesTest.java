package dev.fizzy.dataset.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderImagesTest {
  @TempDir Path folder;

  @Test
  void labelsFollowTheNamesOfTheFolders() throws IOException {
    // '-' sorts before '/': the order of paths is not that of folders
    for (String name : new String[] {"b/1.png", "a-b/2.png", "a/1.png", "a/deep/2.png"}) {
      Pictures.png(folder.resolve(name), 8, name.hashCode());
    }
    try (LabeledImages images = ImageSets.open(folder)) {
      assertEquals(4, images.count());
      assertEquals(3, images.classes());
      for (int i = 0; i < 4; i++) {
        String name = images.name(i);
        assertEquals(name.substring(0, name.indexOf('/')), images.className(images.label(i)));
        assertArrayEquals(Files.readAllBytes(folder.resolve(name)), images.bytes(i));
        assertEquals(8, images.decode(i).width());
      }
      assertEquals("a", images.className(0));
      assertEquals("a-b", images.className(1));
    }
  }

  @Test
  void imagesWithoutAnIdentityAreRefused() throws IOException {
    Pictures.png(folder.resolve("loose.png"), 8, 1);
    String message = assertThrows(FileException.class, () -> ImageSets.open(folder)).getMessage();
    assertTrue(message.contains("loose.png") && message.contains("identity/image"), message);
  }
}
