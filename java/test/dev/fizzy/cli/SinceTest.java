package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tools/bench --since} in a made repository, whose fizzy tells a time without measuring. */
class SinceTest {
  @TempDir Path folder;
  private Path root;

  @BeforeEach
  void repository() throws Exception {
    root = folder.toRealPath().resolve("checkout");
    Files.createDirectories(root.resolve("tools"));
    for (String tool : List.of("bench", "since.sh")) {
      Files.copy(
          Path.of("tools", tool),
          root.resolve("tools").resolve(tool),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.writeString(root.resolve(".gitignore"), "target\n");
    run(0, "git", "init", "-q", ".");
    commit("\"seconds\":0.5");
    commit("\"seconds\":0.5,\"wall_seconds\":0.5");
    commit("\"seconds\":0.5,\"wall_seconds\":0.6");
  }

  /** A revision whose profile prints these fields. */
  private void commit(String fields) throws Exception {
    Path fizzy =
        Files.writeString(
            root.resolve("tools/fizzy"),
            "#!/bin/sh\necho \"$*\" >> '" + folder.resolve("calls") + "'\necho '{" + fields + "}'");
    Files.setPosixFilePermissions(fizzy, PosixFilePermissions.fromString("rwxr-xr-x"));
    run(0, "git", "add", "-A");
    run(0, "git", "-c", "user.email=a@b", "-c", "user.name=a", "commit", "-qm", "a");
  }

  private String run(int code, String... command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(root.toFile()).redirectErrorStream(true);
    builder.environment().put("FIZZY_CACHE", folder.resolve("cache").toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(code, process.waitFor(), output);
    return output;
  }

  private String since(int code, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("tools/bench", "--since"));
    command.addAll(List.of(options));
    return run(code, command.toArray(String[]::new));
  }

  @Test
  void twoRevisionsAreComparedByTurnsAndKept() throws Exception {
    String out = since(3, "HEAD~1", "--rounds", "2", "--batch", "4");
    assertTrue(out.contains("ratio 1.200"), out);
    assertEquals("profile --json --batch 4", Files.readAllLines(folder.resolve("calls")).get(0));
    assertEquals(4, Files.readAllLines(folder.resolve("calls")).size());
    assertTrue(since(0, "HEAD", "--rounds", "1").contains("ratio 1.000"));
    since(0, "HEAD~1", "--threshold", "25", "--rounds", "1");
    List<String> history = Files.readAllLines(folder.resolve("cache/bench-history.csv"));
    assertEquals(4, history.size());
    assertTrue(history.get(1).endsWith(",0.5,0.6,1.2000,2,--batch 4"), history.get(1));
  }

  @Test
  void whatCannotBeComparedIsRefused() throws Exception {
    assertTrue(since(2).contains("--since takes a revision, as HEAD~1"));
    assertTrue(since(2, "nosuch").contains("there is no revision nosuch"));
    assertTrue(since(2, "HEAD", "--rounds", "x").contains("takes a whole number, not 'x'"));
    assertTrue(since(1, "HEAD~2").contains("HEAD~2 is older than wall_seconds"));
    assertTrue(since(0, "--help").contains("Usage: tools/bench --since REV"));
  }
}
