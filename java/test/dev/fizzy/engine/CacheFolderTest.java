package dev.fizzy.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFolderTest {
  @TempDir Path folder;
  private int user;

  @BeforeEach
  void whoAmI() throws IOException {
    folder = folder.toRealPath();
    user = (int) Files.getAttribute(folder, "unix:uid");
  }

  private Path make(String name, String permissions) throws IOException {
    Path made = Files.createDirectory(folder.resolve(name));
    return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(permissions));
  }

  private String refusal(int user, Path... candidates) {
    return assertThrows(EngineException.class, () -> CacheFolder.choose(List.of(candidates), user))
        .getMessage();
  }

  @Test
  void isMadeForItsOwnerAlone() throws IOException {
    Path wanted = folder.resolve("new/fizzy");
    assertEquals(wanted, CacheFolder.choose(List.of(wanted), user));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(wanted)));
  }

  @Test
  void whatAnotherUserOwnsOrCanWriteToIsRefused() throws IOException {
    Path open = make("open", "rwxrwxrwx");
    assertTrue(refusal(user, open).contains("other users can write to it"));
    assertTrue(refusal(user, make("group", "rwxrwx---")).contains("other users can write to it"));
    Path mine = make("mine", "rwx------");
    String sentence = refusal(user + 1, mine);
    assertTrue(sentence.contains(mine + ": it belongs to the user "), sentence);
    assertTrue(sentence.contains(CacheFolder.VARIABLE), sentence);
    assertTrue(
        refusal(user, open.resolve("fizzy")).contains("every user can rename it"),
        "a folder in one that everybody can write to");
    assertTrue(refusal(user, Files.createFile(folder.resolve("file"))).contains("not a folder"));
  }

  @Test
  void theNextCandidateIsTakenWhereOneCannotBeUsed() throws IOException {
    Path below = Files.createFile(folder.resolve("file")).resolve("fizzy");
    Path good = folder.resolve("good");
    assertEquals(good, CacheFolder.choose(List.of(below, good), user));
    Path link = Files.createSymbolicLink(folder.resolve("link"), good);
    assertEquals(good, CacheFolder.choose(List.of(link), user), "an own link is followed");
    assertFalse(Files.exists(below));
  }
}
