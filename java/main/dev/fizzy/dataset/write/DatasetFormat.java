package dev.fizzy.dataset.write;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/** A format that data sets are written in. */
public interface DatasetFormat {
  /** A folder an identity, {@code identity/00000.png}. */
  DatasetFormat FOLDER =
      new DatasetFormat() {
        @Override
        public String name() {
          return "folder";
        }

        @Override
        public ImageStore store(
            Path root,
            ObjectNode run,
            ItemList items,
            ImageProperties images,
            Shard shard,
            boolean checkAll) {
          return new FolderStore(root, run, items, images, shard, checkAll);
        }
      };

  /** As manifest.json names it. */
  String name();

  /**
   * Opens or resumes a part of a set; refuses the folder of another run.
   *
   * @param run what manifest.json says of the set; gets the format's name
   * @param checkAll whether every image's checksum is verified, not only its size and the newest
   *     checksums
   */
  ImageStore store(
      Path root,
      ObjectNode run,
      ItemList items,
      ImageProperties images,
      Shard shard,
      boolean checkAll);
}
