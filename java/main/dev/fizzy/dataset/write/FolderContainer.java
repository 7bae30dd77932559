package dev.fizzy.dataset.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a folder an identity, {@code identity/00000.png}, one image after the other. */
public final class FolderContainer implements Container {
  /** For sets that are converted; a generated one is written by several threads at a time. */
  public static final Format FORMAT =
      new Format() {
        @Override
        public String name() {
          return "folder";
        }

        @Override
        public Container open(
            Path root, ItemList items, Shard shard, long first, String ending, int imageSize) {
          return new FolderContainer(root, items, shard);
        }
      };

  private final Path root;
  private final ItemList items;
  private final Path part;

  private FolderContainer(Path root, ItemList items, Shard shard) {
    this.root = root;
    this.items = items;
    this.part = root.resolve(".writing" + shard.suffix());
  }

  @Override
  public void resume(Place last, long stored) throws IOException {
    Files.deleteIfExists(part);
  }

  @Override
  public Place append(long number, byte[] image) throws IOException {
    String identity = items.identity(items.label(number));
    Path folder = root.resolve(identity);
    if (!folder.startsWith(root)) {
      throw new IOException("the identity " + identity + " points out of the folder");
    }
    String name = String.format("%05d.%s", items.image(number), ImageEndings.of(image));
    Files.createDirectories(folder);
    Files.write(part, image);
    Files.move(
        part,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    return new Place(identity + "/" + name, 0, image.length);
  }

  @Override
  public void flush() {}

  @Override
  public byte[] read(Place place) throws IOException {
    Path file = root.resolve(place.path()).normalize();
    if (!file.startsWith(root.normalize()) || Files.size(file) != place.end()) {
      throw new IOException(place.path() + " is not what was written");
    }
    return Files.readAllBytes(file);
  }

  @Override
  public void finish() {}

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(part);
  }
}
