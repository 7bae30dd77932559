package dev.fizzy.identity;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.RecognizerFile;
import java.util.Arrays;
import java.util.List;

/** A recognizer trained by Fizzy as a program of fixed batch: faces to vectors. Not thread-safe. */
public final class Recognizer implements AutoCloseable {
  private final Program program;
  private final Tensor image;
  private final Tensor vectors;
  private final byte[] buffer;

  /**
   * @param parameters the network's parameters by name; others are ignored
   */
  public Recognizer(
      Device device, IResNetConfig config, Parameters parameters, int batch, DType type) {
    Graph g = new Graph(type);
    int s = config.size();
    image = g.input("image", DType.U8, Stage.EVALUATION, batch, s, s, 3);
    IResNet network = new IResNet(g, config, IResNet.Mode.FOLDED);
    vectors = g.output(network.embed(ImageToTensor.of(image, type)));
    program = new Program(new Plan(g, device), device, parameters, Region.VALUES);
    buffer = new byte[Math.toIntExact(image.elements())];
  }

  /** The network's parameters. */
  static List<Parameter> parameters(IResNetConfig config) {
    Graph g = new Graph(DType.F32);
    int s = config.size();
    new IResNet(g, config, IResNet.Mode.INFERENCE)
        .embed(g.input("image", DType.F32, Stage.EVALUATION, 1, s, s, 3));
    return g.parameters();
  }

  /** Fills the network's parameters among others, such as a head's. */
  public static void fill(RecognizerFile file, Parameters parameters) {
    try (Parameters own =
        new Parameters(parameters.device(), parameters(file.config()), Region.VALUES)) {
      file.fill(own);
      parameters.copy(Region.VALUES, own, Region.VALUES);
    }
  }

  /** Loads changed parameters. */
  public void load() {
    program.load();
  }

  public int batch() {
    return image.dim(0);
  }

  public int width() {
    return vectors.dim(1);
  }

  /**
   * Vectors [faces, width], not normalized.
   *
   * @param faces at most a batch, RGB [S,S,3] each
   */
  public float[][] embed(List<byte[]> faces) {
    int bytes = buffer.length / batch();
    Arrays.fill(buffer, (byte) 0);
    for (int i = 0; i < faces.size(); i++) {
      System.arraycopy(faces.get(i), 0, buffer, i * bytes, bytes);
    }
    program.write(image, buffer);
    program.run(Stage.EVALUATION);
    float[] all = program.read(vectors);
    float[][] out = new float[faces.size()][];
    for (int i = 0; i < out.length; i++) {
      out[i] = Arrays.copyOfRange(all, i * width(), (i + 1) * width());
    }
    return out;
  }

  @Override
  public void close() {
    program.close();
  }
}
