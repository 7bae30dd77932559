package dev.fizzy.file;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputPathTest {
  @TempDir Path folder;

  @Test
  void anOutputInItsInputIsRefusedByWhateverPath() throws IOException {
    Path in = Files.createDirectory(folder.resolve("in"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), in);
    for (Path out :
        new Path[] {in, in.resolve("a/b"), link.resolve("new"), link.resolve("a/../b")}) {
      assertThrows(FileException.class, () -> OutputPath.requireOutside(out, in), out.toString());
    }
    assertDoesNotThrow(() -> OutputPath.requireOutside(folder.resolve("in2/a"), in));
    assertDoesNotThrow(() -> OutputPath.requireOutside(in.resolve("../out"), in));
  }

  @Test
  void aFolderIsLockedOnce() throws IOException {
    FolderLock lock = FolderLock.take(folder.resolve("new"));
    assertThrows(FileException.class, () -> FolderLock.take(folder.resolve("new")));
    lock.close();
    FolderLock.take(folder.resolve("new")).close();
  }

  @Test
  void leftoversOfDeadProcessesAreDeletedAndOthersKept() throws IOException {
    Path dead = Files.createFile(folder.resolve(".model.safetensors.999999999-1f.tmp"));
    Path alive =
        Files.createFile(folder.resolve(".a.json." + ProcessHandle.current().pid() + "-1f.tmp"));
    Path other = Files.createFile(folder.resolve("mine.tmp"));
    AtomicFile.deleteLeftovers(folder);
    assertFalse(Files.exists(dead));
    assertTrue(Files.exists(alive) && Files.exists(other));
  }
}
