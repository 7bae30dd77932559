package dev.fizzy.dataset.write;

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
        public ImageStore open(Destination destination) {
          return new FolderStore(destination);
        }
      };

  /** As manifest.json names it. */
  String name();

  /** Opens or resumes a part of a set; refuses the folder of another run. */
  ImageStore open(Destination destination);
}
