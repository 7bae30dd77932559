package dev.fizzy.dataset.write;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** An output format of data sets. */
public interface DatasetFormat {
  /** One folder per identity, {@code identity/00000.png}. */
  DatasetFormat FOLDER =
      new DatasetFormat() {
        @Override
        public String name() {
          return "folder";
        }

        @Override
        public ImageStore open(Destination destination) {
          return new FolderStore(destination);
        }
      };

  /** The name in manifest.json. */
  String name();

  /** Adds what parts of one set have in common to the content of manifest.json. */
  default void describe(ObjectNode run, Shard shard) {
    run.put(OutputFolder.CONTAINER, name());
  }

  /** Opens or resumes a part of a set; throws if the folder belongs to another run. */
  ImageStore open(Destination destination);
}
