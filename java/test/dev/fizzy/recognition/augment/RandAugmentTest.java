package dev.fizzy.recognition.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import dev.fizzy.image.Rgb;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandAugmentTest {
  private static final EnumSet<Augmentation> PLAIN =
      EnumSet.of(
          Augmentation.IDENTITY,
          Augmentation.AUTO_CONTRAST,
          Augmentation.EQUALIZE,
          Augmentation.GRAYSCALE);

  /** Samples between two bounds, as the program that asked Pillow drew them. */
  private static Rgb image(int width, int height, int low, int high) {
    byte[] pixels = new byte[3 * width * height];
    int state = 12345;
    for (int i = 0; i < pixels.length; i++) {
      state = state * 1103515245 + 12345 & 0x7fffffff;
      pixels[i] = (byte) (low + (state >> 16) % (high - low + 1));
    }
    return new Rgb(width, height, pixels);
  }

  private static String checksum(Rgb image) {
    CRC32 crc = new CRC32();
    crc.update(image.pixels());
    return String.format("%08x", crc.getValue());
  }

  /**
   * Checksums of what Pillow 12.3.0 makes of two images: 64 x 64 with samples from 40 to 200, and
   * 31 x 17 with samples from 0 to 255; torchvision's magnitudes and matrices.
   */
  @ParameterizedTest
  @CsvSource({
    "IDENTITY, 1, 6209c166, b722407a",
    "SHEAR_X, 1, ae926bf9, b722407a",
    "SHEAR_X, -1, 00657e27, b722407a",
    "SHEAR_X, 16, 36f67445, f5f8129b",
    "SHEAR_X, -16, 1bd397e9, 2f3e93c3",
    "TRANSLATE_X, 1, 6209c166, b722407a",
    "TRANSLATE_X, -1, 6209c166, b722407a",
    "TRANSLATE_X, 16, 157c80b8, 3ea6d22e",
    "TRANSLATE_X, -16, 149cd368, 3c0642f2",
    "ROTATE, 1, 48df804c, b722407a",
    "ROTATE, -1, dd5bb9e1, b722407a",
    "ROTATE, 16, 69196920, 0c70c892",
    "ROTATE, -16, ab90ddff, e4c11be7",
    "BRIGHTNESS, 1, 065ff91a, dba02007",
    "BRIGHTNESS, -1, 1a2617b4, 9da9b118",
    "BRIGHTNESS, 16, fa880960, 9fc393e9",
    "BRIGHTNESS, -16, ab395c10, a0dc67e9",
    "COLOR, 1, 408601b1, 4fee2a21",
    "COLOR, -1, e7eb9bdf, 8465900d",
    "COLOR, 16, 3682cf02, cbf39601",
    "COLOR, -16, 40595ca1, 2b4c7ffa",
    "CONTRAST, 1, 0997a80b, f51b400b",
    "CONTRAST, -1, a3fd12d1, be613c40",
    "CONTRAST, 16, 66ef29cd, 63d5a4a1",
    "CONTRAST, -16, 85e62d2f, 4d6e9e9c",
    "SHARPNESS, 1, 87220e42, 4634c6bc",
    "SHARPNESS, -1, 5fedceb5, 3687147e",
    "SHARPNESS, 16, 2c08b6ce, 45da71aa",
    "SHARPNESS, -16, 686bd312, 9a30a18d",
    "POSTERIZE, 1, 6209c166, b722407a",
    "POSTERIZE, 16, 956acfcc, 7b1734fa",
    "SOLARIZE, 1, 6209c166, 6f08981d",
    "SOLARIZE, 16, a1b53b48, 53932778",
    "AUTO_CONTRAST, 1, edba9e72, b722407a",
    "EQUALIZE, 1, 45351d84, b51e80e6",
    "GRAYSCALE, 1, ceb9f686, fedfe124"
  })
  void everyOperationIsPillowsBitByBit(
      Augmentation operation, int level, String square, String small) {
    Rgb one = image(64, 64, 40, 200);
    Rgb two = image(31, 17, 0, 255);
    byte[] before = one.pixels().clone();
    assertEquals(square, checksum(operation.apply(one, level / 30f)));
    assertEquals(small, checksum(operation.apply(two, level / 30f)));
    assertArrayEquals(before, one.pixels(), "the image itself does not change");
  }

  @Test
  void aFlatImageHasNothingToStretch() {
    Rgb flat = new Rgb(5, 4, filled(60, 77));
    for (Augmentation operation : PLAIN) {
      assertArrayEquals(flat.pixels(), operation.apply(flat, 0).pixels(), operation.name());
    }
    assertArrayEquals(flat.pixels(), Augmentation.CONTRAST.apply(flat, -.5f).pixels());
    assertArrayEquals(flat.pixels(), Augmentation.SHARPNESS.apply(flat, .5f).pixels());
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @Test
  void everyDrawDependsOnSeedEpochAndImageAlone() {
    Rgb image = image(64, 64, 40, 200);
    RandAugment augment = RandAugment.published();
    Set<String> seen = new HashSet<>();
    for (int example = 0; example < 200; example++) {
      String once = checksum(augment.apply(image, 7, 3, example));
      assertEquals(once, checksum(augment.apply(image, 7, 3, example)));
      seen.add(once);
    }
    assertTrue(seen.size() > 190, seen.size() + " different images of 200");
    assertFalse(seen.contains(checksum(augment.apply(image, 8, 3, 0))));
    assertFalse(seen.contains(checksum(augment.apply(image, 7, 4, 0))));
  }

  @Test
  void withoutOperationsHalfAreMirrored() {
    Rgb image = image(8, 8, 0, 255);
    int mirrored = 0;
    for (int example = 0; example < 1000; example++) {
      Rgb seen = new RandAugment(0, 16).apply(image, 1, 0, example);
      boolean same = Arrays.equals(seen.pixels(), image.pixels());
      assertTrue(same || Arrays.equals(seen.pixels(), image.mirrored().pixels()));
      mirrored += same ? 0 : 1;
    }
    assertEquals(500, mirrored, 60);
    assertThrows(EngineException.class, () -> new RandAugment(4, 31));
    assertThrows(EngineException.class, () -> new RandAugment(-1, 16));
  }
}
