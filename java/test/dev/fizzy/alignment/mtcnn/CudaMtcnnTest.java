package dev.fizzy.alignment.mtcnn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.alignment.Detection;
import dev.fizzy.alignment.Photo;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.cuda.OnCuda;
import dev.fizzy.image.Rgb;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The faces of a photo are the CPU's. */
@OnCuda
class CudaMtcnnTest {
  private static final MtcnnOptions OPTIONS = new MtcnnOptions(20, new double[] {.6, .3, .3});

  @Test
  void findsTheSameFaces() {
    List<Photo> photos = List.of(new Photo("a", new Rgb(40, 30, MtcnnTest.noise(3 * 40 * 30, 1))));
    List<Detection> expected = detect(Devices.CPU, photos);
    List<Detection> found = detect(Devices.CUDA, photos);
    assertTrue(!expected.isEmpty(), "the random networks see no face, so nothing was compared");
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      assertEquals(expected.get(i).score(), found.get(i).score(), 1e-4);
      assertArrayEquals(expected.get(i).points().xy(), found.get(i).points().xy(), .01);
    }
  }

  private static List<Detection> detect(String device, List<Photo> photos) {
    try (Mtcnn mtcnn = Mtcnn.open(device, MtcnnTest.random(), OPTIONS)) {
      return mtcnn.detect(photos).get(0);
    }
  }
}
