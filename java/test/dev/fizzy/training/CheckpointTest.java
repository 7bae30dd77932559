package dev.fizzy.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.file.FileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  private static final List<Region> VALUES = List.of(Region.VALUES);

  @TempDir Path folder;

  /** A file written before there was an option is of a run with the option's default. */
  @Test
  void missingOptionsAreDefaults() {
    Path file = folder.resolve("checkpoint.safetensors");
    Parameter one = Parameter.of("w", Init.ONES, 3);
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, List.of(one), Region.VALUES)) {
      Parameters.Slot slot = parameters.slot("w");
      parameters.write(Region.VALUES, slot, new float[] {1, 2, 3});
      Checkpoint.write(file, parameters, VALUES, 7, Map.of("seed", "1"));
      parameters.write(Region.VALUES, slot, new float[3]);
      Map<String, String> usual = Map.of("seed", "1", "objective", Checkpoint.USUAL);
      Map<String, String> was = Checkpoint.read(file, parameters, VALUES, usual);
      assertEquals("7", was.get(Checkpoint.STEP));
      assertArrayEquals(new float[] {1, 2, 3}, parameters.read(Region.VALUES, slot));
      Map<String, String> other = Map.of("seed", "1", "objective", "power");
      FileException refused =
          assertThrows(FileException.class, () -> Checkpoint.read(file, parameters, VALUES, other));
      assertTrue(
          refused.getMessage().contains("its objective is default, now power"),
          refused.getMessage());
    }
  }
}
