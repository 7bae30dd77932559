package dev.fizzy.dataset.write;

import dev.fizzy.file.FileException;
import java.util.List;

/** The images of a {@link DatasetRun}, the same number for each identity. */
record GeneratedItems(int imagesPerIdentity, List<String> identities) implements ItemList {
  GeneratedItems(DatasetRun run, List<String> identities) {
    this(run.imagesPerIdentity(), identities);
    if (identities.size() != run.identities() || run.images() > Integer.MAX_VALUE) {
      throw new FileException(
          run.identities()
              + " identities of "
              + run.imagesPerIdentity()
              + " images were expected, but there are "
              + identities.size()
              + " names");
    }
  }

  @Override
  public long count() {
    return (long) identities.size() * imagesPerIdentity;
  }

  @Override
  public int classes() {
    return identities.size();
  }

  @Override
  public int label(long number) {
    return (int) (number / imagesPerIdentity);
  }

  @Override
  public int image(long number) {
    return (int) (number % imagesPerIdentity);
  }

  @Override
  public long end(int label) {
    return (label + 1L) * imagesPerIdentity;
  }

  @Override
  public String identity(int label) {
    return identities.get(label);
  }
}
