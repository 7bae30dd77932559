package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PerturbationTest {
  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double squares = 0;
    double others = 0;
    for (int k = 0; k < a.length; k++) {
      product += (double) a[k] * b[k];
      squares += (double) a[k] * a[k];
      others += (double) b[k] * b[k];
    }
    return product / Math.sqrt(squares * others);
  }

  private static Perturbation of(Contexts contexts, double least) {
    try (Device device = Devices.open("cpu", 1)) {
      return new Perturbation(device, contexts, least, 9);
    }
  }

  /** By hand: two at 60 degrees, half of it has the cosine sqrt(3)/2; one at 90 to both. */
  @Test
  void theBoundIsHalfwayToTheNearestIdentity() {
    float h = (float) Math.sqrt(.75);
    Contexts three =
        new Contexts(List.of("a", "b", "c"), new float[][] {{2, 0, 0}, {.5f, h, 0}, {0, 0, 5}});
    Perturbation low = of(three, -.5);
    assertEquals(h, low.bound(0), 1e-6);
    assertEquals(h, low.bound(1), 1e-6);
    assertEquals(Math.sqrt(.5), low.bound(2), 1e-6);
    assertEquals(.9, of(three, .9).bound(0), 1e-12);
    assertEquals(.3, of(three.select(0), .3).bound(0), 1e-12, "nobody else is near");
  }

  @Test
  void cosinesAreUniformAndDirectionsAcrossAreAny() {
    Contexts contexts = UniformContexts.of(1, 8, 3);
    Perturbation perturbation = of(contexts, .2);
    int images = 4000;
    double mean = 0;
    double squares = 0;
    double[] across = new double[8];
    float[] v = contexts.vector(0);
    for (int i = 0; i < images; i++) {
      float[] turned = perturbation.vector(0, i);
      double c = cosine(v, turned);
      assertTrue(c >= .2 - 1e-6 && c <= 1 + 1e-6, "cosine " + c);
      mean += c / images;
      squares += c * c / images;
      double length = 0;
      for (int k = 0; k < 8; k++) {
        across[k] += (turned[k] - c * v[k]) / images;
        length += turned[k] * turned[k];
      }
      assertEquals(1, length, 1e-5);
    }
    assertEquals(.6, mean, .02);
    assertEquals(.64 / 12, squares - mean * mean, .005, "the variance of a uniform cosine");
    for (double a : across) {
      assertEquals(0, a, .02);
    }
  }

  @Test
  void anImageDependsOnItsNumbersAlone() {
    Contexts ten = UniformContexts.of(10, 8, 3);
    Perturbation one = of(ten, .6);
    Perturbation other = of(ten, .6);
    other.vector(3, 5);
    assertArrayEquals(one.vector(7, 2), other.vector(7, 2));
    assertTrue(cosine(one.vector(7, 2), one.vector(7, 3)) < .9999);
    assertTrue(cosine(one.vector(7, 2), one.vector(2, 7)) < .9);
    float[] longer = ten.vector(4).clone();
    IntStream.range(0, 8).forEach(k -> longer[k] *= 20);
    float[] turned = of(new Contexts(List.of("x"), new float[][] {longer}), .6).vector(0, 0);
    assertEquals(400, IntStream.range(0, 8).mapToDouble(k -> turned[k] * turned[k]).sum(), .01);
  }

  @Test
  void negativesAreChosenByTheirCosine() {
    Contexts contexts = UniformContexts.of(21, 6, 3);
    try (Device device = Devices.open("cpu", 1)) {
      for (Negatives.Choice choice : Negatives.Choice.values()) {
        Negatives negatives = Negatives.of(device, contexts, contexts, choice, 5);
        for (int i = 0; i < 21; i++) {
          int at = i;
          double own = cosine(contexts.vector(i), negatives.vector(i));
          long nearer =
              IntStream.range(0, 21)
                  .filter(j -> j != at && cosine(contexts.vector(at), contexts.vector(j)) > own)
                  .count();
          assertTrue(negatives.index(i) != i, choice + " of " + i);
          switch (choice) {
            case CLOSE -> assertEquals(0, nearer);
            case MIDDLE -> assertEquals(10, nearer);
            case FAR -> assertEquals(19, nearer);
            case RANDOM ->
                assertEquals(
                    negatives.index(i),
                    Negatives.of(device, contexts, contexts, choice, 5).index(i));
          }
        }
      }
      Contexts others = UniformContexts.of(3, 6, 4);
      Negatives far = Negatives.of(device, contexts, others, Negatives.Choice.FAR, 5);
      double least = cosine(contexts.vector(8), far.vector(8));
      for (int j = 0; j < 3; j++) {
        assertTrue(cosine(contexts.vector(8), others.vector(j)) >= least);
      }
      String message =
          assertThrows(
                  FileException.class,
                  () ->
                      Negatives.of(
                          device, contexts, UniformContexts.of(3, 5, 4), Negatives.Choice.FAR, 5))
              .getMessage();
      assertTrue(message.contains("width 5") && message.contains("6"), message);
      Contexts one = contexts.select(0);
      message =
          assertThrows(
                  FileException.class,
                  () -> Negatives.of(device, one, one, Negatives.Choice.CLOSE, 5))
              .getMessage();
      assertTrue(message.contains("there is only one"), message);
    }
  }
}
