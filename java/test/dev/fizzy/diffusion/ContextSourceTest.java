package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.fizzy.engine.Philox;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContextSourceTest {
  /** Faces 0, 2 and 3 are of one person, face 1 of another. */
  private static final int[] PEOPLE = {0, 1, 0, 0};

  private static final float[][] CONTEXTS = {{1, 0}, {5, 5}, {0, 3}, {0, 2}};

  private final Philox random = new Philox(1, Philox.Purpose.OTHER_IMAGE, 0);

  @Test
  void theSameIsTheFacesOwn() {
    ContextSource.Choice choice = ContextSource.SAME.among(CONTEXTS, PEOPLE);
    for (int face = 0; face < PEOPLE.length; face++) {
      assertSame(CONTEXTS[face], choice.of(face, random));
    }
  }

  @Test
  void anotherIsAnyOtherImageOfThePerson() {
    ContextSource.Choice choice = ContextSource.OTHER.among(CONTEXTS, PEOPLE);
    assertSame(CONTEXTS[1], choice.of(1, random));
    for (int face : new int[] {0, 2, 3}) {
      Set<float[]> drawn = new HashSet<>();
      for (int i = 0; i < 50; i++) {
        drawn.add(choice.of(face, random));
      }
      Set<float[]> others = new HashSet<>(Set.of(CONTEXTS[0], CONTEXTS[2], CONTEXTS[3]));
      others.remove(CONTEXTS[face]);
      assertEquals(others, drawn);
    }
  }

  @Test
  void theMeanIsOfUnitVectorsAndAsLongAsTheyAre() {
    ContextSource.Choice choice = ContextSource.MEAN.among(CONTEXTS, PEOPLE);
    assertSame(CONTEXTS[1], choice.of(1, random));
    double length = 2 / Math.sqrt(5); // mean length 2, direction (1, 2)
    for (int face : new int[] {0, 2, 3}) {
      float[] mean = {(float) length, (float) (2 * length)};
      assertArrayEquals(mean, choice.of(face, random), 1e-6f);
    }
  }
}
