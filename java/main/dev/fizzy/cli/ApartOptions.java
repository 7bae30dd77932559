package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.identity.ApartRule;
import dev.fizzy.identity.Embeddings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Mixin: how far apart identities must be from each other and from those of other files. */
final class ApartOptions {
  @Option(
      names = "--max-cosine",
      paramLabel = "C",
      description =
          "Drop an identity whose cosine to one kept before, or to a vector of --apart-from, is"
              + " above C; where identities are drawn, others are drawn for them; default: keep all.")
  @Range(min = -1, max = 1)
  private Double most;

  @Option(
      names = "--apart-from",
      split = ",",
      paramLabel = "FILE",
      description =
          "Vectors of other people to stay apart from by --max-cosine, separated by commas: another"
              + " set of identities, or real people from `fizzy embed`.")
  private List<Path> others;

  /** The rule with what it holds open. */
  record Opened(ApartRule rule, Device device, List<Embeddings> others) implements AutoCloseable {
    @Override
    public void close() {
      others.forEach(Embeddings::close);
      if (device != null) {
        device.close();
      }
    }
  }

  boolean given() {
    return most != null;
  }

  void check() {
    if (others != null && most == null) {
      throw new OptionException("--apart-from needs --max-cosine C");
    }
  }

  Opened open(int threads) {
    check();
    if (most == null) {
      return new Opened(ApartRule.NONE, null, List.of());
    }
    List<Embeddings> opened = new ArrayList<>();
    Device device = Devices.open("cpu", threads);
    try {
      if (others != null) {
        others.forEach(file -> opened.add(Embeddings.open(file)));
      }
      return new Opened(new ApartRule(device, most, opened), device, opened);
    } catch (RuntimeException e) {
      new Opened(ApartRule.NONE, device, opened).close();
      throw e;
    }
  }
}
