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
  private static float[][] features(int faces) {
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
    return values;
  }

  @Test
  void aFaceWithUnusualCellsIsTheOddest() {
    Contexts features = Contexts.numbered(features(FACES));
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
    refused("needs 96, not 95", Contexts.numbered(features(95)));
  }

  @Test
  void equalFeaturesAreRefused() {
    float[][] values = features(FACES);
    for (float[] face : values) {
      Arrays.fill(face, 3 * LocalFeatures.CHANNELS, 4 * LocalFeatures.CHANNELS, .1f);
    }
    refused("the features of all are equal", Contexts.numbered(values));
  }

  private static void refused(String sentence, Contexts features) {
    String message =
        assertThrows(FileException.class, () -> Oddness.of(features.names(), features))
            .getMessage();
    assertTrue(message.contains(sentence), message);
  }
}
