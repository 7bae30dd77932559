package dev.fizzy.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendedFileTest {
  /** More than is forced behind the writer's back at a time, twice. */
  private static final int BYTES = 70 << 20;

  @TempDir Path folder;

  @Test
  void whatIsForcedMeanwhileIsTheSame() throws IOException {
    Path path = folder.resolve("faces");
    Random random = new Random(1);
    byte[] piece = new byte[(1 << 18) + 3];
    ByteArrayOutputStream wanted = new ByteArrayOutputStream(BYTES + piece.length);
    AppendedFile file = new AppendedFile(path, 0);
    while (file.position() < BYTES) {
      random.nextBytes(piece);
      file.put(piece);
      wanted.write(piece);
    }
    Completion done = file.complete();
    done.await();
    done.await(); // as often as one likes
    assertArrayEquals(wanted.toByteArray(), Files.readAllBytes(path));
    assertThrows(ClosedChannelException.class, () -> file.patch(0, piece));
  }

  @Test
  void aFailureBehindTheBackComesOut() {
    Completion failed =
        Completion.of(
            () -> {
              throw new IOException("the disk is full");
            });
    for (int i = 0; i < 2; i++) {
      assertEquals("the disk is full", assertThrows(IOException.class, failed::await).getMessage());
    }
  }
}
