package dev.fizzy.dataset.write;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A data set on disk: DIR/identity/image.png, manifest.json with the run, and the manifests of its
 * shards. Opening it finds out what is there and what is to do.
 */
final class DatasetFolder implements ImageStore {
  private static final Logger log = LoggerFactory.getLogger(DatasetFolder.class);

  /**
   * Newest images of each manifest whose checksums are always looked at: the ones that a crash of
   * the machine, rather than of the process, may have cut.
   */
  private static final int RECENT = 4096;

  private final Path root;
  private final DatasetRun run;
  private final List<String> identities;
  private final ImageWriter format;
  private final Shard shard;
  private final boolean checkAll;
  private final Path temporary;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final BitSet done = new BitSet();
  private Manifest manifest;
  private long bytesDone;
  private long dropped;

  /**
   * @param identities names of the identities' folders
   * @param checkAll whether every image's checksum is looked at, not only its size
   */
  DatasetFolder(
      Path root,
      DatasetRun run,
      List<String> identities,
      ImageWriter format,
      Shard shard,
      boolean checkAll) {
    this.root = root;
    this.run = run;
    this.identities = identities;
    this.format = format;
    this.shard = shard;
    this.checkAll = checkAll;
    this.temporary = root.resolve(".writing-" + shard.index() + "-of-" + shard.count());
    if (identities.size() != run.identities() || run.images() > Integer.MAX_VALUE) {
      throw new FileException(
          run.identities()
              + " identities of "
              + run.imagesPerIdentity()
              + " images are announced, and there are "
              + identities.size()
              + " names");
    }
    for (String identity : identities) {
      numbers.put(identity, numbers.size());
    }
    boolean opened = false;
    try {
      OutputFolder.claim(root, run.json());
      manifest = OutputFolder.own(root, shard);
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

  /** Empties it of what a killed process left. */
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
      List<Manifest.Line> lines = Manifest.parse(Files.readAllBytes(other));
      Set<Manifest.Line> good = good(lines);
      if (good.size() < lines.size()) {
        try (Manifest opened = Manifest.open(other)) {
          if (opened != null) { // else its shard is at work and will see to it
            opened.keep(good);
          }
        }
      }
    }
    manifest.keep(good(manifest.lines()));
    if (dropped > 0) {
      log.warn(
          "{} images that a manifest lists are missing or damaged and are made again", dropped);
    }
  }

  /** The lines whose images are there and whole; counts them as done. */
  private Set<Manifest.Line> good(List<Manifest.Line> lines) {
    Set<Manifest.Line> good = new HashSet<>();
    for (int i = 0; i < lines.size(); i++) {
      Manifest.Line line = lines.get(i);
      Integer identity = numbers.get(String.valueOf(line.identity()));
      boolean ours =
          identity != null
              && line.image() >= 0
              && line.image() < run.imagesPerIdentity()
              && path(line.identity(), line.image()).equals(line.path());
      if (ours && whole(line, checkAll || i >= lines.size() - RECENT)) {
        int item = identity * run.imagesPerIdentity() + line.image();
        if (!done.get(item)) {
          done.set(item);
          bytesDone += line.bytes();
          good.add(line);
        }
      } else {
        dropped++;
      }
    }
    return good;
  }

  private boolean whole(Manifest.Line line, boolean checksum) {
    Path file = root.resolve(line.path());
    try {
      return Files.size(file) == line.bytes()
          && (!checksum || Sha256.of(file).equals(line.sha256()));
    } catch (IOException | FileException e) {
      return false;
    }
  }

  private String path(String identity, int image) {
    return identity + "/" + String.format("%05d", image) + "." + format.ending();
  }

  @Override
  public long begin() {
    return shard.begin(run.images());
  }

  @Override
  public long end() {
    return shard.end(run.images());
  }

  @Override
  public BitSet done() {
    return done;
  }

  @Override
  public void checkSpace(long images) {
    long each =
        done.cardinality() >= 100
            ? bytesDone / done.cardinality()
            : format.estimate(run.imageSize());
    OutputFolder.checkSpace(root, images, each);
  }

  /** Puts one encoded image in place, then lists it. */
  @Override
  public void store(ImageKey key, byte[] bytes) {
    String identity = identities.get(key.identity());
    String path = path(identity, key.image());
    Path part = temporary.resolve(identity + "-" + key.image());
    try {
      Files.createDirectories(root.resolve(identity));
      Files.write(part, bytes);
      Files.move(
          part,
          root.resolve(path),
          java.nio.file.StandardCopyOption.ATOMIC_MOVE,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      manifest.append(
          new Manifest.Line(path, identity, key.image(), Sha256.of(bytes), bytes.length));
    } catch (IOException e) {
      throw new FileException(
          "cannot write "
              + root.resolve(path)
              + ": "
              + FileException.reason(e)
              + "; what is written is kept, and the same command goes on from there",
          e);
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
