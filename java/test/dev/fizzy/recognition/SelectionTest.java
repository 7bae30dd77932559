package dev.fizzy.recognition;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.EngineException;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embeddings;
import dev.fizzy.image.PixelStatistics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Images at angles in the plane, in degrees; the expected ones are counted by hand. */
class SelectionTest {
  private static final SelectionRules NONE =
      new SelectionRules(null, null, null, null, null, null, null, null, null, false, null, null);

  /** Identity a at 0, 10, 40 and 100 degrees, b at 200 and 202; b/2 has no vector. */
  private static final List<String> NAMES =
      List.of("a/0", "a/1", "a/2", "a/3", "b/0", "b/1", "b/2");

  private static final double[] MISALIGNED = {0, 1, 2, 5, Double.POSITIVE_INFINITY, 3, Double.NaN};

  private static final double[] ODDNESS = {.5, 1, 2, 3, .1, .7, Double.NaN};

  private static final double[] ANGLES = {0, 10, 40, 100, 200, 202};

  private static float[] at(double degrees) {
    double angle = Math.toRadians(degrees);
    return new float[] {(float) (3 * Math.cos(angle)), (float) (3 * Math.sin(angle))};
  }

  private static Contexts contexts(List<String> names, double... degrees) {
    List<float[]> values = new ArrayList<>();
    for (double d : degrees) {
      values.add(at(d));
    }
    return new Contexts(names, values.toArray(float[][]::new));
  }

  private static ImageMeasures measures() {
    Contexts faces = contexts(NAMES.subList(0, 6), ANGLES);
    Contexts wanted = contexts(List.of("b", "a"), 201, 20);
    PixelStatistics[] pixels = new PixelStatistics[7];
    for (int i = 0; i < 6; i++) {
      pixels[i] = new PixelStatistics(10 * i, new double[] {.1 * i, .1 * i, .1 * i});
    }
    try (Device device = Devices.open("cpu", 1);
        Embeddings people = Embeddings.of(contexts(List.of("x", "y"), 95, 250))) {
      VectorSearch.Found found = new VectorSearch(faces, people, -1.).of(device, 0, 1, n -> {});
      return ImageMeasures.of(NAMES, faces, wanted, ODDNESS, found, pixels, MISALIGNED);
    }
  }

  private static int[] withoutDuplicates(boolean inSet) {
    SelectionRules rules =
        new SelectionRules(
            null, null, null, null, null, null, null, null, cos(165), inSet, null, 1);
    return new Selection(measures(), rules).kept();
  }

  /** All of a are less than 165 degrees apart, and so are b's from a/0. */
  @Test
  void duplicatesAreSearchedInAnIdentityOrInTheSet() {
    assertArrayEquals(new int[] {0, 4}, withoutDuplicates(false));
    assertArrayEquals(new int[] {0}, withoutDuplicates(true));
  }

  /** Parts that take every third block find what one finds. */
  @Test
  void theSearchInPartsFindsTheSame() {
    Random random = new Random(3);
    float[][] values = new float[9000][4];
    for (float[] row : values) {
      for (int k = 0; k < row.length; k++) {
        row[k] = (float) random.nextGaussian();
      }
    }
    Contexts faces = Contexts.numbered(values);
    try (Device device = Devices.open("cpu", 1);
        Embeddings people = Embeddings.of(faces.select(7, 4321))) {
      VectorSearch search = new VectorSearch(faces, people, .9999);
      VectorSearch.Found whole = search.of(device, 0, 1, n -> {});
      VectorSearch.Found parts =
          search
              .of(device, 2, 3, n -> {})
              .merge(search.of(device, 0, 3, n -> {}))
              .merge(search.of(device, 1, 3, n -> {}));
      assertArrayEquals(whole.real(), parts.real());
      assertEquals(pairs(whole), pairs(parts));
      assertTrue(pairs(whole).size() > 20);
      assertEquals(1, whole.real()[4321], 1e-6);
    }
  }

  private static Set<List<Integer>> pairs(VectorSearch.Found found) {
    Set<List<Integer>> pairs = new HashSet<>();
    found.near().forEach((a, b) -> assertTrue(a < b && pairs.add(List.of(a, b))));
    return pairs;
  }

  private static double cos(double degrees) {
    return Math.cos(Math.toRadians(degrees));
  }

  private static Selection select(SelectionRules rules) {
    return new Selection(measures(), rules);
  }

  private static void keeps(SelectionRules rules, int... images) {
    assertArrayEquals(images, select(rules).kept());
  }

  private static SelectionRules.Bounds angles(double from, double to) {
    return new SelectionRules.Bounds(cos(to), cos(from));
  }

  @Test
  void measuresAreTheCosines() {
    ImageMeasures m = measures();
    double[] adherence = {cos(20), cos(10), cos(20), cos(80), cos(1), cos(1)};
    double[] real = {cos(95), cos(85), cos(55), cos(5), cos(50), cos(48)};
    // The mean of a's unit vectors, by its components.
    double x = cos(0) + cos(10) + cos(40) + cos(100);
    double y = cos(90) + cos(80) + cos(50) + cos(10);
    double center = Math.toDegrees(Math.atan2(y, x));
    for (int i = 0; i < 6; i++) {
      assertEquals(adherence[i], m.adherence()[i], 1e-5);
      assertEquals(real[i], m.real()[i], 1e-5);
      assertEquals(cos(ANGLES[i] - (i < 4 ? center : 201)), m.center()[i], 1e-5);
    }
    assertEquals(-1, m.vector()[6]);
  }

