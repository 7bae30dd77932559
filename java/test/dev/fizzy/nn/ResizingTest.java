package dev.fizzy.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.image.Resampler;
import dev.fizzy.image.Rgb;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizingTest {
  /** The same pixels as the resizing of images, up to its rounding. */
  @ParameterizedTest
  @CsvSource({"16, 28", "28, 16", "7, 7"})
  void itIsTheResizingOfImages(int from, int to) {
    byte[] pixels = new byte[3 * from * from];
    new Random(4).nextBytes(pixels);
    Rgb expected = Resampler.resize(new Rgb(from, from, pixels), to, to);
    float[] values = new float[2 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      values[pixels.length + i] = pixels[i] & 255; // the second image of the batch
    }
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, from, from, 3);
    Tensor y = Resizing.of(x, to, "r");
    if (from == to) {
      assertSame(x, y);
      return;
    }
    g.output(y);
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES);
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(3); // constants stay
      assertEquals(0, parameters.count());
      program.write(x, values);
      program.run();
      float[] found = program.read(y);
      int image = found.length / 2;
      for (int i = 0; i < image; i++) {
        assertEquals(0, found[i]);
        assertEquals(expected.pixels()[i] & 255, found[image + i], .5001);
      }
      assertTrue(image == 3 * to * to);
    }
  }
}
