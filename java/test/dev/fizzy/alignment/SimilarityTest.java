package dev.fizzy.alignment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.image.ImageException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SimilarityTest {
  private static Landmarks moved(Landmarks points, Similarity s) {
    double[] xy = new double[10];
    for (int i = 0; i < 5; i++) {
      xy[2 * i] = s.x(points.x(i), points.y(i));
      xy[2 * i + 1] = s.y(points.x(i), points.y(i));
    }
    return new Landmarks(xy);
  }

  private static double error(Landmarks from, Landmarks to, Similarity s) {
    double sum = 0;
    Landmarks there = moved(from, s);
    for (int i = 0; i < 10; i++) {
      sum += Math.pow(there.xy()[i] - to.xy()[i], 2);
    }
    return sum;
  }

  @Test
  void findsTheOneThatWasApplied() throws ImageException {
    Similarity wanted = new Similarity(1.2, -.7, 30, -12);
    Landmarks template = ArcFaceTemplate.of(112);
    Similarity found = Similarity.between(template, moved(template, wanted));
    assertEquals(wanted.a(), found.a(), 1e-12);
    assertEquals(wanted.b(), found.b(), 1e-12);
    assertEquals(wanted.tx(), found.tx(), 1e-9);
    assertEquals(wanted.ty(), found.ty(), 1e-9);
    assertEquals(Math.hypot(1.2, .7), found.scale(), 1e-12);
  }

  @Test
  void theInverseTakesBack() {
    Similarity s = new Similarity(.3, .9, -4, 17);
    double x = s.inverse().x(s.x(5, 6), s.y(5, 6));
    double y = s.inverse().y(s.x(5, 6), s.y(5, 6));
    assertEquals(5, x, 1e-12);
    assertEquals(6, y, 1e-12);
  }

  @Test
  void nothingNearbyIsCloser() throws ImageException {
    Random random = new Random(4);
    double[] noisy = ArcFaceTemplate.of(112).xy();
    double[] from = new double[10];
    for (int i = 0; i < 10; i++) {
      from[i] = 2 * noisy[i] + 10 * random.nextGaussian();
    }
    Landmarks p = new Landmarks(from);
    Landmarks q = ArcFaceTemplate.of(112);
    Similarity s = Similarity.between(p, q);
    double least = error(p, q, s);
    for (double step : new double[] {-1e-3, 1e-3}) {
      assertTrue(least < error(p, q, new Similarity(s.a() + step, s.b(), s.tx(), s.ty())));
      assertTrue(least < error(p, q, new Similarity(s.a(), s.b() + step, s.tx(), s.ty())));
      assertTrue(least < error(p, q, new Similarity(s.a(), s.b(), s.tx() + step, s.ty())));
      assertTrue(least < error(p, q, new Similarity(s.a(), s.b(), s.tx(), s.ty() + step)));
    }
  }

  @Test
  void pointsThatAreOneAreRefused() {
    double[] same = new double[10];
    Landmarks template = ArcFaceTemplate.of(112);
    assertThrows(ImageException.class, () -> Similarity.between(new Landmarks(same), template));
    double[] nan = template.xy().clone();
    nan[3] = Double.NaN;
    assertThrows(ImageException.class, () -> Similarity.between(new Landmarks(nan), template));
  }

  @Test
  void theTemplateGrowsWithTheSize() {
    assertEquals(38.2946 * 2, ArcFaceTemplate.of(224).x(0), 1e-9);
    assertEquals(92.2041, ArcFaceTemplate.of(112).y(4), 1e-9);
  }
}
