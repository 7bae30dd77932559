package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApartRuleTest {
  private static final int WIDTH = 6;

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int k = 0; k < a.length; k++) {
      product += (double) a[k] * b[k];
      squaresA += (double) a[k] * a[k];
      squaresB += (double) b[k] * b[k];
    }
    return product / Math.sqrt(squaresA * squaresB);
  }

  @Test
  void keepsTheFirstOfThoseThatAreTooNear() {
    Contexts all = UniformContexts.of(1200, WIDTH, 3);
    Contexts others = UniformContexts.of(700, WIDTH, 4);
    List<String> expected = new ArrayList<>();
    double nearest = -1;
    for (int i = 0; i < all.size(); i++) {
      double largest = -1;
      for (String name : expected) {
        largest = Math.max(largest, cosine(all.vector(i), all.vector(all.indexOf(name))));
      }
      double other = -1;
      for (int j = 0; j < others.size(); j++) {
        other = Math.max(other, cosine(all.vector(i), others.vector(j)));
      }
      if (largest <= .9 && other <= .9) {
        expected.add(all.name(i));
        nearest = Math.max(nearest, largest);
      }
    }
    assertTrue(expected.size() > 10 && expected.size() < 1000, expected.size() + " kept");
    try (Device device = Devices.open("cpu", 2);
        Embeddings apart = Embeddings.of(others)) {
      ApartRule rule = new ApartRule(device, .9, List.of(apart));
      assertEquals(expected, rule.keep(all).names());
      assertEquals(nearest, rule.nearest(), 1e-6);
      Contexts none = all.select(all.indexOf(expected.get(0)));
      String message = assertThrows(FileException.class, () -> rule.keep(none)).getMessage();
      assertTrue(message.contains("none of the 1 identities is at most 0.9"), message);
      Contexts narrow = UniformContexts.of(1, 3, 1);
      message = assertThrows(FileException.class, () -> rule.keep(narrow)).getMessage();
      assertTrue(message.contains("width 3") && message.contains("6"), message);
    }
  }

  @Test
  void othersAreDrawnForThoseThatAreRejected() {
    UniformContexts sphere = new UniformContexts(WIDTH);
    try (Device device = Devices.open("cpu", 2)) {
      Contexts ten = sphere.draw(10, 7, new ApartRule(device, .3, List.of()));
      Contexts five = sphere.draw(5, 7, new ApartRule(device, .3, List.of()));
      assertEquals(10, ten.size());
      for (int i = 0; i < 10; i++) {
        for (int j = 0; j < i; j++) {
          assertTrue(cosine(ten.vector(i), ten.vector(j)) <= .3 + 1e-6);
        }
      }
      for (int i = 0; i < 5; i++) {
        assertArrayEquals(ten.vector(i), five.vector(i));
      }
      assertArrayEquals(sphere.vector(7, 0), ten.vector(0), "the first is always kept");
      // At most 7 vectors of width 6 have cosines below 0 to each other.
      ApartRule crowded = new ApartRule(device, -.01, List.of());
      String message =
          assertThrows(FileException.class, () -> sphere.draw(8, 7, crowded)).getMessage();
      assertTrue(message.contains("there is no room for 8"), message);
    }
  }
}
