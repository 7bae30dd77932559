package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.ImageToTensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;

/** Refuses a judge that did not make the contexts: its loss would draw faces to other people. */
public final class JudgeCheck {
  private static final int FACES = 16;

  /** Between the same face in two sizes there is .9, between vectors of two embedders 0. */
  private static final double LEAST = .5;

  private JudgeCheck() {}

  /**
   * Compares the judge's vectors of some faces with their contexts.
   *
   * @param size side of the faces in pixels
   * @param pixels of a face, RGB [S,S,3]
   * @param contexts of the faces
   */
  public static void agrees(
      Device device, Judge judge, int size, IntFunction<byte[]> pixels, float[][] contexts) {
    int width = contexts[0].length;
    int faces = Math.min(FACES, contexts.length);
    Graph graph = new Graph(DType.F32);
    Tensor images = graph.input("faces", DType.U8, Stage.EVALUATION, faces, size, size, 3);
    Tensor vectors = graph.output(judge.embed(ImageToTensor.of(images, DType.F32)));
    int bytes = 3 * size * size;
    byte[] all = new byte[faces * bytes];
    for (int i = 0; i < faces; i++) {
      System.arraycopy(pixels.apply(i), 0, all, i * bytes, bytes);
    }
    try (Parameters parameters = new Parameters(device, graph.parameters(), Region.VALUES)) {
      judge.fill(parameters);
      try (Program program = new Program(graph, device, parameters)) {
        program.write(images, all);
        program.run();
        float[] found = program.read(vectors);
        double[] cosines = new double[faces];
        for (int i = 0; i < faces; i++) {
          float[] vector = Arrays.copyOfRange(found, i * width, (i + 1) * width);
          cosines[i] = Vectors.cosine(vector, contexts[i]);
        }
        Arrays.sort(cosines);
        if (!(cosines[faces / 2] >= LEAST)) {
          throw new EngineException(
              String.format(
                  Locale.ROOT,
                  "the contexts are not the judge's vectors of the faces: the median cosine of the"
                      + " first %d is %.2f; make them with `fizzy embed --embedder` and the judge",
                  faces,
                  cosines[faces / 2]));
        }
      }
    }
  }
}
