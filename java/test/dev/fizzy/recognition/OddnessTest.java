package dev.fizzy.recognition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.LocalFeatures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OddnessTest {
  private static final int FACES = 150;
  private static final int ODD = 41;

  /** Values of equal variance; four cells of one face are five deviations off. */
  private static Contexts features(int faces) {
    Random random = new Random(2);
    float[][] values = new float[faces][LocalFeatures.CELLS * LocalFeatures.CHANNELS];
    for (float[] face : values) {
      for (int k = 0; k < face.length; k++) {
        face[k] = (float) random.nextGaussian();
      }
    }
    for (int k = 0; k < 4 * LocalFeatures.CHANNELS; k++) {
      values[ODD][7 * LocalFeatures.CHANNELS + k] = k % 2 == 0 ? 5 : -5;
    }
    return Contexts.numbered(values);
  }

  @Test
  void aFaceWithUnusualCellsIsTheOddest() {
    Contexts features = features(FACES);
    List<String> names = new ArrayList<>(features.names());
    names.add("without features");
    double[] odd = Oddness.of(names, features);
    assertTrue(Double.isNaN(odd[FACES]));
    double[] sorted = Arrays.stream(odd).limit(FACES).sorted().toArray();
    assertEquals(odd[ODD], sorted[FACES - 1]);
    // As the squared distances of N vectors from their mean: (N - 1) / N on average.
    assertEquals(1 - 1. / FACES, Arrays.stream(sorted).average().orElseThrow(), 1e-3);
  }

  @Test
  void fewImagesAreRefused() {
    Contexts few = features(95);
    String message =
        assertThrows(FileException.class, () -> Oddness.of(few.names(), few)).getMessage();
    assertTrue(message.contains("needs 96, not 95"), message);
  }
}
