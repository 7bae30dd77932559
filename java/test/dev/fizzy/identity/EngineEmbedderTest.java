package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.rival.Ours;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
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
    List<Rgb> faces = IntStream.range(0, 21).mapToObj(EngineEmbedderTest::face).toList();
    float[][][] vectors = new float[2][][];
    for (int i = 0; i < 2; i++) {
      int threads = 1 + 2 * i;
      try (EngineEmbedder embedder = EngineEmbedder.recognizer(file, List.of("cpu"), threads)) {
        assertEquals(threads, embedder.workers());
        vectors[i] = embedder.features(faces);
      }
    }
    assertArrayEquals(vectors[0], vectors[1]);
  }

  private static Rgb face(int seed) {
    byte[] pixels = new byte[3 * 16 * 16];
    new Random(seed).nextBytes(pixels);
    return new Rgb(16, 16, pixels);
  }
}
