package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.dataset.Pictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that are ended in the middle of their work. */
class InterruptionTest {
  private static final int TERMINATED = 143;
  private static final long LIMIT_SECONDS = 60;

  @TempDir Path folder;

  /** The same picture under many names, as {@code p/000017.png}. */
  private Path pictures(int count, int side) throws IOException {
    Path faces = folder.resolve("faces");
    Path first = Pictures.blob(faces.resolve("p/000000.png"), side, 1);
    for (int i = 1; i < count; i++) {
      Files.createLink(faces.resolve(String.format("p/%06d.png", i)), first);
    }
    return faces;
  }

  /** Starts a command and waits until it has recorded its first result. */
  private Process atWork(Path record, Object... command) throws IOException, InterruptedException {
    Process process = Cli.start(folder, Map.of(), command);
    while (process.isAlive() && !(Files.exists(record) && Files.size(record) > 0)) {
      Thread.sleep(5);
    }
    return process;
  }

  private void terminated(Path record, Object... command) throws IOException, InterruptedException {
    Process process = atWork(record, command);
    process.destroy();
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
    String err = Files.readString(folder.resolve("stderr"));
    assertEquals(TERMINATED, process.exitValue(), err);
    assertTrue(
        err.contains("ended by SIGTERM; finished work is kept, run the same command again"), err);
  }

  private Object[] align(Path photos, Path out) throws IOException {
    List<String> points = new ArrayList<>();
    try (Stream<Path> files = Files.walk(photos)) {
      files
          .filter(Files::isRegularFile)
          .map(file -> photos.relativize(file) + " 100 100 200 100 150 150 110 200 190 200")
          .forEach(points::add);
    }
    Path list = Files.write(folder.resolve("points.txt"), points);
    return new Object[] {"align", "--in", photos, "--points", list, "--out", out, "--json"};
  }

  @Test
  void terminationKeepsTheWork() throws IOException, InterruptedException {
    Path out = folder.resolve("faces64");
    terminated(
        out.resolve("manifest.jsonl"),
        "generate",
        "--contexts",
        TinyModel.contexts(),
        "--model",
        TinyModel.model(),
        "--images",
        100_000,
        "--steps",
        2,
        "--out",
        out);
    Path faces = pictures(2_000, 300);
    Path aligned = folder.resolve("aligned");
    terminated(aligned.resolve("alignment.jsonl"), align(faces, aligned));
    Path copy = folder.resolve("copy");
    terminated(
        copy.resolve("manifest.jsonl"), "export", faces, "--format", "folder", "--out", copy);
  }

  @Test
  void aKilledAlignmentGoesOnWithoutLeftovers() throws IOException, InterruptedException {
    Path photos = pictures(2_000, 300);
    Path out = folder.resolve("aligned");
    Object[] command = align(photos, out);
    Process process = atWork(out.resolve("alignment.jsonl"), command);
    process.destroyForcibly().waitFor();
    String left = ".000003.png." + process.pid() + "-1f.tmp";
    Files.writeString(out.resolve("p").resolve(left), "torn");
    for (int i = 20; i < 2_000; i++) {
      Files.delete(photos.resolve(String.format("p/%06d.png", i)));
    }
    JsonNode json = Cli.run(command).ok().json();
    assertEquals(20, json.get("photos").asInt());
    assertTrue(json.get("photos_before").asInt() > 0);
    for (int i = 0; i < 20; i++) {
      Path face = out.resolve(String.format("p/%06d.png", i));
      assertEquals(-1, Files.mismatch(out.resolve("p/000000.png"), face));
    }
    try (Stream<Path> all = Files.walk(out)) {
      assertEquals(0, all.filter(file -> file.toString().endsWith(".tmp")).count());
    }
  }
}
