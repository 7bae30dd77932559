package dev.fizzy.dataset.write;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One folder per identity and one file per image, {@code identity/00000.png}, written in any order,
 * with a manifest per shard. Opening it determines which images exist and which are missing. Shards
 * of different counts may share the folder.
 */
final class FolderStore implements ImageStore {
  private static final Logger log = LoggerFactory.getLogger(FolderStore.class);

  /**
   * Number of newest images per manifest whose checksums are always verified: a crash of the
   * machine may have truncated them.
   */
  private static final int RECENT = 4096;

  private final Path root;
  private final ItemList items;
  private final ImageProperties images;
  private final Shard shard;
  private final boolean checkAll;
  private final Path temporary;
  private final Map<String, Integer> labels = new HashMap<>();
  private final BitSet done = new BitSet();
  private Manifest manifest;
  private long bytesDone;
  private long damaged;

  FolderStore(Destination destination) {
    this.root = destination.root();
    this.items = destination.items();
    this.images = destination.images();
    this.shard = destination.shard();
    this.checkAll = destination.checkAll();
    this.temporary = root.resolve(".writing-" + shard.index() + "-of-" + shard.count());
    for (int label = 0; label < items.classes(); label++) {
      labels.put(items.identity(label), label);
    }
    boolean opened = false;
    try {
      DatasetFormat.FOLDER.describe(destination.run(), shard);
      OutputFolder.claim(root, destination.run());
      manifest = OutputFolder.openManifest(root, shard);
      makeTemporary();
      readManifests(root.resolve(shard.manifest()));
      opened = true;
    } catch (IOException e) {
      throw FileException.of("use the output folder", root, e);
    } finally {
      if (!opened && manifest != null) {
        manifest.close();
      }
    }
  }

  /** Creates the temporary folder and deletes files that a killed process left in it. */
  private void makeTemporary() throws IOException {
    removeTemporary();
    Files.createDirectories(temporary);
  }

  private void removeTemporary() throws IOException {
    if (Files.isDirectory(temporary)) {
      try (Stream<Path> entries = Files.list(temporary)) {
        for (Path entry : entries.toList()) {
          Files.deleteIfExists(entry);
        }
      }
      Files.deleteIfExists(temporary);
    }
  }

  private void readManifests(Path own) throws IOException {
    List<Path> others;
    try (Stream<Path> entries = Files.list(root)) {
      others =
          entries
              .filter(e -> e.getFileName().toString().matches("manifest(-\\d+-of-\\d+)?\\.jsonl"))
              .filter(e -> !e.equals(own))
              .sorted()
              .toList();
    }
    for (Path other : others) {
      Check check = new Check();
      try (InputStream in = new BufferedInputStream(Files.newInputStream(other))) {
        Manifest.visit(in, check);
      }
      if (!check.allGood()) {
        try (Manifest opened = Manifest.open(other)) {
          if (opened != null) { // else another process is writing the shard and handles it
            opened.keep(check.good);
          }
        }
      }
    }
    Check check = new Check();
    long end = manifest.visit(check);
    if (!check.allGood() || end < manifest.size()) {
      manifest.keep(check.good);
    }
    if (damaged > 0) {
      log.warn(
          "{} images listed in a manifest are missing or damaged and will be written again",
          damaged);
    }
  }

  /** Checks the images listed in a manifest and marks the valid ones as done. */
  private final class Check implements Manifest.Visitor {
    private static final Manifest.Line DAMAGED = new Manifest.Line(null, null, -1, null, 0);

    private final ArrayDeque<Manifest.Line> recent = new ArrayDeque<>();
    private final BitSet good = new BitSet();
    private int lines;

    @Override
    public boolean visit(Manifest.Line line, long at) {
      recent.add(line == null ? DAMAGED : line);
      if (recent.size() > RECENT) {
        check(recent.remove(), checkAll);
      }
      return true;
    }

    private void check(Manifest.Line line, boolean checksum) {
      int number = number(line);
      if (number >= 0 && isValid(line, checksum)) {
        if (!done.get(number)) {
          done.set(number);
          bytesDone += line.bytes();
          good.set(lines);
        }
      } else {
        damaged++;
      }
      lines++;
    }

    /** Also checks the newest lines; call once, after the last line. */
    boolean allGood() {
      while (!recent.isEmpty()) {
        check(recent.remove(), true);
      }
      return good.cardinality() == lines;
    }
  }

  /** The number of the image in a line; -1 if the set has no such image. */
  private int number(Manifest.Line line) {
    Integer label = labels.get(String.valueOf(line.identity()));
    if (label == null || line.image() < 0 || line.path() == null) {
      return -1;
    }
    long number = items.begin(label) + line.image();
    String stem = stem(line.identity(), line.image());
    boolean named =
        images.ending() == null
            ? line.path().matches(Pattern.quote(stem) + "\\.[a-z]+")
            : line.path().equals(stem + "." + images.ending());
    return named && number < items.end(label) ? Math.toIntExact(number) : -1;
  }

  private boolean isValid(Manifest.Line line, boolean checksum) {
    Path file = root.resolve(line.path());
    try {
      return Files.size(file) == line.bytes()
          && (!checksum || Sha256.of(file).equals(line.sha256()));
    } catch (IOException | FileException e) {
      return false;
    }
  }

  private static String stem(String identity, int image) {
    return identity + "/" + String.format("%05d", image);
  }

  @Override
  public long begin() {
    return shard.begin(items.count());
  }

  @Override
  public long end() {
    return shard.end(items.count());
  }

  @Override
  public BitSet done() {
    return done;
  }

  @Override
  public void checkSpace(long todo) {
    long each = done.cardinality() >= 100 ? bytesDone / done.cardinality() : images.estimate();
    OutputFolder.checkSpace(root, todo, each);
  }

  @Override
  public void store(long first, byte[]... encoded) {
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] != null) {
        store(first + i, encoded[i]);
      }
    }
  }

  /** Writes one encoded image atomically, then lists it. */
  private void store(long number, byte[] bytes) {
    String identity = items.identity(items.label(number));
    int image = items.image(number);
    String path = stem(identity, image) + "." + images.ending(bytes);
    Path part = temporary.resolve(identity + "-" + image);
    try {
      Files.createDirectories(root.resolve(identity));
      Files.write(part, bytes);
      Files.move(
          part,
          root.resolve(path),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      manifest.append(new Manifest.Line(path, identity, image, Sha256.of(bytes), bytes.length));
    } catch (IOException e) {
      throw new FileException(
          "cannot write "
              + root.resolve(path)
              + ": "
              + FileException.reason(e)
              + "; finished images are kept, run the same command again to continue",
          e);
    }
  }

  @Override
  public void finish() {
    try {
      manifest.sort(this::number);
    } catch (IOException e) {
      throw FileException.of("sort the manifest of", root, e);
    }
  }

  @Override
  public void close() {
    manifest.close();
    try {
      removeTemporary();
    } catch (IOException e) {
      log.debug("cannot remove {}: {}", temporary, FileException.reason(e));
    }
  }
}
