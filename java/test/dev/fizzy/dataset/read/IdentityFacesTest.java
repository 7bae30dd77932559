package dev.fizzy.dataset.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFacesTest {
  private static final long PLENTY = 1 << 20;

  @TempDir Path folder;

  private void folders() throws IOException {
    for (String name : new String[] {"b/1", "b/2", "a/1", "a/2", "a/3", "c/1", "d/1", "d/2"}) {
      Pictures.png(folder.resolve(name + ".png"), 8, name.hashCode());
    }
    byte[] whole = Files.readAllBytes(folder.resolve("d/2.png"));
    Files.write(folder.resolve("d/2.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.createDirectories(folder.resolve("empty"));
  }

  private IdentityFaces read(LabeledImages source, long memory, int threads) {
    return IdentityFaces.read(source, 8, 2, threads, memory, done -> {});
  }

  @Test
  void peopleWithTooFewGoodImagesAreNamedAndLeftOut() throws IOException {
    folders();
    IdentityFaces faces = read(FolderImages.open(folder), PLENTY, 2);
    assertEquals(List.of("a", "b"), faces.identities());
    assertEquals(5, faces.count());
    assertEquals(List.of("c", "d"), faces.skippedIdentities());
    assertEquals(List.of("empty", "d/2.png"), faces.skipped().stream().map(s -> s.name()).toList());
    for (int i = 0; i < faces.count(); i++) {
      assertEquals(faces.name(i).charAt(0), faces.identities().get(faces.label(i)).charAt(0));
    }
    IdentityFaces only = faces.only(1);
    assertEquals(List.of("b"), only.identities());
    assertEquals(2, only.count());
    assertEquals(0, only.label(1));
    assertArrayEquals(faces.pixels(3), only.pixels(0));
    assertNotEquals(faces.checksum(), only.checksum());
  }

  @Test
  void whatDoesNotFitInMemoryIsReadAgain() throws IOException {
    folders();
    IdentityFaces all = read(FolderImages.open(folder), PLENTY, 1);
    IdentityFaces few = read(FolderImages.open(folder), 2 * 3 * 8 * 8, 3);
    assertEquals(all.checksum(), few.checksum());
    for (int i = 0; i < all.count(); i++) {
      assertArrayEquals(all.pixels(i), few.pixels(i));
    }
    Files.delete(folder.resolve("b/2.png"));
    String message = assertThrows(FileException.class, () -> few.pixels(4)).getMessage();
    assertTrue(message.contains("b/2.png") && message.contains("was readable before"), message);
  }

  @Test
  void onePersonIsNotEnough() throws IOException {
    Pictures.png(folder.resolve("a/1.png"), 8, 1);
    Pictures.png(folder.resolve("a/2.png"), 8, 2);
    Pictures.png(folder.resolve("b/1.png"), 8, 3);
    LabeledImages source = FolderImages.open(folder);
    String message = assertThrows(FileException.class, () -> read(source, PLENTY, 1)).getMessage();
    assertTrue(message.contains("has 1 identities") && message.contains(": b"), message);
  }

  private FolderImages list(String text) throws IOException {
    Path file = folder.resolve("faces.csv");
    Files.writeString(file, text);
    return FolderImages.open(folder, file);
  }

  @Test
  void aTableNamesThePeopleOfAFlatFolder() throws IOException {
    for (int i = 0; i < 5; i++) {
      Pictures.png(folder.resolve("f" + i + ".png"), 8, i);
    }
    FolderImages images =
        list(
            "identity,age,file\nz,3,f0.png\n\"a, the first\",4,f1.png\nz,,f2.png\n,5,f3.png\n"
                + "z,1,none.png\nz,1,f2.png\n");
    assertEquals(3, images.count());
    assertEquals(2, images.classes());
    assertEquals("a, the first", images.className(0));
    assertEquals(1, images.label(0));
    assertEquals(0, images.label(1));
    assertEquals("f2.png", images.name(2));
    assertEquals(8, images.decode(2).width());
    assertEquals(1, images.skipped().size());
    assertEquals("none.png", images.skipped().get(0).name());
  }

  @Test
  void badTablesGetASentence() throws IOException {
    Pictures.png(folder.resolve("f0.png"), 8, 1);
    for (String[] bad :
        new String[][] {
          {"file,identity\nf0.png,a\nf0.png,b\n", "record 2", "f0.png is of b, and of a"},
          {"file,person\nf0.png,a\n", "has the columns", "person"},
          {"file,identity\n", "has no identities"},
          {"", "has the columns"},
          {"file,identity\nf9.png,a\n", "none of the 1 files", "f9.png"},
        }) {
      String message = assertThrows(FileException.class, () -> list(bad[0])).getMessage();
      for (int i = 1; i < bad.length; i++) {
        assertTrue(message.contains(bad[i]), message);
      }
    }
    assertThrows(
        FileException.class, () -> FolderImages.open(folder, folder.resolve("missing.csv")));
  }
}
