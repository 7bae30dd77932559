package dev.fizzy.alignment.mtcnn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ProposalsTest {
  private static final float[] NONE = new float[4];

  private static Proposals of(double[]... boxes) {
    Proposals p = new Proposals();
    for (double[] b : boxes) {
      p.add(b[0], b[1], b[2], b[3], (float) b[4], NONE, 0);
    }
    return p;
  }

  @Test
  void theSurestOfOverlappingBoxesStays() {
    Proposals p =
        of(
            new double[] {1, 1, 10, 10, .7},
            new double[] {1, 1, 10, 12, .9},
            new double[] {40, 40, 50, 50, .8});
    p.suppress(.5, false);
    assertEquals(2, p.count());
    assertEquals(.9f, p.score(0));
    assertEquals(.8f, p.score(1));
  }

  @Test
  void aSmallBoxInsideALargeOneCoversTheSmaller() {
    double[][] boxes = {{1, 1, 100, 100, .9}, {40, 40, 50, 50, .8}};
    Proposals union = of(boxes);
    union.suppress(.7, false);
    assertEquals(2, union.count());
    Proposals smaller = of(boxes);
    smaller.suppress(.7, true);
    assertEquals(1, smaller.count());
  }

  @Test
  void correctionsAreSharesOfTheSides() {
    Proposals p = new Proposals();
    p.add(11, 21, 30, 60, .9f, new float[] {0, .1f, -.1f, .2f, .5f}, 1);
    p.correct(1); // 20 wide, 40 high
    assertEquals(13, p.box(0, 0), 1e-5);
    assertEquals(17, p.box(0, 1), 1e-5);
    assertEquals(34, p.box(0, 2), 1e-5);
    assertEquals(80, p.box(0, 3), 1e-5);
  }

  @Test
  void squaresKeepTheCentreAndTheLongerSide() {
    Proposals p = of(new double[] {10, 10, 20, 40, .9}, new double[] {-9.5, 3, -2, 5, .9});
    p.square();
    assertEquals(0, p.box(0, 0));
    assertEquals(10, p.box(0, 1));
    assertEquals(30, p.box(0, 2));
    assertEquals(40, p.box(0, 3));
    assertEquals(-9, p.box(1, 0), "toward zero");
  }

  @Test
  void boxesWithoutAPixelAreDropped() {
    Proposals p = of(new double[] {5, 5, 4, 9, .9}, new double[] {5, 5, 5, 5, .8});
    p.dropEmpty();
    assertEquals(1, p.count());
    assertEquals(.8f, p.score(0));
  }
}
