package dev.fizzy.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What attempts leave in an output, whenever they are killed and however they overlap. */
class PartsTest {
  private static final String RUN = "run";
  private static final Map<String, String> FILES =
      Map.of("faces-000000.tar", "first", "id/00001.png", "second", "manifest-3-of-4.jsonl", "x");

  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    ObjectStore.reset();
    for (var file : FILES.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    Files.writeString(folder.resolve(Output.RUN), "not a part's");
  }

  @AfterEach
  void empty() {
    ObjectStore.reset();
  }

  private static Output output() throws IOException {
    return new Output("store:///out", ObjectStore.configuration());
  }

  private static Parts parts() throws IOException {
    return new Parts(output(), RUN);
  }

  private Receipt add(String attempt) {
    try {
      return parts().add(3, folder, attempt, 2, "cpu");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The output's files, without those of the cluster. */
  private static Map<String, String> stored() {
    Map<String, String> stored = new TreeMap<>();
    ObjectStore.OBJECTS.forEach(
        (name, bytes) -> {
          if (!name.startsWith("/out/.cluster/")) {
            stored.put(name.substring("/out/".length()), new String(bytes, StandardCharsets.UTF_8));
          }
        });
    return stored;
  }

  private static void assertComplete(String when) throws IOException {
    assertEquals(new TreeMap<>(FILES), stored(), when);
    Receipt receipt = parts().receipt(3);
    assertEquals(FILES.size(), receipt.files().size(), when);
    assertTrue(parts().holds(receipt, true), when);
  }

  /** Runs something before the operation of that number; whether there was such an operation. */
  private static boolean[] at(int operation, Runnable what) {
    int[] left = {operation};
    boolean[] happened = {false};
    ObjectStore.hook =
        () -> {
          if (left[0]-- == 0) {
            happened[0] = true;
            what.run();
          }
        };
    return happened;
  }

  private void killedAtEveryOperation() throws IOException {
    int operation = 0;
    for (boolean killed = true; killed; operation++) {
      ObjectStore.OBJECTS.clear();
      boolean[] happened =
          at(
              operation,
              () -> {
                throw new ObjectStore.Killed();
              });
      try {
        add("first");
      } catch (ObjectStore.Killed e) {
        Receipt receipt = parts().receipt(3);
        assertTrue(receipt == null || parts().holds(receipt, true), "killed at " + operation);
      }
      killed = happened[0];
      ObjectStore.hook = () -> {};
      add("second");
      assertComplete("killed at " + operation);
      parts().removeAttempts();
      assertEquals(FILES.size() + 1, ObjectStore.OBJECTS.size(), "leftovers");
    }
    assertTrue(operation > 10, operation + " operations");
  }

  @Test
  void anAttemptKilledAtAnyOperationLeavesNothingTorn() throws IOException {
    killedAtEveryOperation();
    ObjectStore.lagging = true;
    killedAtEveryOperation();
    ObjectStore.torn = true;
    killedAtEveryOperation();
  }

  @Test
  void attemptsThatOverlapAtAnyOperationAddOnePart() throws IOException {
    boolean overlapped = true;
    for (int operation = 0; overlapped; operation++) {
      ObjectStore.OBJECTS.clear();
      boolean[] happened =
          at(
              operation,
              () -> {
                ObjectStore.hook = () -> {};
                add("second");
              });
      add("first");
      overlapped = happened[0];
      assertComplete("overlap at " + operation);
    }
  }

  /** Another driver has finished: an attempt may fail, and what is there stays complete. */
  @Test
  void aDriverThatCommitsMeanwhileLosesNothing() throws IOException {
    boolean overlapped = true;
    for (int operation = 0; overlapped; operation++) {
      ObjectStore.OBJECTS.clear();
      boolean[] happened =
          at(
              operation,
              () -> {
                ObjectStore.hook = () -> {};
                add("second");
                try {
                  parts().removeAttempts();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      try {
        add("first");
      } catch (IllegalStateException e) {
        assertTrue(e.getCause() instanceof IOException, e.toString());
      }
      overlapped = happened[0];
      assertComplete("commit at " + operation);
    }
  }

  @Test
  void damagedPartsAreFoundAndReplaced() throws IOException {
    add("first");
    Receipt receipt = parts().receipt(3);
    ObjectStore.OBJECTS.put("/out/id/00001.png", "SECOND".getBytes(StandardCharsets.UTF_8));
    assertTrue(parts().holds(receipt, false), "the length is right");
    assertFalse(parts().holds(receipt, true));
    ObjectStore.OBJECTS.put("/out/id/00001.png", new byte[1]);
    assertFalse(parts().holds(receipt, false));
    parts().reopen(3);
    assertNull(parts().receipt(3));
    add("again");
    assertComplete("replaced");
    assertEquals(Set.of(3), parts().listed());
    assertNull(new Parts(output(), "another run").receipt(3));
    ObjectStore.OBJECTS.put("/out/.cluster/parts/3.json", new byte[] {'{'});
    assertNull(parts().receipt(3), "a damaged receipt");
  }

  private static ObjectNode run(int seed) {
    return new ObjectMapper().createObjectNode().put("seed", seed);
  }

  @Test
  void anOutputBelongsToOneRun() throws IOException {
    output().claim(run(1));
    output().claim(run(1));
    FileException e = assertThrows(FileException.class, () -> output().claim(run(2)));
    assertTrue(
        e.getMessage().contains("another run: its seed is 1, this run's is 2"), e::getMessage);
    ObjectStore.OBJECTS.clear();
    at(
        2,
        () -> {
          ObjectStore.hook = () -> {};
          try {
            output().claim(run(2));
          } catch (IOException io) {
            throw new IllegalStateException(io);
          }
        });
    assertThrows(FileException.class, () -> output().claim(run(1)), "the other driver was faster");
    output().check(run(2));
    ObjectStore.OBJECTS.clear();
    add("first");
    e = assertThrows(FileException.class, () -> output().claim(run(1)));
    assertTrue(e.getMessage().contains("not empty"), e::getMessage);
  }

  @Test
  void localFoldersHoldTheFilesAlone() throws IOException {
    Path out = folder.resolveSibling(folder.getFileName() + "-out");
    Configuration plain = new Configuration(false);
    Output local = new Output(out.toString(), plain);
    Parts parts = new Parts(local, RUN);
    local.claim(run(1));
    parts.add(3, folder, "first", 2, "cpu");
    parts.removeAttempts();
    for (var file : FILES.entrySet()) {
      assertArrayEquals(
          file.getValue().getBytes(StandardCharsets.UTF_8),
          Files.readAllBytes(out.resolve(file.getKey())));
    }
    try (var names = Files.walk(out)) {
      assertEquals(
          FILES.size() + 2, names.filter(Files::isRegularFile).count(), "with run and receipt");
    }
  }
}