  @Test
  void eachRuleKeepsWhatItSays() {
    keeps(rules().adherence(angles(5, 30)).least(1).rules(), 0, 1, 2);
    keeps(rules().adherence(angles(0, 5)).least(1).rules(), 4, 5);
    keeps(rules().center(angles(0, 40)).rules(), 0, 1, 2, 4, 5);
    keeps(rules().typical(.5).rules(), 0, 4, 5);
    keeps(rules().typical(.51).rules(), 0, 1, 4, 5);
    keeps(rules().typical(1).rules(), 0, 1, 2, 3, 4, 5);
    keeps(rules().sharpness(30).least(1).rules(), 3, 4, 5);
    keeps(rules().clipped(.25).least(1).rules(), 0, 1, 2);
    keeps(rules().misaligned(2).least(1).rules(), 0, 1, 2);
    keeps(rules().misaligned(Double.POSITIVE_INFINITY).rules(), 0, 1, 2, 3, 5);
    keeps(rules().real(cos(49)).rules(), 0, 1, 2, 4);
    keeps(rules().cluster(cos(31)).rules(), 0, 1, 2, 4, 5);
    keeps(rules().cluster(cos(15)).rules(), 0, 1, 4, 5);
    keeps(rules().duplicate(cos(15)).rules(), 0, 2, 3, 4);
    keeps(rules().most(1).rules(), 1, 4);
    keeps(rules().cluster(cos(31)).least(3).rules(), 0, 1, 2);
  }

  @Test
  void reasonsAreCountedByTheFirstRule() {
    var fields = select(rules().adherence(angles(0, 30)).real(cos(49)).most(1).rules()).fields();
    assertEquals(7, fields.get("images"));
    assertEquals(2, fields.get("kept"));
    assertEquals(1, fields.get("dropped_unreadable"));
    assertEquals(1, fields.get("dropped_adherence"), "a/3, which is near a real person too");
    assertEquals(1, fields.get("dropped_real"));
    assertEquals(2, fields.get("dropped_most"));
  }

  @Test
  void anIdentityWithoutImagesIsNamed() {
    String message =
        assertThrows(FileException.class, () -> select(rules().adherence(angles(5, 30)).rules()))
            .getMessage();
    assertTrue(message.contains("1 of 2 identities") && message.contains("is b"), message);
    assertEquals(List.of("b"), select(rules().adherence(angles(5, 30)).least(1).rules()).without());
    message =
        assertThrows(FileException.class, () -> select(rules().sharpness(1000).least(1).rules()))
            .getMessage();
    assertTrue(message.contains("none of the 7 images"), message);
    assertThrows(EngineException.class, () -> new SelectionRules.Bounds(.5, .4));
  }

  /** Sets one rule after the other. */
  private static Builder rules() {
    return new Builder(NONE);
  }

  private record Builder(SelectionRules rules) {
    private Builder with(
        SelectionRules.Bounds adherence,
        SelectionRules.Bounds center,
        Double typical,
        Double sharpness,
        Double clipped,
        Double misaligned,
        Double real,
        Double cluster,
        Double duplicate,
        Integer most,
        Integer least) {
      return new Builder(
          new SelectionRules(
              adherence == null ? rules.adherence() : adherence,
              center == null ? rules.center() : center,
              typical == null ? rules.typical() : typical,
              sharpness == null ? rules.sharpness() : sharpness,
              clipped == null ? rules.clipped() : clipped,
              misaligned == null ? rules.misaligned() : misaligned,
              real == null ? rules.real() : real,
              cluster == null ? rules.cluster() : cluster,
              duplicate == null ? rules.duplicate() : duplicate,
              rules.duplicatesInSet(),
              most == null ? rules.most() : most,
              least == null ? rules.least() : least));
    }

    Builder adherence(SelectionRules.Bounds b) {
      return with(b, null, null, null, null, null, null, null, null, null, null);
    }

    Builder center(SelectionRules.Bounds b) {
      return with(null, b, null, null, null, null, null, null, null, null, null);
    }

    Builder typical(double x) {
      return with(null, null, x, null, null, null, null, null, null, null, null);
    }

    Builder sharpness(double x) {
      return with(null, null, null, x, null, null, null, null, null, null, null);
    }

    Builder clipped(double x) {
      return with(null, null, null, null, x, null, null, null, null, null, null);
    }

    Builder misaligned(double x) {
      return with(null, null, null, null, null, x, null, null, null, null, null);
    }

    Builder real(double x) {
      return with(null, null, null, null, null, null, x, null, null, null, null);
    }

    Builder cluster(double x) {
      return with(null, null, null, null, null, null, null, x, null, null, null);
    }

    Builder duplicate(double x) {
      return with(null, null, null, null, null, null, null, null, x, null, null);
    }

    Builder most(int n) {
      return with(null, null, null, null, null, null, null, null, null, n, null);
    }

    Builder least(int n) {
      return with(null, null, null, null, null, null, null, null, null, null, n);
    }
  }
}
