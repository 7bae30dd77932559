package dev.fizzy.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void aFailedWriteLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("sub/a.txt");
    AtomicFile.write(file, "old".getBytes());
    FileException e =
        assertThrows(
            FileException.class,
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("No space left on device");
                    }));
    assertEquals("cannot write " + file + ": No space left on device", e.getMessage());
    assertEquals("old", Files.readString(file));
    try (var left = Files.list(file.getParent())) {
      assertEquals(1, left.count());
    }
    AtomicFile.write(file, "new".getBytes());
    assertEquals("new", Files.readString(file));
  }

  @Test
  void namesTheFileThatCannotBeWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "").resolve("below");
    assertTrue(
        assertThrows(FileException.class, () -> AtomicFile.write(file, new byte[1]))
            .getMessage()
            .contains(file.toString()));
  }

  @Test
  void checksumsAgree() throws IOException {
    Path file = Files.writeString(folder.resolve("abc"), "abc");
    String hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertEquals(hash, Sha256.of(file));
    assertEquals(hash, Sha256.of("abc".getBytes()));
  }
}
