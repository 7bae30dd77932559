package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Int8WeightsTest {
  private static final String NAME = "down.0.weight";
  private static final long[] SHAPE = {3, 2, 2};

  @TempDir Path folder;

  private Path write(float[] weights) {
    return write(Int8Weights.entries(NAME, SHAPE, weights::clone));
  }

  private Path write(List<Safetensors.Entry> entries) {
    Path file = folder.resolve("w.safetensors");
    Safetensors.write(file, Map.of(), entries);
    return file;
  }

  @Test
  void aChannelIsRoundedToItsScale() {
    // Scales 2, 0 and 1; halves go to the even integer.
    float[] weights = {254, -1, 3, 5, 0, 0, -0f, 0, -127, .5f, 1.5f, -2.5f};
    try (Safetensors in = Safetensors.open(write(weights))) {
      assertArrayEquals(new float[] {2, 0, 1}, in.floats(NAME + ".scale"));
      assertArrayEquals(new float[] {127, 0, 2, 2, 0, 0, 0, 0, -127, 0, 2, -2}, in.floats(NAME));
      assertArrayEquals(
          new float[] {254, 0, 4, 4, 0, 0, 0, 0, -127, 0, 2, -2}, Int8Weights.floats(in, NAME));
      assertTrue(Int8Weights.isScale(in, NAME + ".scale"));
      assertFalse(Int8Weights.isScale(in, NAME));
    }
  }

  @Test
  void errorIsHalfAScaleAndStoringAgainChangesNothing() {
    SplittableRandom random = new SplittableRandom(5);
    for (int n = 0; n < 200; n++) {
      float size = (float) Math.exp(random.nextDouble(-80, 80));
      float[] weights = new float[12];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextDouble(-1, 1) * size;
      }
      float[] once;
      try (Safetensors in = Safetensors.open(write(weights))) {
        float[] scales = in.floats(NAME + ".scale");
        once = Int8Weights.floats(in, NAME);
        for (int i = 0; i < once.length; i++) {
          assertEquals(weights[i], once[i], .501 * scales[i / 4]);
        }
      }
      try (Safetensors in = Safetensors.open(write(once))) {
        assertArrayEquals(once, Int8Weights.floats(in, NAME));
      }
    }
  }

  @Test
  void weightsBelowWhatAScaleCanBeAreZero() {
    float[] weights = new float[12];
    weights[3] = Float.MIN_VALUE;
    try (Safetensors in = Safetensors.open(write(weights))) {
      assertArrayEquals(new float[12], Int8Weights.floats(in, NAME));
    }
  }

  @Test
  void onlyMatricesOfTheDenoiserAreStoredSo() {
    long[] matrix = {4, 4};
    assertTrue(Int8Weights.stores("down.0.res.time_emb.1.weight", matrix));
    assertTrue(Int8Weights.stores("up.5.conv.weight", new long[] {48, 48, 4, 4}));
    assertFalse(Int8Weights.stores("up.5.conv.weight", new long[] {48}));
    for (String name :
        List.of(
            "time_emb.lin1.weight",
            "context_emb.weight",
            "image_proj.weight",
            "final.weight",
            "final.linear.weight",
            "positions",
            "decoder.conv_in.weight",
            "quantize.embedding.weight")) {
      assertFalse(Int8Weights.stores(name, matrix), name);
    }
  }

  private void refused(String sentence, Safetensors.Entry... scales) {
    List<Safetensors.Entry> entries = new ArrayList<>(List.of(scales));
    entries.add(Int8Weights.entries(NAME, SHAPE, () -> new float[12]).get(0));
    Path file = write(entries);
    try (Safetensors in = Safetensors.open(file)) {
      String message =
          assertThrows(FileException.class, () -> Int8Weights.check(file, in)).getMessage();
      assertEquals(
          file + ": the int8 weight " + NAME + sentence + "; write the model again", message);
    }
  }

  @Test
  void damagedScalesGiveASentence() {
    String scale = NAME + ".scale";
    refused(" has no scales: there is no tensor " + scale);
    refused(
        " of shape [3, 2, 2] needs F32 scales of shape [3] and has F32 [2]",
        Safetensors.Entry.f32(scale, new float[2], 2));
    refused(
        " of shape [3, 2, 2] needs F32 scales of shape [3] and has BF16 [3]",
        new Safetensors.Entry(
            scale, Safetensors.Type.BF16, new long[] {3}, () -> new float[] {1, 1, 1}));
    for (float bad : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
      refused(
          " has the scale " + bad + " for channel 1; scales are finite and not negative",
          Safetensors.Entry.f32(scale, new float[] {0, bad, 1}, 3));
    }
  }
}
