package dev.fizzy.cli;

import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FrozenFeatures;
import dev.fizzy.identity.LocalFeatures;
import dev.fizzy.model.embedder.Preset;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Option;

/** Mixin: how faces are preprocessed for an embedder, and which of its outputs is the feature. */
class PresetOptions {
  static final class Presets implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Preset.ALL.stream().map(Preset::name).iterator();
    }
  }

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      completionCandidates = Presets.class,
      description =
          "How faces are preprocessed: ${COMPLETION-CANDIDATES}; default: the preset of a known"
              + " file, else by the size of the network's input.")
  private Preset preset;

  @Option(
      names = "--feature",
      paramLabel = "NAME",
      description =
          "Name of the embedding output of an ONNX embedder; default: the only output with more"
              + " than one value, or the one named embedding or feature.")
  private String feature;

  FrozenFeatures frozen(Path network, List<String> maps) {
    return FrozenFeatures.open(network, preset, feature, maps);
  }

  /** The features of an embedder at each place of a face. */
  LocalFeatures openLocal(Path embedder, DeviceOptions devices) {
    return LocalFeatures.open(embedder, preset, List.of(devices.name()), devices.threads());
  }

  /** An embedder on the only device. */
  Embedder open(Path embedder, DeviceOptions devices) {
    return open(embedder, devices.name(), devices.threads());
  }

  Embedder open(Path embedder, String device, int threads) {
    return Embedder.open(embedder, preset, feature, List.of(device), threads);
  }
}
