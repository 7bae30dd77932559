package dev.fizzy.dataset.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.image.ImageDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetWriterTest {
  private static final List<String> NAMES = List.of("000000", "000001", "000002");

  @TempDir Path folder;

  private static DatasetRun run(long seed) {
    return new DatasetRun(
        seed, "m0del", "c0ntexts", "ddim", 20, 1.5, 3, 5, 16, "png", Map.of("eta", "0"));
  }

  private DatasetWriter open(Path root, Shard shard, boolean checkAll) {
    return DatasetWriter.open(
        root, run(9), NAMES, ImageWriter.png(), DatasetFormat.FOLDER, shard, checkAll, 2);
  }

  /** Writes at most so many images; the pixels depend on the key alone. */
  private static List<ImageKey> write(DatasetWriter writer, int most) {
    List<ImageKey> written = new ArrayList<>();
    for (Iterator<ImageKey> todo = writer.todo(); todo.hasNext() && written.size() < most; ) {
      ImageKey key = todo.next();
      writer.write(key, Pictures.noise(16, 100 * key.identity() + key.image()));
      written.add(key);
    }
    return written;
  }

  private int fill(Path root, Shard shard, int most) {
    try (DatasetWriter writer = open(root, shard, false)) {
      return write(writer, most).size();
    }
  }

  /** Path to checksum of all image files. */
  private static Map<String, String> images(Path root) throws IOException {
    Map<String, String> images = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(f -> f.toString().endsWith(".png"))
          .forEach(f -> images.put(root.relativize(f).toString(), Sha256.of(f)));
    }
    return images;
  }

  private static Map<String, String> listed(Path root) throws IOException {
    Map<String, String> listed = new TreeMap<>();
    try (Stream<Path> files = Files.list(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          Manifest.visit(
              in,
              (line, at) -> {
                assertEquals(
                    null, listed.put(line.path(), line.sha256()), line.path() + " is listed twice");
                return true;
              });
        }
      }
    }
    return listed;
  }

  private void complete(Path root) throws IOException {
    assertEquals(15, images(root).size());
    assertEquals(images(root), listed(root));
    try (Stream<Path> files = Files.list(root)) {
      assertEquals(0, files.filter(f -> f.getFileName().toString().startsWith(".")).count());
    }
  }

  @Test
  void writesAFolderPerIdentityAndAManifest() throws IOException {
    try (DatasetWriter writer = open(folder, Shard.ALL, false)) {
      assertEquals(15, writer.remaining());
      write(writer, 100);
      writer.close();
      assertEquals(15, writer.figures().images());
      assertTrue(writer.figures().bytes() > 15 * 700);
    }
    complete(folder);
    Path image = folder.resolve("000002/00004.png");
    assertArrayEquals(Pictures.noise(16, 204).pixels(), ImageDecoder.decode(image).pixels());
    String manifest = Files.readString(folder.resolve("manifest.json"));
    assertTrue(
        manifest.contains("\"sampler\" : \"ddim\"")
            && manifest.contains("\"origin\" : \"synthetic\""),
        manifest);
  }

  @Test
  void shardsAndRestartsGiveTheSameBytes() throws IOException {
    Path whole = folder.resolve("whole");
    Path cut = folder.resolve("cut");
    fill(whole, Shard.ALL, 100);
    assertEquals(3, fill(cut, new Shard(2, 2), 3));
    assertEquals(8, fill(cut, new Shard(1, 2), 100));
    assertEquals(1, fill(cut, new Shard(1, 3), 100) + fill(cut, new Shard(2, 3), 100) + 1);
    assertEquals(4, fill(cut, Shard.ALL, 100));
    complete(cut);
    assertEquals(images(whole), images(cut));
  }

  @Test
  void whatAKilledProcessLeftIsMadeGood() throws IOException {
    fill(folder, Shard.ALL, 7);
    Map<String, String> before = images(folder);
    Files.writeString(
        folder.resolve("manifest.jsonl"), "{\"path\":\"000001/0000", StandardOpenOption.APPEND);
    Path manifest = folder.resolve("manifest.jsonl");
    Files.writeString(manifest, "damaged\n" + Files.readString(manifest));
    Files.createDirectories(folder.resolve(".writing-1-of-1"));
    Files.write(folder.resolve(".writing-1-of-1/000001-2"), new byte[10]);
    Pictures.png(folder.resolve("000001/00004.png"), 16, 1); // in place, not yet listed
    Files.delete(folder.resolve("000000/00002.png"));
    Files.write(folder.resolve("000000/00003.png"), new byte[5]);
    byte[] flipped = Files.readAllBytes(folder.resolve("000001/00001.png"));
    flipped[flipped.length - 30] ^= 1;
    Files.write(folder.resolve("000001/00001.png"), flipped);
    assertEquals(15 - 4, fill(folder, Shard.ALL, 100));
    complete(folder);
    before.forEach((path, hash) -> assertEquals(hash, Sha256.of(folder.resolve(path)), path));
    assertEquals(0, fill(folder, Shard.ALL, 100));
  }

  @Test
  void aRunningShardKeepsOthersOut() throws IOException {
    try (DatasetWriter one = open(folder, new Shard(1, 2), false)) {
      String message =
          assertThrows(FileException.class, () -> open(folder, new Shard(1, 2), false))
              .getMessage();
      assertTrue(message.contains("another process is writing shard 1/2"), message);
      try (DatasetWriter two = open(folder, new Shard(2, 2), true)) {
        write(two, 100);
        write(one, 100);
      }
    }
    complete(folder);
  }

  @Test
  void theFolderOfAnotherRunIsRefused() throws IOException {
    fill(folder, Shard.ALL, 1);
    String message =
        assertThrows(
                FileException.class,
                () ->
                    DatasetWriter.open(
                        folder,
                        run(10),
                        NAMES,
                        ImageWriter.png(),
                        DatasetFormat.FOLDER,
                        Shard.ALL,
                        false,
                        1))
            .getMessage();
    assertTrue(message.contains("another run: its seed is 9, this run's is 10"), message);
    assertEquals(14, fill(folder, Shard.ALL, 100));
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.txt"), "precious");
    assertTrue(
        assertThrows(FileException.class, () -> fill(other, Shard.ALL, 1))
            .getMessage()
            .contains("not empty"));
    assertThrows(FileException.class, () -> fill(other.resolve("thesis.txt"), Shard.ALL, 1));
  }

  @Test
  void aFailureStopsAndCanBeResumed() throws IOException {
    Path blocked = folder.resolve("000001");
    Files.createDirectories(folder);
    String message =
        assertThrows(
                FileException.class,
                () -> {
                  // whether it is told to write or to close depends on the threads
                  try (DatasetWriter writer = open(folder, Shard.ALL, false)) {
                    Files.writeString(blocked, "in the way");
                    write(writer, 100);
                  }
                })
            .getMessage();
    assertTrue(
        message.contains("cannot write") && message.contains("run the same command again"),
        message);
    Files.delete(blocked);
    assertTrue(fill(folder, Shard.ALL, 100) >= 10);
    complete(folder);
  }
}
