package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.onnx.OnnxNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFeaturesTest {
  private static final int CHANNELS = LocalFeatures.CHANNELS;
  private static final List<String> CPU = List.of(Devices.CPU);

  @TempDir Path folder;

  /** The second of 28 / 7 rows of cells and the first column that is kept; channels fold. */
  @Test
  void cellsAreAveragesAndChannelsFold() {
    int channels = 2 * CHANNELS;
    float[] map = new float[28 * 28 * channels];
    map[(9 * 28 + 5) * channels + 3] = 16;
    map[(11 * 28 + 7) * channels + CHANNELS + 3] = 32;
    map[(7 * 28 + 5) * channels] = 1; // above the cells
    map[(23 * 28 + 23) * channels + 1] = 8;
    map[(23 * 28 + 24) * channels + 1] = 8; // right of the cells
    float[] expected = new float[LocalFeatures.CELLS * CHANNELS];
    expected[3] = 3;
    expected[(LocalFeatures.CELLS - 1) * CHANNELS + 1] = .5f;
    assertArrayEquals(expected, LocalFeatures.cells(map, 28, 28));
  }

  /** A network of 28 x 24 pixels, whose cells see at most 7 pixels beyond their own. */
  @Test
  void aChangeAtAnEyeChangesItsCellAlone() throws IOException {
    Path file = OnnxNetworks.mobileFaceNet(folder.resolve("e.onnx"));
    byte[] gray = new byte[3 * 28 * 28];
    Arrays.fill(gray, (byte) 128);
    byte[] changed = gray.clone();
    Arrays.fill(changed, 3 * (8 * 28 + 5), 3 * (8 * 28 + 8), (byte) 255);
    try (LocalFeatures network = LocalFeatures.open(file, null, CPU, 1)) {
      float[][] found = network.features(List.of(new Rgb(28, 28, gray), new Rgb(28, 28, changed)));
      assertEquals(LocalFeatures.CELLS * CHANNELS, found[0].length);
      assertFalse(Arrays.equals(cell(found[0], 0), cell(found[1], 0)));
      int last = LocalFeatures.CELLS - 1;
      assertArrayEquals(cell(found[0], last), cell(found[1], last));
    }
  }

  private static float[] cell(float[] vector, int cell) {
    return Arrays.copyOfRange(vector, cell * CHANNELS, (cell + 1) * CHANNELS);
  }

  @Test
  void anEmbedderWithoutSuchAMapIsRefused() throws IOException {
    refused("no feature map of 1 x 1", TinyOnnx.flatten(folder.resolve("flat.onnx"), -1, 3, 4, 4));
    refused("no feature map of 2 x 3", OnnxNetworks.narrowMap(folder.resolve("narrow.onnx")));
    byte[] safetensors = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    Path recognizer = Files.write(folder.resolve("r.safetensors"), safetensors);
    refused("is not an ONNX network", recognizer);
  }

  private static void refused(String sentence, Path file) {
    String message =
        assertThrows(FileException.class, () -> LocalFeatures.open(file, null, CPU, 1))
            .getMessage();
    assertTrue(message.contains(sentence), message);
  }
}
