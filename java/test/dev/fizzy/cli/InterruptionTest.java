package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.FaceFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    return Cli.startUntil(() -> Cli.lines(record) > 0, folder, Map.of(), command);
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

  /** The photos that have a whole line in the record. */
  private static Set<String> recorded(Path record) throws IOException {
    String text = Files.readString(record);
    Set<String> photos = new HashSet<>();
    for (String line : text.substring(0, text.lastIndexOf('\n')).split("\n")) {
      photos.add(new ObjectMapper().readTree(line).get("image").asText());
    }
    return photos;
  }

  /** Deletes all photos but some that are done and some that are not, and returns these. */
  private static List<String> keep(Path photos, Set<String> done, int ofDone, int ofOthers)
      throws IOException {
    List<String> kept = new ArrayList<>();
    for (String photo : FaceFolder.open(photos).names()) {
      boolean one = done.contains(photo);
      if (kept.stream().filter(k -> done.contains(k) == one).count() < (one ? ofDone : ofOthers)) {
        kept.add(photo);
      } else {
        Files.delete(photos.resolve(photo));
      }
    }
    return kept;
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
    Path record = out.resolve("alignment.jsonl");
    Process process = atWork(record, command);
    process.destroyForcibly().waitFor();
    String left = ".000003.png." + process.pid() + "-1f.tmp";
    Files.writeString(out.resolve("p").resolve(left), "torn");
    // Threads take different photos: any may be the first that is done.
    Set<String> done = recorded(record);
    int before = Math.min(10, done.size());
    List<String> kept = keep(photos, done, before, 10);
    JsonNode json = Cli.run(command).ok().json();
    assertEquals(before + 10, json.get("photos").asInt());
    assertEquals(before, json.get("photos_before").asInt());
    for (String name : kept) {
      assertEquals(-1, Files.mismatch(out.resolve(kept.get(0)), out.resolve(name)), name);
    }
    try (Stream<Path> all = Files.walk(out)) {
      assertEquals(0, all.filter(file -> file.toString().endsWith(".tmp")).count());
    }
  }
}
