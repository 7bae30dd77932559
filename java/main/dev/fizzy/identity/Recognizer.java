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
import dev.fizzy.engine.Workers;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.RecognizerFile;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** An embedder as a program of fixed batch: faces to vectors. Not thread-safe. */
public final class Recognizer implements Workers.Network<Recognizer> {
  private final Program program;
  private final Recording recording;
  private final byte[] buffer;

  /** A network recorded from bytes [B,S,S,3] to vectors f32 [B,W]. */
  record Recording(Graph graph, Tensor image, Tensor vectors) {
    /**
     * @param network from faces [B,S,S,3] in [-1,1] to vectors
     */
    static Recording of(int side, int batch, DType type, UnaryOperator<Tensor> network) {
      Graph g = new Graph(type);
      Tensor image = g.input("image", DType.U8, Stage.EVALUATION, batch, side, side, 3);
      return new Recording(g, image, g.output(network.apply(ImageToTensor.of(image, type))));
    }
  }

  /**
   * @param parameters the network's parameters by name; others are ignored
   */
  public Recognizer(
      Device device, IResNetConfig config, Parameters parameters, int batch, DType type) {
    this(
        device,
        Recording.of(
            config.size(),
            batch,
            type,
            faces -> new IResNet(faces.graph(), config, IResNet.Mode.FOLDED).embed(faces)),
        parameters);
  }

  Recognizer(Device device, Recording recording, Parameters parameters) {
    this.recording = recording;
    program = new Program(new Plan(recording.graph(), device), device, parameters, Region.VALUES);
    buffer = new byte[Math.toIntExact(recording.image().elements())];
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

  private Recognizer(Recognizer first) {
    recording = first.recording;
    program = first.program.twin();
    buffer = new byte[first.buffer.length];
  }

  @Override
  public Recognizer twin() {
    return new Recognizer(this);
  }

  @Override
  public long activationBytes() {
    return program.activationBytes();
  }

  /** Loads changed parameters, while no twin embeds. */
  public void load() {
    program.load();
  }

  public int batch() {
    return recording.image().dim(0);
  }

  public int width() {
    return recording.vectors().dim(1);
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
    program.write(recording.image(), buffer);
    program.run(Stage.EVALUATION);
    float[] all = program.read(recording.vectors());
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
