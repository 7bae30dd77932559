package dev.fizzy.training;

import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.TensorDigest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that training needs to continue: weights and optimizer state in f32, the step, and the
 * options of the run. Written atomically; the checksum over the tensors is verified on load.
 */
public final class Checkpoint {
  private static final String FORMAT = "fizzy-checkpoint-1";

  /** Metadata key: number of steps done. */
  public static final String STEP = "step";

  /** The value of an option of a run that changes nothing. */
  public static final String USUAL = "default";

  private Checkpoint() {}

  /**
   * @param regions the regions to store
   * @param run the options of the run, by name
   */
  public static void write(
      Path path, Parameters parameters, List<Region> regions, long step, Map<String, String> run) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    TensorDigest digest = new TensorDigest();
    for (Region region : regions) {
      for (Parameters.Slot slot : kept(region, parameters)) {
        String name = name(region, slot);
        digest.add(name, parameters.read(region, slot));
        entries.add(
            new Safetensors.Entry(
                name,
                Safetensors.Type.F32,
                new long[] {slot.parameter().elements()},
                () -> parameters.read(region, slot)));
      }
    }
    Map<String, String> metadata = new TreeMap<>(run);
    metadata.put("format", FORMAT);
    metadata.put(STEP, Long.toString(step));
    metadata.put("sha256", digest.hex());
    metadata.put(TensorDigest.METADATA, TensorDigest.of(metadata));
    Safetensors.write(path, metadata, entries);
  }

  /**
   * Fills regions of the parameters and returns the metadata. Rejects a damaged file and a file of
   * another run; the error names both values. An option that a file written before there was this
   * option does not have is {@value #USUAL}.
   *
   * @return the file's metadata, with the number of steps done under {@value #STEP}
   */
  public static Map<String, String> read(
      Path path, Parameters parameters, List<Region> regions, Map<String, String> run) {
    try (Safetensors file = Safetensors.open(path)) {
      Map<String, String> metadata = file.metadata();
      if (!FORMAT.equals(metadata.get("format"))) {
        throw new FileException(path + " is not a checkpoint: format " + metadata.get("format"));
      }
      TensorDigest.check(path, metadata);
      run.forEach(
          (key, value) -> {
            String was = metadata.getOrDefault(key, USUAL);
            if (!value.equals(was)) {
              throw new FileException(
                  path + " belongs to another run: its " + key + " is " + was + ", now " + value);
            }
          });
      TensorDigest digest = new TensorDigest();
      for (Region region : regions) {
        for (Parameters.Slot slot : kept(region, parameters)) {
          String name = name(region, slot);
          if (!file.has(name)) {
            throw new FileException(path + " has no tensor " + name);
          }
          float[] values = file.floats(name);
          digest.add(name, values);
          parameters.write(region, slot, values);
        }
      }
      String found = digest.hex();
      if (!found.equals(metadata.get("sha256"))) {
        throw new FileException(
            path
                + " is damaged: its tensors have checksum "
                + found
                + ", its header says "
                + metadata.get("sha256"));
      }
      return metadata;
    }
  }

  /** The stored parameters of a region; states, such as running statistics, have only a value. */
  private static List<Parameters.Slot> kept(Region region, Parameters parameters) {
    return parameters.slots().stream()
        .filter(slot -> region == Region.VALUES || slot.parameter().trained())
        .toList();
  }

  private static String name(Region region, Parameters.Slot slot) {
    return region.name().toLowerCase(java.util.Locale.ROOT) + "/" + slot.parameter().name();
  }
}
