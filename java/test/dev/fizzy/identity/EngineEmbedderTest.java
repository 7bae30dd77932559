package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.rival.Ours;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineEmbedderTest {
  @TempDir Path folder;

  @Test
  void computesWithTheThreadsItIsGiven() {
    IResNetConfig config = new IResNetConfig("eyes", List.of(1, 1, 1, 1), 8, 16, 16, 0);
    Path file = folder.resolve("eyes.safetensors");
    Graph g = Recorded.recognizer(config, 1);
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      Ours.randomize(parameters, 3);
      RecognizerFile.write(file, config, Safetensors.Type.F32, Map.of(), parameters);
    }
    for (int threads : new int[] {1, 3}) {
      try (EngineEmbedder embedder = EngineEmbedder.recognizer(file, "cpu", threads)) {
        assertTrue(embedder.device().contains(" " + threads + " threads"), embedder.device());
      }
    }
  }
}
