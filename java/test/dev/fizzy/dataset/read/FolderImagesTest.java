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
  void aListOpensNothingOutsideOfTheFolder() throws IOException {
    Path data = folder.resolve("data");
    Pictures.png(data.resolve("a.png"), 8, 1);
    Path outside = Pictures.png(folder.resolve("secret.png"), 8, 2);
    Path list =
        Files.writeString(
            folder.resolve("list.csv"),
            "file,identity\na.png,x\n../secret.png,y\n" + outside + ",z\n");
    try (LabeledImages images = FolderImages.open(data, list)) {
      assertEquals(1, images.count());
      assertEquals("a.png", images.name(0));
      assertEquals(2, images.skipped().size());
      assertTrue(
          images.skipped().stream()
              .allMatch(s -> s.reason().contains("not a file inside the folder")));
    }
  }

  @Test
  void imagesWithoutAnIdentityAreRefused() throws IOException {
    Pictures.png(folder.resolve("loose.png"), 8, 1);
    String message = assertThrows(FileException.class, () -> ImageSets.open(folder)).getMessage();
    assertTrue(message.contains("loose.png") && message.contains("identity/image"), message);
  }

  @Test
  void whatFileManagersAndClustersLeaveAndLinkedFoldersAreNoFaces() throws IOException {
    Pictures.png(folder.resolve("set/a/1.png"), 8, 1);
    Pictures.png(folder.resolve("else/2.png"), 8, 2);
    Pictures.png(folder.resolve("set/@eaDir/1.png"), 8, 3);
    Pictures.png(folder.resolve("set/a/@eaDir/1.png"), 8, 3);
    Pictures.png(folder.resolve("set/__MACOSX/1.png"), 8, 3);
    Files.writeString(folder.resolve("set/a/Thumbs.db"), "x");
    Files.writeString(folder.resolve("set/a/desktop.ini"), "x");
    Files.createFile(folder.resolve("set/_SUCCESS"));
    Files.createSymbolicLink(folder.resolve("set/b"), folder.resolve("else"));
    Files.createSymbolicLink(folder.resolve("set/a/3.png"), folder.resolve("else/2.png"));
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("set"));
    for (String root : new String[] {"set", "link"}) {
      try (LabeledImages images = ImageSets.open(folder.resolve(root))) {
        assertEquals(2, images.count());
        assertEquals("a/1.png", images.name(0));
        assertEquals("a/3.png", images.name(1));
        assertEquals(1, images.skipped().size());
        assertEquals("b", images.skipped().get(0).name());
      }
    }
  }

  @Test
  void aListNamesFilesBelowItsFolderAlone() throws IOException {
    Pictures.png(folder.resolve("faces/1.png"), 8, 1);
    Path out = folder.resolve("2.png");
    Pictures.png(out, 8, 1);
    Path list = folder.resolve("list.csv");
    Files.writeString(
        list, "file,identity\n1.png,a\n../2.png,b\n" + out + ",b\n1\0.png,b\nx/../1.png,c\n");
    try (LabeledImages images = FolderImages.open(folder.resolve("faces"), list)) {
      assertEquals(1, images.count());
      assertEquals(4, images.skipped().size());
      images
          .skipped()
          .forEach(s -> assertTrue(s.reason().contains("inside the folder"), s.toString()));
    }
  }
}
