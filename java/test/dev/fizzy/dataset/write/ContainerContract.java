package dev.fizzy.dataset.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every format that holds many images a file must keep. */
public abstract class ContainerContract {
  private static final List<String> NAMES = List.of("anna", "bert", "carl");
  private static final int EACH = 5;

  @TempDir protected Path folder;

  protected abstract Container.Format format();

  /** The file that the image of that number is in. */
  protected abstract String file(int number);

  private static DatasetRun run(long seed) {
    return new DatasetRun(seed, "m", "c", "ddim", 20, 1.5, 3, EACH, 16, "png", Map.of());
  }

  private DatasetWriter open(Path root, Shard shard, boolean checkAll) {
    return DatasetWriter.open(root, run(9), NAMES, ImageWriter.png(), format(), shard, checkAll, 3);
  }

  /** Writes at most so many images; their pixels depend on the key alone. */
  private static int write(DatasetWriter writer, int most) {
    int count = 0;
    for (Iterator<ImageKey> todo = writer.todo(); todo.hasNext() && count < most; count++) {
      ImageKey key = todo.next();
      writer.write(key, Pictures.noise(16, 100L * key.identity() + key.image()));
    }
    return count;
  }

  protected int fill(Path root, Shard shard, int most, boolean checkAll) {
    try (DatasetWriter writer = open(root, shard, checkAll)) {
      return write(writer, most);
    }
  }

  protected Path whole() {
    Path whole = folder.resolve("whole");
    fill(whole, Shard.ALL, 100, false);
    return whole;
  }

  /** Checksums of what a reader of the format is given; not of our manifests. */
  protected static Map<String, String> files(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().startsWith("manifest")) {
          files.put(root.relativize(file).toString(), Sha256.of(file));
        }
      }
    }
    return files;
  }

  /** Whether the set has each image once, with its label, in order. */
  protected static void complete(Path root) throws IOException {
    try (LabeledImages images = ImageSets.open(root)) {
      assertEquals(3 * EACH, images.count());
      assertEquals(3, images.classes());
      for (int i = 0; i < images.count(); i++) {
        assertEquals(i / EACH, images.label(i));
        assertArrayEquals(
            Pictures.noise(16, 100L * (i / EACH) + i % EACH).pixels(), images.decode(i).pixels());
      }
    }
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Path whole = whole();
    complete(whole);
    assertEquals(15, Files.readAllLines(whole.resolve("manifest.jsonl")).size());
    assertEquals(0, fill(whole, Shard.ALL, 100, true), "nothing is left to do");
    complete(whole);
  }

  @Test
  void aCutSetGoesOnWhereItStopped() throws IOException {
    Map<String, String> wanted = files(whole());
    Path cut = folder.resolve("cut");
    for (int most : new int[] {0, 1, 3, 4, 1}) {
      assertEquals(most, fill(cut, Shard.ALL, most, false));
    }
    assertEquals(6, fill(cut, Shard.ALL, 100, false));
    assertEquals(wanted, files(cut));
    assertEquals(0, fill(cut, Shard.ALL, 100, false));
    assertEquals(wanted, files(cut));
  }

  @Test
  void whatAKilledProcessLeftIsMadeGood() throws IOException {
    Map<String, String> wanted = files(whole());
    Path cut = folder.resolve("cut");
    fill(cut, Shard.ALL, 7, false);
    Path manifest = cut.resolve("manifest.jsonl");
    Files.writeString(manifest, "{\"path\":\"train", StandardOpenOption.APPEND);
    Files.write(cut.resolve(file(6)), new byte[700], StandardOpenOption.APPEND); // half an image
    assertEquals(8, fill(cut, Shard.ALL, 100, false), "nothing listed is made again");
    assertEquals(wanted, files(cut));
  }

  @Test
  void whatIsDamagedIsMadeAgain() throws IOException {
    Map<String, String> wanted = files(whole());
    for (boolean checkAll : new boolean[] {false, true}) {
      Path cut = folder.resolve("cut" + checkAll);
      fill(cut, Shard.ALL, 100, false);
      long end;
      try (RandomAccessFile file = new RandomAccessFile(cut.resolve(file(14)).toFile(), "rw")) {
        end = file.length();
        file.setLength(end - 2300); // the last images are gone
      }
      int again = fill(cut, Shard.ALL, 100, checkAll);
      assertTrue(again > 0 && again < 6, again + " images are made again");
      assertEquals(wanted, files(cut));
    }
  }

  @Test
  void anotherRunAndOtherPartsAreRefused() {
    fill(folder, Shard.ALL, 3, false);
    assertTrue(
        assertThrows(FileException.class, () -> fill(folder, new Shard(1, 2), 3, false))
            .getMessage()
            .contains("its parts is 1, this run's is 2"));
    assertThrows(
        FileException.class,
        () ->
            DatasetWriter.open(
                    folder,
                    run(9),
                    NAMES,
                    ImageWriter.png(),
                    DatasetFormat.FOLDER,
                    Shard.ALL,
                    false,
                    1)
                .close(),
        "a folder an identity does not go on where another format stopped");
  }
}
