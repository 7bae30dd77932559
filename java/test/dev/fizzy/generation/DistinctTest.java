package dev.fizzy.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.EngineException;
import org.junit.jupiter.api.Test;

class DistinctTest {
  private static final int[] ROWS = {4, 0, 4, 1, 5, 0};

  private static void refused(Distinct distinct, int[] rows, byte[] pixels, String beginning) {
    String message =
        assertThrows(EngineException.class, () -> distinct.require(rows, pixels, rows.length / 2))
            .getMessage();
    assertEquals(beginning, message.substring(0, beginning.length()));
  }

  @Test
  void equalPicturesOfDifferentNoiseAreRefused() {
    refused(new Distinct(), ROWS, new byte[9], "image 1 of identity 4 is image 0 of identity 4 ");
    byte[] pixels = {1, 2, 3, 1, 2, 4, 1, 2, 4};
    refused(new Distinct(), ROWS, pixels, "image 0 of identity 5 is image 1 of identity 4 ");
    Distinct distinct = new Distinct();
    distinct.require(ROWS, pixels, 2);
    refused(distinct, new int[] {5, 0}, new byte[] {1, 2, 4}, "image 0 of identity 5 is image 1");
  }

  @Test
  void differentOnesAndTheSameOnceMoreAreNot() {
    byte[] pixels = {1, 2, 3, 1, 2, 4, 1, 2, 3};
    Distinct distinct = new Distinct();
    distinct.require(ROWS, pixels, 3);
    distinct.require(new int[] {5, 0, 5, 0}, new byte[] {1, 2, 3, 1, 2, 3}, 2);
    distinct.require(ROWS, new byte[9], 1); // what is behind fills a short batch
  }
}
