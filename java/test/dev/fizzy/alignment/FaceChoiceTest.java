package dev.fizzy.alignment;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.junit.jupiter.api.Test;

class FaceChoiceTest {
  private static Detection face(double x, double y, double side) {
    return new Detection(new Box(x, y, x + side, y + side), .9, ArcFaceTemplate.of(112));
  }

  @Test
  void largestAndCentral() {
    Detection large = face(0, 0, 60);
    Detection middle = face(80, 80, 40);
    List<Detection> faces = List.of(large, middle);
    assertSame(large, FaceChoice.LARGEST.of(faces, 200, 200));
    assertSame(middle, FaceChoice.CENTRAL.of(faces, 200, 200));
    assertNull(FaceChoice.CENTRAL.of(List.of(), 200, 200));
  }

  @Test
  void ofEqualsTheFirst() {
    Detection first = face(10, 10, 20);
    assertSame(first, FaceChoice.LARGEST.of(List.of(first, face(90, 90, 20)), 200, 200));
  }
}
