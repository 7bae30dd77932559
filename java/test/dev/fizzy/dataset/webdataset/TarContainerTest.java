package dev.fizzy.dataset.webdataset;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.dataset.write.Container;
import dev.fizzy.dataset.write.ContainerContract;
import dev.fizzy.dataset.write.Shard;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TarContainerTest extends ContainerContract {
  private static final int EACH = 4;

  @Override
  protected Container.Format format() {
    return TarContainer.format(EACH);
  }

  @Override
  protected String file(int number) {
    return String.format("faces-%06d.tar", number / EACH);
  }

  @Test
  void partsTogetherAreTheWhole() throws IOException {
    Path parts = folder.resolve("parts");
    for (int i : new int[] {3, 1, 2}) {
      fill(parts, new Shard(i, 3), 100, false);
    }
    complete(parts);
    assertEquals(files(whole()), files(parts));
  }
}
