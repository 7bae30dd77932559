package dev.fizzy.alignment.mtcnn;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ImageToTensor;
import java.util.function.BiFunction;

/** One of the three networks with its weights, planned for a batch of 8-bit images. */
final class Network implements AutoCloseable {
  private final Parameters parameters;
  private final Program program;
  private final Tensor input;
  private final Tensor output;
  private final float[] values;
  private long nanos;

  /**
   * @param network records the network on images [batch, height, width, 3] in [-1, 1]
   */
  Network(
      Device device,
      MtcnnWeights weights,
      BiFunction<Graph, Tensor, Tensor> network,
      int batch,
      int height,
      int width) {
    Graph g = new Graph(DType.F32);
    input = g.input("image", DType.U8, Stage.EVALUATION, batch, height, width, 3);
    Tensor y = network.apply(g, ImageToTensor.of(input, DType.F32));
    output = g.output(Cast.of(y, DType.F32));
    values = new float[Math.toIntExact(output.elements())];
    parameters = new Parameters(device, g.parameters(), Region.VALUES);
    weights.fill(parameters);
    program = new Program(g, device, parameters);
  }

  /** Bytes of one image. */
  int imageBytes() {
    return Math.toIntExact(input.elements() / input.dim(0));
  }

  int batch() {
    return input.dim(0);
  }

  /** Number of output values for one image. */
  int outputs() {
    return values.length / batch();
  }

  /** The output's width: its second to last dimension. */
  int outputColumns() {
    return output.dim(-2);
  }

  /**
   * Runs on a full batch; the result is valid until the next run.
   *
   * @param images [batch, height, width, 3]
   */
  float[] run(byte[] images) {
    long begin = System.nanoTime();
    program.write(input, images);
    program.run(Stage.EVALUATION);
    program.read(output, values);
    nanos += System.nanoTime() - begin;
    return values;
  }

  /** Nanoseconds spent in {@link #run} so far. */
  long nanos() {
    return nanos;
  }

  @Override
  public void close() {
    program.close();
    parameters.close();
  }
}
