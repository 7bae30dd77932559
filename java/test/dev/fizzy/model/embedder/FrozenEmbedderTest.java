package dev.fizzy.model.embedder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faces in a graph, compared with faces that are prepared as images. */
class FrozenEmbedderTest {
  @TempDir Path folder;

  /** An embedder whose vector is its input. */
  private FrozenEmbedder embedder(int height, int width, Preset preset) throws IOException {
    Path file = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, height, width);
    return FrozenEmbedder.open(file, preset, null, "judge");
  }

  private static Rgb face(int side) {
    byte[] pixels = new byte[3 * side * side];
    new Random(side).nextBytes(pixels);
    return new Rgb(side, side, pixels);
  }

  private static float[] values(Rgb face) {
    float[] values = new float[face.pixels().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (face.pixels()[i] & 255) / 127.5f - 1;
    }
    return values;
  }

  @Test
  void facesAreResizedAndCutAsImagesAre() throws IOException {
    Preset[] presets = {
      new Preset("wide", 12, 12, true, 127, 128),
      new Preset("narrow", 10, 12, false, 127.5f, 128),
      new Preset("low", 12, 8, false, 127.5f, 127.5f)
    };
    for (Preset preset : presets) {
      FrozenEmbedder embedder = embedder(preset.height(), preset.width(), preset);
      for (int side : new int[] {12, 20, 7}) {
        float[] wanted = preset.input(face(side), false);
        // Images are rounded to bytes after they are resized.
        float tolerance = side == 12 ? 1e-6f : .5001f / preset.divisor();
        assertArrayEquals(wanted, embed(embedder, face(side)), tolerance, preset + " " + side);
      }
    }
  }

  private static float[] embed(FrozenEmbedder embedder, Rgb face) {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, face.width(), face.width(), 3);
    Tensor y = g.output(embedder.infer(x));
    try (Device device = Devices.cpu();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      embedder.fill(parameters);
      try (Program program = new Program(g, device, parameters)) {
        program.write(x, values(face));
        program.run();
        return program.read(y);
      }
    }
  }

  /** The vector is linear in the face, so the loss is a parabola. */
  @Test
  void gradientsPassThroughThePreparation() throws IOException {
    FrozenEmbedder embedder = embedder(12, 10, new Preset("narrow", 10, 12, true, 127, 128));
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, 20, 20, 3);
    Tensor y = embedder.embed(x);
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, y.shape());
    Tensor loss = g.output(Loss.mse(y, target));
    g.backward(loss, x);
    try (Device device = Devices.cpu();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      embedder.fill(parameters);
      try (Program program = new Program(g, device, parameters)) {
        float[] values = values(face(20));
        program.write(target, new float[embedder.width()]);
        program.write(x, values);
        program.run();
        float[] gradient = program.read(g.gradientOf(x));
        for (int i : new int[] {0, 3 * (20 * 9 + 8), 3 * (20 * 12 + 11) + 2}) {
          double[] sides = new double[2];
          for (int side = 0; side < 2; side++) {
            float[] moved = values.clone();
            moved[i] += side == 0 ? -.5f : .5f;
            program.write(x, moved);
            program.run();
            sides[side] = program.read(loss)[0];
          }
          assertEquals(sides[1] - sides[0], gradient[i], 1e-5, "value " + i);
          assertTrue(i == 0 || Math.abs(gradient[i]) > 1e-4, "value " + i + " does not matter");
        }
      }
    }
  }

  @Test
  void refusesWhatIsNoSquare() throws IOException {
    FrozenEmbedder embedder = embedder(12, 12, null);
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, 12, 10, 3);
    String message = assertThrows(FileException.class, () -> embedder.embed(x)).getMessage();
    assertTrue(message.contains("takes faces [B,S,S,3], not x[1x12x10x3]"), message);
  }
}
