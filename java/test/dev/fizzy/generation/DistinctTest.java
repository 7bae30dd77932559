package dev.fizzy.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.EngineException;
import dev.fizzy.image.Rgb;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DistinctTest {
  private static final List<FaceSampler.Face> FACES = List.of(face(4, 0), face(4, 1), face(5, 0));

  private static FaceSampler.Face face(int identity, int image) {
    return new FaceSampler.Face(new float[1], identity, image);
  }

  /** Images of one pixel, whose blue is given. */
  private static List<Rgb> images(int... blue) {
    List<Rgb> images = new ArrayList<>();
    for (int b : blue) {
      images.add(new Rgb(1, 1, new byte[] {1, 2, (byte) b}));
    }
    return images;
  }

  private static void refused(
      Distinct distinct, List<FaceSampler.Face> faces, List<Rgb> images, String beginning) {
    String message =
        assertThrows(EngineException.class, () -> distinct.require(faces, images)).getMessage();
    assertEquals(beginning, message.substring(0, beginning.length()));
  }

  @Test
  void equalImagesOfDifferentNoiseAreRefused() {
    refused(new Distinct(), FACES, images(0, 0, 0), "image 1 of identity 4 is image 0 of ");
    refused(new Distinct(), FACES, images(3, 4, 4), "image 0 of identity 5 is image 1 of ");
    Distinct distinct = new Distinct();
    distinct.require(FACES.subList(0, 2), images(3, 4));
    refused(distinct, FACES.subList(2, 3), images(4), "image 0 of identity 5 is image 1 of ");
  }

  @Test
  void differentOnesAndTheSameOnceMoreAreNot() {
    Distinct distinct = new Distinct();
    distinct.require(FACES, images(3, 4, 3));
    distinct.require(List.of(face(5, 0), face(5, 0)), images(3, 3));
  }
}
