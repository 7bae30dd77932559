package dev.fizzy.alignment.mtcnn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MtcnnWeightFilesTest {
  @TempDir Path folder;

  private void write(String file, Map<String, float[]> tensors, Map<String, long[]> shapes) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    tensors.forEach(
        (name, values) ->
            entries.add(
                new Safetensors.Entry(name, Safetensors.Type.F32, shapes.get(name), () -> values)));
    Safetensors.write(folder.resolve(file), Map.of(), entries);
  }

  /** Facenet's layers, whatever the container: x before y, inputs before outputs. */
  @Test
  void facenetsLayersBecomePyTorchs() {
    float[] convolution = {0, 1, 2, 3, 4, 5, 6, 7}; // [x 2, y 2, in 1, out 2]
    float[] dense = {0, 1, 2, 3, 4, 5}; // [in 2, out 3]
    for (String file : List.of("pnet", "rnet", "onet")) {
      write(
          file + ".safetensors",
          Map.of(
              "conv4-1.weights",
              convolution,
              "PReLU1.alpha",
              new float[] {.5f, .25f},
              "conv5-2.weights",
              dense,
              "conv5-2.biases",
              new float[] {7, 8, 9}),
          Map.of(
              "conv4-1.weights", new long[] {2, 2, 1, 2},
              "PReLU1.alpha", new long[] {2},
              "conv5-2.weights", new long[] {2, 3},
              "conv5-2.biases", new long[] {3}));
    }
    Map<String, MtcnnWeights.Array> read = MtcnnWeightFiles.open(folder).refinement().tensors();
    assertEquals(4, read.size());
    assertArrayEquals(new int[] {2, 1, 2, 2}, read.get("conv4_1.weight").shape());
    // [out, in, y, x]
    assertArrayEquals(new float[] {0, 4, 2, 6, 1, 5, 3, 7}, read.get("conv4_1.weight").values());
    assertArrayEquals(new float[] {0, 3, 1, 4, 2, 5}, read.get("dense5_2.weight").values());
    assertArrayEquals(new float[] {7, 8, 9}, read.get("dense5_2.bias").values());
    assertArrayEquals(new float[] {.5f, .25f}, read.get("prelu1.weight").values());
  }

  @Test
  void whatIsMissingIsSaid() {
    FileException empty = assertThrows(FileException.class, () -> MtcnnWeightFiles.open(folder));
    assertTrue(empty.getMessage().contains("det1.npy"), empty.getMessage());
    float[] large = new float[MtcnnWeights.LARGEST + 1];
    Arrays.fill(large, 1);
    for (String file : List.of("pnet", "rnet", "onet")) {
      write(file + ".safetensors", Map.of("a", large), Map.of("a", new long[] {large.length}));
    }
    FileException e = assertThrows(FileException.class, () -> MtcnnWeightFiles.open(folder));
    assertTrue(e.getMessage().contains("not a network of MTCNN"), e.getMessage());
  }
}
